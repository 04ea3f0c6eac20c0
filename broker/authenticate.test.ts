// Verified once is not verified for ever: what changes between the answer of the store and the open session is noticed.
import type { Client } from "aedes";
import { pino } from "pino";
import { expect, test } from "vitest";
import type { DeviceContext } from "#store";
import { Authenticator } from "./authenticate.ts";
import { Counts } from "./counts.ts";
import { Credentials } from "./credentials.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { LockOut } from "./lock-out.ts";
import { Sessions } from "./session.ts";

const device: DeviceContext = {
  id: 17,
  buildingId: 1,
  profile: "senml",
  expectedIntervalS: null,
  timezone: "Europe/Brussels",
  parentId: null,
};

function setUp() {
  let nowMs = 0;
  let found: DeviceContext | undefined = device;
  const time = { now: () => nowMs };
  const sessions = new Sessions();
  const credentials = new Credentials(async (claims) => claims.map(() => found), time, DEFAULT_LIMITS);
  const authenticator = new Authenticator({
    credentials,
    sessions,
    lockOut: new LockOut(),
    rates: { admitsConnect: () => true },
    counts: new Counts(),
    limits: DEFAULT_LIMITS,
    time,
    log: pino({ level: "silent" }),
    isBusy: () => false,
  });
  const closed: Client[] = [];
  const connect = async (validToMs?: number) => {
    const client = { id: "x", close: () => void closed.push(client) } as unknown as Client;
    const certificate =
      validToMs === undefined ? undefined : { fault: undefined, commonName: "17", validFromMs: 0, validToMs };
    authenticator.meet(client, { address: "192.0.2.1", certificate });
    authenticator.prepare(client, {
      cmd: "connect",
      clientId: "a",
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
    });
    await new Promise((resolve) =>
      authenticator.authenticate(client, "17", Buffer.from("secret"), (error) => resolve(error)),
    );
    return { client, session: sessions.of(client) };
  };
  return {
    authenticator,
    sessions,
    closed,
    connect,
    change: (next: DeviceContext | undefined) => void (found = next),
    wait: (ms: number) => void (nowMs += ms),
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 100));

test("a change of access closes the sessions that ended at once, and leaves the others with what is new of them", async () => {
  const { authenticator, sessions, closed, connect, change } = setUp();
  const { client, session } = await connect();
  if (session === undefined) throw new Error("not let in");
  sessions.open(session);
  change({ ...device, profile: "dsmr-p1" });
  authenticator.accessChanged(17);
  await settled();
  expect(session.device.profile).toBe("dsmr-p1");
  change(undefined);
  authenticator.accessChanged(18);
  await settled();
  expect(closed).toEqual([]);
  authenticator.accessChanged(17);
  await settled();
  expect(closed).toEqual([client]);
});

test("what is revoked between the store's answer and the CONNACK does not slip through", async () => {
  const { authenticator, sessions, closed, connect, change } = setUp();
  const { client, session } = await connect();
  if (session === undefined) throw new Error("not let in");
  change(undefined);
  authenticator.accessChanged(17);
  await settled();
  expect(closed).toEqual([]);
  sessions.open(session);
  authenticator.opened(session);
  await settled();
  expect(closed).toEqual([client]);
});

test("a session ends with its certificate, without a question to the store", async () => {
  const { authenticator, sessions, closed, connect, wait } = setUp();
  const { client, session } = await connect(90_000);
  if (session === undefined) throw new Error("not let in");
  sessions.open(session);
  wait(89_000);
  authenticator.reverifyIdle(89_000);
  await settled();
  expect(closed).toEqual([]);
  wait(61_000);
  authenticator.reverifyIdle(150_000);
  await settled();
  expect(closed).toEqual([client]);
});
