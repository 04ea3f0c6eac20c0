// What a client can make the broker keep, or do, is bounded: unknown ones, fragments, handshakes and packets that carry
// no message.
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ingest } from "#ingest";
import { connected, encoded, packet, publishBytes } from "./conformance/test-wire.ts";
import { LOOPBACK, openClient, openSite, RawClient, type Site } from "./test-site.ts";

const KIB = 1024;
const HOUR_MS = 3_600_000;
const BINARY = 0x02;
const CONTINUATION = 0x00;

const topics: string[] = [];
/** Commits at once: this is about what goes in. */
const INGEST: Pick<Ingest, "accept" | "pressure"> = {
  accept: ({ topic }, done) => {
    topics.push(topic);
    done();
  },
  pressure: () => ({ unacknowledgedBytes: 0, oldestMs: 0 }),
};

let site: Site;
beforeAll(async () => {
  site = await openSite({
    ingest: INGEST,
    config: { ...LOOPBACK, MQTT_WS_PORT: 0 },
    limits: {
      connectWithinMs: HOUR_MS,
      authenticateWithinMs: HOUR_MS,
      deviceControlRateMax: 40,
      deviceControlBurst: 20,
    },
  });
});
afterAll(() => site.close());

const slowed = async (): Promise<number> =>
  Number(/^koprogo_mqtt_slowed_total (\d+)/m.exec(await site.broker.metrics())?.[1]);

/** A WebSocket by hand, upgraded. */
async function upgraded(): Promise<{ socket: Socket; closed: Promise<unknown> }> {
  const socket = connect(Number(new URL(site.broker.urls.ws ?? "").port), "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => socket.destroy());
  const key = randomBytes(16).toString("base64");
  socket.write(
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once("data", resolve));
  socket.resume();
  return { socket, closed };
}

/** A frame that announces `announced` bytes and brings `body`, masked with zeros; never the last one of its message. */
function frame(opcode: number, body: Buffer, announced = body.length): Buffer {
  const head = Buffer.alloc(14);
  head[0] = opcode;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(announced), 2);
  return Buffer.concat([head, body]);
}

test("an unknown WebSocket that brings one byte in each of many frames is closed", async () => {
  const { socket, closed } = await upgraded();
  const byte = Buffer.alloc(1);
  const rest = Array.from({ length: 65 }, () => frame(CONTINUATION, byte));
  socket.write(Buffer.concat([frame(BINARY, byte), ...rest]));
  await closed;
});

test("an unknown WebSocket may keep no more than a CONNECT in the memory, however its message is cut", async () => {
  for (const announced of [250 * KIB, 20 * KIB]) {
    const { socket, closed } = await upgraded();
    socket.write(frame(BINARY, Buffer.alloc(announced - 1), announced));
    await closed;
  }
});

test("a WebSocket that is known may bring a large message", async () => {
  const port = Number(new URL(site.broker.urls.ws ?? "").port);
  const client = await openClient(port, site.meter, { protocol: "ws" });
  await client.publishAsync("large", Buffer.alloc(200 * KIB), { qos: 1 });
  await client.publishAsync("large", Buffer.alloc(200 * KIB), { qos: 1 });
  await client.endAsync();
});

test("what comes behind a CONNECT waits in the socket until that is answered, and is lost in no case", async () => {
  const holder = await site.pool.connect();
  await holder.query("begin");
  await holder.query("lock table device_credential in access exclusive mode");
  const client = new RawClient(site.port);
  client.connect(site.stranger);
  // More packets at once than aedes keeps for a client that it does not know yet: read, they would close the connection.
  const count = 60;
  for (let id = 1; id <= count; id++) client.write(publishBytes("early", id, "x".repeat(600)));
  await new Promise((resolve) => setTimeout(resolve, 300));
  await holder.query("rollback");
  holder.release();
  expect(await client.take("connack")).toMatchObject({ returnCode: 0 });
  for (let id = 1; id <= count; id++) expect(await client.take("puback")).toMatchObject({ messageId: id });
  client.socket.destroy();
});

test("packets that carry no message are read at a rate of their own, in order and with what stands between them", async () => {
  const before = await slowed();
  const client = await connected(site, { clientId: "control" });
  topics.length = 0;
  // 20 at once, 40 a second: two seconds for the other 80.
  const count = 100;
  const startMs = performance.now();
  client.write(
    Buffer.concat(
      Array.from({ length: count }, (_, index) => [
        encoded({ cmd: "unsubscribe", messageId: index + 1, unsubscriptions: ["a"] }),
        publishBytes(`t/${index}`, index + 1, "x"),
      ]).flat(),
    ),
  );
  // Another device waits for nothing meanwhile.
  const other = await connected(site, { clientId: "other" }, site.stranger);
  other.write({ cmd: "pingreq" });
  await other.take("pingresp");
  expect(client.packets.length).toBeLessThan(count);
  for (let id = 1; id <= count; id++) {
    expect(await client.take("unsuback")).toMatchObject({ messageId: id });
    expect(await client.take("puback")).toMatchObject({ messageId: id });
  }
  expect(performance.now() - startMs).toBeGreaterThan(1000);
  expect(topics).toEqual(Array.from({ length: count }, (_, index) => `t/${index}`));
  expect(await slowed()).toBeGreaterThan(before);
  client.socket.destroy();
  other.socket.destroy();
});

test("what waits unread when its client hangs up is read all the same, up to its end", async () => {
  const client = await connected(site, { clientId: "hangs up" }, site.stranger);
  topics.length = 0;
  const ping = packet(0xc0);
  client.socket.end(Buffer.concat([...Array.from({ length: 60 }, () => ping), publishBytes("last", 1, "x")]));
  await client.closed;
  expect(topics).toEqual(["last"]);
});

test("a burst of QoS 2 from a client that waits for nothing is taken in", async () => {
  const client = await openClient(site.port, site.meter, { clientId: "burst" });
  await Promise.all(
    Array.from({ length: 500 }, (_, index) => client.publishAsync("burst", String(index), { qos: 2 })),
  );
  await client.endAsync();
});
