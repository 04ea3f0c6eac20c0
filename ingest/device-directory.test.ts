// However many devices come at once, few calls make what they need, and what the store refuses of one is refused to it alone.
import { expect, test } from "vitest";
import type { RegisterSpec } from "#devices/reading";
import { systemTime } from "#devices/time";
import { MemoryDatabase, memoryStore } from "#memory-store";
import type { IngestStore } from "#store";
import { DeviceDirectory, type Need } from "./device-directory.ts";
import type { DeviceState } from "./device-state.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { registerSpec } from "./test-decoder.ts";

type Wire = { readonly before?: () => Promise<void> };

/** A directory on a store in memory, which counts how many devices each creation is for. */
function setUp({ before = () => Promise.resolve() }: Wire = {}) {
  const database = new MemoryDatabase(systemTime);
  const memory = memoryStore(database);
  const created: number[] = [];
  const store: IngestStore = {
    ...memory,
    createRegisters: async (needs, max) => {
      created.push(needs.length);
      await before();
      return memory.createRegisters(needs, max);
    },
  };
  const directory = new DeviceDirectory({
    store,
    limits: DEFAULT_LIMITS,
    retry: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const addDevice = (): DeviceState =>
    directory.of(database.directory.addDevice({ profile: "senml", supplyPointIds: [] }).id, 0);
  const fetch = (device: DeviceState, need: Need): Promise<unknown> =>
    new Promise((resolve) => directory.fetch(device, need, resolve));
  const specsOf = (device: DeviceState, ...names: readonly string[]): Promise<unknown> =>
    fetch(device, { what: "registers", specs: names.map((name) => registerSpec({ name })) });
  return { database, created, addDevice, fetch, specsOf };
}

const spec = (name: string): RegisterSpec => registerSpec({ name });

test("what a thousand devices need at once is made in two calls, and what they need next together again", async () => {
  const { created, addDevice, fetch, specsOf } = setUp();
  const devices = Array.from({ length: 1000 }, addDevice);
  await Promise.all(
    devices.map(async (device) => {
      await fetch(device, { what: "load" });
      expect(await specsOf(device, "a")).toBeUndefined();
    }),
  );
  expect(created).toEqual([500, 500]);
  for (const device of devices) expect(device.named(spec("a"))?.deviceId).toBe(device.id);
});

test("a device with more registers than are made at once has them made together", async () => {
  const { created, addDevice, specsOf } = setUp();
  const names = Array.from({ length: 600 }, (_, nth) => `register ${nth}`);
  const [many, few] = [addDevice(), addDevice()];
  await Promise.all([specsOf(many, ...names), specsOf(few, "a")]);
  expect(created).toEqual([1, 1]);
  expect([many.registerCount, few.registerCount]).toEqual([600, 1]);
});

test("what the store refuses is refused to the devices at fault, and made for all others", async () => {
  const { addDevice, specsOf, database } = setUp();
  const devices = Array.from({ length: 100 }, addDevice);
  const bad = new Set([7, 63, 64]);
  const refusals = await Promise.all(
    devices.map((device, nth) => specsOf(device, "a", bad.has(nth) ? "no\0text" : "b")),
  );
  expect(refusals.flatMap((refusal, nth) => (refusal === undefined ? [] : [nth]))).toEqual([...bad]);
  expect(database.directory.registers.size).toBe(2 * (devices.length - bad.size));
  for (const [nth, device] of devices.entries()) expect(device.registerCount).toBe(bad.has(nth) ? 0 : 2);
});

test("while the store is away the same is asked again, and nobody is refused", async () => {
  let failures = 3;
  const { created, addDevice, specsOf } = setUp({
    before: async () => {
      if (failures-- > 0) throw new Error("ECONNRESET");
    },
  });
  const devices = Array.from({ length: 5 }, addDevice);
  expect(await Promise.all(devices.map((device) => specsOf(device, "a")))).toEqual(
    devices.map(() => undefined),
  );
  expect(created).toEqual([5, 5, 5, 5]);
});

test("who is loaded does not wait for what is being made of others", async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const { addDevice, fetch, specsOf } = setUp({ before: () => held });
  const slow = specsOf(addDevice(), "a");
  await fetch(addDevice(), { what: "load" });
  release();
  await slow;
});
