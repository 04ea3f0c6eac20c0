// Lock-out over real sockets: guessing is delayed more and more, and the device that is guessed at comes in all the same.
import { connect as connectSocket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LOCK_OUT_BOUNDS } from "./lock-out.ts";
import { createDevice, openSite, RawClient, type Site, type TestDevice } from "./test-site.ts";

let site: Site;
let nowMs = Date.UTC(2026, 0, 15);
beforeAll(async () => {
  site = await openSite({
    time: { now: () => nowMs },
    limits: {
      credentialCacheMs: 0,
      lookUpEveryMs: 1,
      lockOut: { ...LOCK_OUT_BOUNDS, addressFailuresMax: 5 },
    },
  });
});
afterAll(() => site.close());

/** The whole of 127/8 is this machine: enough addresses for a test. */
async function codeOf(device: Partial<TestDevice>, from = "127.0.0.1"): Promise<unknown> {
  const client = new RawClient(connectSocket({ port: site.port, host: "127.0.0.1", localAddress: from }));
  client.connect(device);
  const connack = await client.take("connack");
  client.socket.destroy();
  await client.closed;
  return "returnCode" in connack ? connack.returnCode : undefined;
}

async function metric(name: string): Promise<number> {
  const line = (await site.broker.metrics()).split("\n").find((text) => text.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}
const lookUps = () => metric("koprogo_mqtt_credential_lookups_total");
const locked = () => metric('koprogo_mqtt_connections_refused_total{reason="locked"}');

async function newDevice(): Promise<TestDevice> {
  const { rows } = await site.pool.query<{ building_id: number }>("select building_id from device limit 1");
  return createDevice(site.pool, rows[0]?.building_id ?? 0);
}

test("while it is locked out an address is refused (4) without a question to the store, for longer each time", async () => {
  const device = await newDevice();
  const wrong = { ...device, password: "guess" };
  const from = "127.0.1.1";
  for (let failure = 0; failure < 5; failure++) expect(await codeOf(wrong, from)).toBe(4);
  for (const delayMs of [1000, 2000, 4000, 8000]) {
    const before = await lookUps();
    expect(await codeOf(wrong, from)).toBe(4);
    expect(await codeOf(device, from)).toBe(4);
    nowMs += delayMs - 1;
    expect(await codeOf(device, from)).toBe(4);
    expect(await lookUps()).toBe(before);
    nowMs += 1;
    expect(await codeOf(wrong, from)).toBe(4);
    expect(await lookUps()).toBe(before + 1);
  }
  expect(await locked()).toBe(12);
  nowMs += 16_000;
  expect(await codeOf(device, from)).toBe(0);
  for (let failure = 0; failure < 4; failure++) expect(await codeOf(wrong, from)).toBe(4);
  expect(await codeOf(device, from)).toBe(0);
});

test("a device that is attacked from many addresses connects from where it was, and from where it never was", async () => {
  const victim = await newDevice();
  expect(await codeOf(victim, "127.0.2.1")).toBe(0);
  for (let host = 1; host <= 20; host++) {
    await codeOf({ ...victim, password: `guess ${host}` }, `127.0.3.${host}`);
    nowMs += 1000;
  }
  expect(await codeOf(victim, "127.0.2.1")).toBe(0);
  for (let host = 1; host <= 20; host++) {
    await codeOf({ ...victim, password: `guess ${host}` }, `127.0.4.${host}`);
    nowMs += 1000;
  }
  expect(await codeOf(victim, "127.0.2.2")).toBe(0);
});

test("the address of a guesser keeps the devices that came from there before", async () => {
  const [neighbour, unknown] = [await newDevice(), await newDevice()];
  const from = "127.0.5.1";
  expect(await codeOf(neighbour, from)).toBe(0);
  for (let id = 1; id <= 5; id++) await codeOf({ username: `200000000${id}`, password: "guess" }, from);
  expect(await codeOf(unknown, from)).toBe(4);
  expect(await codeOf(neighbour, from)).toBe(0);
  // The right secret of one that is known there clears the address for all.
  expect(await codeOf(unknown, from)).toBe(0);
});
