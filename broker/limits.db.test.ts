// The limits: whoever goes beyond one is cut off alone, and no byte of what is too large is kept.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openClient, openSite, RawClient, senml, type Site } from "./test-site.ts";

const CONNECT = 0x10;
const PUBLISH_QOS1 = 0x32;
const MIB = 1024 * 1024;

let site: Site;
beforeAll(async () => {
  site = await openSite({ limits: { connectWithinMs: 300, connectionCountMax: 3, keepAliveMaxS: 1 } });
});
afterAll(() => site.close());

/** A fixed header that announces `length` bytes. */
function announce(type: number, length: number): Buffer {
  const bytes = [type];
  for (let rest = length; ; rest >>= 7) {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    if (rest <= 0x7f) return Buffer.from(bytes);
  }
}

async function connected(clientId: string): Promise<RawClient> {
  const client = new RawClient(site.port);
  client.connect(site.meter, { clientId });
  expect(await client.take("connack")).toMatchObject({ returnCode: 0 });
  return client;
}

test("200 MB announced before CONNECT closes the connection at the header", async () => {
  const client = new RawClient(site.port);
  client.write(announce(CONNECT, 200 * MIB));
  await client.closed;
  expect(client.packets).toEqual([]);
});

test("200 MB announced after CONNECT closes the connection at the header", async () => {
  const client = await connected("large");
  client.write(announce(PUBLISH_QOS1, 200 * MIB));
  await client.closed;
  expect(await site.broker.metrics()).toContain("koprogo_mqtt_packets_too_large_total 2");
});

test("a payload of 1 MiB closes the connection, one of 900 KB is stored", async () => {
  const client = await openClient(site.port, site.meter, { clientId: "big" });
  const ended = new Promise((resolve) => client.once("close", () => resolve(undefined)));
  client.publish("big", Buffer.alloc(MIB), { qos: 1 }, () => undefined);
  await ended;
  const other = await openClient(site.port, site.meter, { clientId: "fits" });
  await other.publishAsync("big", Buffer.alloc(900_000, "x"), { qos: 1 });
  const { rows } = await site.pool.query<{ size: number }>(
    "select octet_length(payload) as size from quarantine where topic = 'big'",
  );
  expect(rows).toEqual([{ size: 900_000 }]);
  await other.endAsync();
});

test("a socket that says nothing is closed", async () => {
  const client = new RawClient(site.port);
  await client.closed;
  expect(client.packets).toEqual([]);
});

test("a keep-alive that is longer than the maximum, or none at all, is shortened to it", async () => {
  for (const keepalive of [0, 65_535]) {
    const client = new RawClient(site.port);
    client.connect(site.meter, { clientId: `idle ${keepalive}`, keepalive });
    await client.take("connack");
    const startedMs = performance.now();
    await client.closed;
    expect(performance.now() - startedMs).toBeLessThan(3000);
  }
});

test("one connection too many is told that the server is unavailable (3)", async () => {
  const clients = await Promise.all(["a", "b", "c"].map(connected));
  const client = new RawClient(site.port);
  client.connect(site.stranger);
  expect(await client.take("connack")).toMatchObject({ returnCode: 3 });
  for (const other of clients) other.socket.destroy();
  await Promise.all(clients.map((other) => other.closed));
});

test("malformed bytes end their own connection, and the broker lives", async () => {
  const attacks = [
    [0x00, 0x00],
    [0xf0, 0x00],
    [0x10, 0x00],
    [0x10, 0xff, 0xff, 0xff, 0xff],
    [0x32, 0x02, 0x00, 0x00],
    [0x32, 0x03, 0x00, 0x01, 0x61],
    [0x32, 0x04, 0x00, 0x02, 0x61, 0x61],
    [0x36, 0x07, 0x00, 0x01, 0x61, 0x00, 0x01, 0x00, 0x00],
    [0x82, 0x02, 0x00, 0x01],
    [0x82, 0x05, 0x00, 0x01, 0x00, 0x02, 0x61],
    [0xa2, 0x03, 0x00, 0x01, 0x00],
  ];
  for (const [index, bytes] of attacks.entries()) {
    for (const start of [
      () => Promise.resolve(new RawClient(site.port)),
      () => connected(`attack ${index}`),
    ]) {
      const client = await start();
      client.write(Buffer.from(bytes));
      client.socket.end();
      await client.closed;
    }
  }
  const client = await openClient(site.port, site.meter, { clientId: "after" });
  await client.publishAsync("t", senml("after", 1), { qos: 1 });
  await client.endAsync();
});
