// Verified once is not verified for ever: what changes between the answer of the store and the open session is noticed.
import type { Client } from "aedes";
import { pino } from "pino";
import { expect, test } from "vitest";
import { HOUR_MS, SECOND_MS } from "#devices/time";
import type { DeviceContext } from "#store";
import { Authenticator } from "./authenticate.ts";
import { Counts } from "./counts.ts";
import { Credentials } from "./credentials.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { LockOut } from "./lock-out.ts";
import { Session, Sessions } from "./session.ts";

const device: DeviceContext = {
  id: 17,
  buildingId: 1,
  profile: "senml",
  expectedIntervalS: null,
  timezone: "Europe/Brussels",
  parentId: null,
};

const RETRY_MS = SECOND_MS;

function setUp() {
  let nowMs = 0;
  let found: DeviceContext | undefined = device;
  let isAway = false;
  const time = { now: () => nowMs };
  const sessions = new Sessions();
  const credentials = new Credentials(
    async (claims) => {
      if (isAway) throw new Error("connection terminated");
      return claims.map(() => found);
    },
    time,
    DEFAULT_LIMITS,
  );
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line) => void logged.push(JSON.parse(line)) });
  const authenticator = new Authenticator({
    credentials,
    sessions,
    lockOut: new LockOut(),
    rates: { admitsConnect: () => true },
    counts: new Counts(),
    limits: DEFAULT_LIMITS,
    time,
    log,
    isBusy: () => false,
  });
  const closed: Client[] = [];
  const connect = async (validToMs?: number, username = "17", clientId = "a") => {
    const client = { id: "x", close: () => void closed.push(client) } as unknown as Client;
    const certificate =
      validToMs === undefined ? undefined : { fault: undefined, commonName: "17", validFromMs: 0, validToMs };
    authenticator.meet(client, { address: "192.0.2.1", certificate });
    authenticator.prepare(client, {
      cmd: "connect",
      clientId,
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
    });
    await new Promise((resolve) =>
      authenticator.authenticate(client, username, Buffer.from("secret"), (error) => resolve(error)),
    );
    return { client, session: sessions.of(client) };
  };
  /** One that is open and says nothing. */
  const open = (endsAtMs = Number.POSITIVE_INFINITY) => {
    const client = { close: () => void closed.push(client) } as unknown as Client;
    const shown = { proof: { kind: "certificate", validFromMs: 0 }, endsAtMs, epoch: 0 } as const;
    const session = new Session(client, device, "x", shown, nowMs);
    sessions.open(session);
    return session;
  };
  return {
    authenticator,
    logged,
    open,
    storeIsAway: (value: boolean) => void (isAway = value),
    now: () => nowMs,
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

test("a change of access that the store did not answer is looked at again after a second, before all that is routine", async () => {
  const { authenticator, open, closed, change, storeIsAway, wait, now } = setUp();
  for (let others = 0; others < 100; others++) open();
  wait(2 * DEFAULT_LIMITS.reverifyAfterMs);
  const session = open();
  storeIsAway(true);
  authenticator.accessChanged(17);
  await settled();
  storeIsAway(false);
  change(undefined);
  authenticator.reverifyWhenDue(session, now());
  await settled();
  expect(closed).toEqual([]);
  wait(RETRY_MS);
  authenticator.reverifyIdle(now());
  await settled();
  expect(closed).toContain(session.client);
});

test("a verification that failed is tried again after a second, one that succeeded after a minute", async () => {
  const { authenticator, open, storeIsAway, wait, now } = setUp();
  const session = open();
  storeIsAway(true);
  wait(DEFAULT_LIMITS.reverifyAfterMs);
  authenticator.reverifyWhenDue(session, now());
  await settled();
  storeIsAway(false);
  const failedAtMs = now();
  wait(RETRY_MS - 1);
  authenticator.reverifyWhenDue(session, now());
  await settled();
  expect(session.verifiedAtMs).toBe(failedAtMs);
  for (const [waitMs, isVerified] of [
    [1, true],
    [RETRY_MS, false],
    [DEFAULT_LIMITS.reverifyAfterMs, true],
  ] as const) {
    wait(waitMs);
    authenticator.reverifyWhenDue(session, now());
    await settled();
    expect(session.verifiedAtMs === now(), `after ${waitMs} ms`).toBe(isVerified);
  }
});

test("of thousands that are silent each is verified within a minute of being due, a fiftieth at a time", async () => {
  const { authenticator, open, wait, now } = setUp();
  const all = Array.from({ length: 7000 }, () => open());
  wait(DEFAULT_LIMITS.reverifyAfterMs);
  const dueAtMs = now();
  for (let look = 0; look < 51; look++) {
    authenticator.reverifyIdle(now());
    if (look === 0) expect(all.filter((session) => session.verifying)).toHaveLength(140);
    await new Promise((resolve) => setTimeout(resolve));
    wait(SECOND_MS);
  }
  await settled();
  expect(all.filter((session) => session.verifiedAtMs < dueAtMs)).toEqual([]);
});

test("a look goes on where the last one stopped: while the store is away all are tried in turn, not the first again", async () => {
  const { authenticator, open, storeIsAway, wait, now } = setUp();
  const all = Array.from({ length: 200 }, () => open());
  storeIsAway(true);
  wait(DEFAULT_LIMITS.reverifyAfterMs);
  for (let look = 0; look < 3; look++) {
    authenticator.reverifyIdle(now());
    await settled();
    wait(RETRY_MS);
  }
  expect(all.filter((session) => session.unsure)).toHaveLength(12);
});

test("all whose certificate has ended are closed at one look", () => {
  const { authenticator, open, closed, wait, now } = setUp();
  for (let count = 0; count < 500; count++) open(10 * SECOND_MS);
  wait(10 * SECOND_MS);
  authenticator.reverifyIdle(now());
  authenticator.reverifyIdle(now());
  expect(closed).toHaveLength(500);
});

test("a clock that is set back makes a verification due", async () => {
  const { authenticator, open, closed, change, wait, now } = setUp();
  const session = open();
  change(undefined);
  wait(-HOUR_MS);
  authenticator.reverifyIdle(now());
  await settled();
  expect(closed).toEqual([session.client]);
});

test("who is refused again and again is a line a second in the log, and a short one", async () => {
  const { connect, logged, wait } = setUp();
  const [username, clientId] = ["u".repeat(15_000), "c".repeat(15_000)];
  for (let attempt = 0; attempt < 10; attempt++) await connect(undefined, username, clientId);
  await connect(undefined, "");
  wait(SECOND_MS);
  await connect(undefined, username, clientId);
  const short = { username: `${"u".repeat(32)}…`, clientId: `${"c".repeat(32)}…`, reason: "malformed" };
  expect(logged).toMatchObject([short, { ...short, unwritten: 10 }]);
  expect(logged[0]).not.toHaveProperty("unwritten");
});
