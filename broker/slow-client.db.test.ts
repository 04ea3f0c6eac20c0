// A client that does not read costs nobody else anything: what is buffered for it is bounded, then it is disconnected.
import { afterEach, expect, test } from "vitest";
import type { Ingest } from "#ingest";
import type { BrokerLimits } from "./limits.ts";
import { openClient, openSite, RawClient, until, type Site } from "./test-site.ts";

const KIB = 1024;
const PAYLOAD = Buffer.alloc(100 * KIB, "x");
/** More than two sockets buffer in the kernel: 4 and 6 MiB at most on Linux. */
const MESSAGE_COUNT = 150;

/** Commits at once: this is about what goes out, not about what is stored. */
const INGEST: Pick<Ingest, "accept" | "pressure"> = {
  accept: (_message, done) => done(),
  pressure: () => ({ unacknowledgedBytes: 0, oldestMs: 0 }),
};

let site: Site;
afterEach(() => site.close());

async function openStuck(limits: Partial<BrokerLimits>): Promise<RawClient> {
  site = await openSite({ ingest: INGEST, limits });
  const stuck = new RawClient(site.port);
  stuck.connect(site.meter, { clientId: "stuck" });
  await stuck.take("connack");
  stuck.write({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "#", qos: 0 }] });
  await stuck.take("suback");
  stuck.socket.pause();
  return stuck;
}

const slowClients = async () =>
  Number(/koprogo_mqtt_slow_clients_total (\d+)/.exec(await site.broker.metrics())?.[1]);

test("too many bytes: it is dropped and counted, its publisher and other listeners go on as if it were not there", async () => {
  const stuck = await openStuck({ clientDrainWithinMs: 3_600_000 });
  const [talker, listener] = [
    await openClient(site.port, site.meter, { clientId: "talker" }),
    await openClient(site.port, site.meter, { clientId: "listener" }),
  ];
  let heard = 0;
  listener.on("message", () => heard++);
  await listener.subscribeAsync("#", { qos: 0 });
  for (let i = 0; i < MESSAGE_COUNT; i++) await talker.publishAsync("t", PAYLOAD, { qos: 1 });
  await until(() => heard === MESSAGE_COUNT, "the other listener heard everything");
  expect(await slowClients()).toBe(1);
  stuck.socket.resume();
  await stuck.closed;
  await talker.endAsync();
  await listener.endAsync();
});

test("a full socket for too long: it is dropped too, and meanwhile no message of another device waits", async () => {
  const stuck = await openStuck({ clientDrainWithinMs: 4000, clientBufferBytesMax: 1024 * 1024 * KIB });
  const talker = await openClient(site.port, site.meter, { clientId: "talker" });
  for (let i = 0; i < MESSAGE_COUNT; i++) await talker.publishAsync("t", PAYLOAD, { qos: 1 });
  const other = await openClient(site.port, site.stranger);
  let heard = 0;
  other.on("message", () => heard++);
  await other.subscribeAsync("#", { qos: 1 });
  for (let i = 0; i < 20; i++) await other.publishAsync("t", "[]", { qos: 1 });
  await until(() => heard === 20, "the other device heard its own");
  await until(async () => (await slowClients()) === 1, "the stuck one is dropped");
  stuck.socket.resume();
  await stuck.closed;
  await talker.endAsync();
  await other.endAsync();
});

test("a client that reads again in time keeps its connection and everything that was buffered", async () => {
  const stuck = await openStuck({ clientBufferBytesMax: 1024 * 1024 * KIB });
  const talker = await openClient(site.port, site.meter, { clientId: "talker" });
  for (let i = 0; i < MESSAGE_COUNT; i++) await talker.publishAsync("t", PAYLOAD, { qos: 1 });
  stuck.socket.resume();
  for (let i = 0; i < MESSAGE_COUNT; i++) await stuck.take("publish");
  stuck.write({ cmd: "pingreq" });
  await stuck.take("pingresp");
  expect(await slowClients()).toBe(0);
  stuck.socket.destroy();
  await talker.endAsync();
});
