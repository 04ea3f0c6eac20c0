// Who a device is: asked once for many, answered in order, asked again when it is old, and never given up.
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { DeviceContext } from "#store";
import { until } from "#testing";
import { DeviceLookup } from "./device-lookup.ts";
import { DEFAULT_UPSTREAM_LIMITS as LIMITS } from "./limits.ts";

const device = (id: number, profile: DeviceContext["profile"] = "senml"): DeviceContext => ({
  id,
  buildingId: 1,
  profile,
  expectedIntervalS: null,
  timezone: "Europe/Brussels",
  parentId: null,
});

/** A store that knows some devices, counts what it is asked, and may be away. */
class Store {
  readonly known = new Map<number, DeviceContext>();
  readonly asked: number[][] = [];
  away = false;

  readonly load = async (ids: readonly number[]): Promise<DeviceContext[]> => {
    this.asked.push([...ids]);
    await sleep(1);
    if (this.away) throw new Error("away");
    return ids.flatMap((id) => this.known.get(id) ?? []);
  };
}

const lookups: DeviceLookup[] = [];
afterEach(() => {
  for (const lookup of lookups.splice(0)) lookup.close();
});

function open(store: Store, limits: Partial<typeof LIMITS> = {}): DeviceLookup {
  const lookup = new DeviceLookup({
    load: store.load,
    limits: { ...LIMITS, ...limits },
    log: { warn: () => undefined },
  });
  lookups.push(lookup);
  return lookup;
}

const find = (lookup: DeviceLookup, id: number, nowMs: number): Promise<DeviceContext | undefined> =>
  new Promise((resolve) => lookup.find(id, nowMs, resolve));

test("every message is answered once, those of a device in their order, with one query for all that wait", async () => {
  const ids = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(ids, async (messages) => {
      const store = new Store();
      for (let id = 1; id <= 10; id++) store.known.set(id, device(id));
      const lookup = open(store);
      const answered: { id: number; place: number; found: number | undefined }[] = [];
      for (const [place, id] of messages.entries())
        lookup.find(id, 0, (found) => answered.push({ id, place, found: found?.id }));
      await until(() => answered.length === messages.length, "all are answered");
      for (const [id, own] of Map.groupBy(answered, (answer) => answer.id)) {
        expect(own.map(({ place }) => place)).toEqual(
          own.map(({ place }) => place).toSorted((a, b) => a - b),
        );
        expect(own.every(({ found }) => found === (id <= 10 ? id : undefined))).toBe(true);
      }
      expect(store.asked).toEqual([[...new Set(messages)]]);
    }),
    { numRuns: 20 },
  );
});

test("a device that is known is answered at once, and asked for again when it is old", async () => {
  const store = new Store();
  store.known.set(1, device(1));
  const lookup = open(store);
  expect(await find(lookup, 1, 0)).toEqual(device(1));
  store.known.set(1, device(1, "dsmr-p1"));
  let found: DeviceContext | undefined;
  lookup.find(1, LIMITS.deviceFreshMs, (answer) => (found = answer));
  expect(found).toEqual(device(1));
  await until(
    async () => (await find(lookup, 1, LIMITS.deviceFreshMs + 1))?.profile === "dsmr-p1",
    "it is new",
  );
  store.known.delete(1);
  await find(lookup, 1, 3 * LIMITS.deviceFreshMs);
  await until(async () => (await find(lookup, 1, 3 * LIMITS.deviceFreshMs)) === undefined, "it is gone");
});

test("a device that is registered later is known after a few seconds, and its message waits for the answer", async () => {
  const store = new Store();
  const lookup = open(store);
  expect(await find(lookup, 1, 0)).toBeUndefined();
  store.known.set(1, device(1));
  expect(await find(lookup, 1, LIMITS.unknownFreshMs - 1)).toBeUndefined();
  expect(store.asked).toHaveLength(1);
  expect(await find(lookup, 1, LIMITS.unknownFreshMs)).toEqual(device(1));
});

test("while the store is away who is known goes on and who is not waits, and then is answered", async () => {
  const store = new Store();
  store.known.set(1, device(1)).set(2, device(2));
  const lookup = open(store);
  await find(lookup, 1, 0);
  store.away = true;
  expect(await find(lookup, 1, LIMITS.deviceFreshMs)).toEqual(device(1));
  let second: DeviceContext | undefined;
  lookup.find(2, LIMITS.deviceFreshMs, (answer) => (second = answer));
  await until(() => store.asked.length > 3, "it is asked again and again");
  expect(second).toBeUndefined();
  store.away = false;
  await until(() => second !== undefined, "it is answered");
});

test("unknown identifiers are not remembered beyond a bound, nor silent devices for ever", async () => {
  const store = new Store();
  store.known.set(99, device(99));
  const lookup = open(store, { unknownCountMax: 3 });
  await find(lookup, 99, 0);
  for (let id = 1; id <= 10; id++) await find(lookup, id, 0);
  store.asked.length = 0;
  for (let id = 1; id <= 10; id++) await find(lookup, id, 1);
  // The first three are remembered as unknown.
  expect(store.asked).toHaveLength(7);
  lookup.evict(LIMITS.deviceIdleMs + 1);
  store.asked.length = 0;
  await find(lookup, 99, LIMITS.deviceIdleMs + 1);
  await find(lookup, 1, LIMITS.deviceIdleMs + 1);
  expect(store.asked).toEqual([[99], [1]]);
});
