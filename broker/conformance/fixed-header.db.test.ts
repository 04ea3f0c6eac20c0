// MQTT 3.1.1, chapter 2: the fixed header, the remaining length and the packet id.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSite, RawClient, type Site } from "../test-site.ts";
import {
  answersPing,
  answersUntilClosed,
  bytes,
  connected,
  hang,
  packet,
  segment,
  timesKept,
} from "./test-wire.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite({ limits: { connectWithinMs: 60_000 } });
});
afterAll(() => site.close());

test.each([
  ["PUBACK", "41 02 00 01"],
  ["PUBREC", "58 02 00 01"],
  ["PUBREL without its flag", "60 02 00 01"],
  ["PUBREL", "63 02 00 01"],
  ["PUBCOMP", "72 02 00 01"],
  ["SUBSCRIBE without its flag", "80 06 00 01 00 01 'a' 00"],
  ["SUBSCRIBE", "8a 06 00 01 00 01 'a' 00"],
  ["UNSUBSCRIBE without its flag", "a0 05 00 01 00 01 'a'"],
  ["PINGREQ", "c1 00"],
  ["DISCONNECT", "e4 00"],
])("[MQTT-2.2.2-2] reserved flags of a %s close the connection", async (_, hex) => {
  expect(await answersUntilClosed(await connected(site), bytes(hex))).toEqual([]);
});

test("[MQTT-2.2.2-2] reserved flags of a CONNECT close the connection", async () => {
  const client = new RawClient(site.port);
  expect(await answersUntilClosed(client, bytes("11 10 00 04 'MQTT' 04 02 00 3c 00 04 'wire'"))).toEqual([]);
});

test.each([
  ["0, which is forbidden", "00 00"],
  ["15, which is reserved", "f0 00"],
  ["CONNACK", "20 02 00 00"],
  ["SUBACK", "90 03 00 01 00"],
  ["UNSUBACK", "b0 02 00 01"],
  ["PINGRESP", "d0 00"],
])("[MQTT-4.8.0-1] the packet type %s closes the connection, before CONNECT and after", async (_, hex) => {
  expect(await answersUntilClosed(new RawClient(site.port), bytes(hex))).toEqual([]);
  expect(await answersUntilClosed(await connected(site), bytes(hex))).toEqual([]);
});

test("[MQTT-3.3.1-4] both bits of the QoS set close the connection", async () => {
  const client = await connected(site);
  expect(await answersUntilClosed(client, bytes("36 06 00 01 'a' 00 01 'x'"))).toEqual([]);
});

test.each([
  ["five bytes", "32 80 80 80 80 01"],
  ["four bytes that want a fifth", "32 ff ff ff ff"],
  ["the largest number there is", "32 ff ff ff 7f"],
])(
  "[MQTT-4.8.0-1] a remaining length of %s closes the connection, before CONNECT and after",
  async (_, hex) => {
    const early = bytes(hex.replace("32", "10"));
    expect(await answersUntilClosed(new RawClient(site.port), early)).toEqual([]);
    expect(await answersUntilClosed(await connected(site), bytes(hex))).toEqual([]);
    const slow = await connected(site);
    for (const byte of bytes(hex)) {
      slow.write(Buffer.from([byte]));
      await segment();
    }
    await slow.closed;
    expect(slow.packets).toEqual([]);
  },
);

test("(2.2.3 does not forbid it) a remaining length with zeros in front is the number that it is", async () => {
  const client = await connected(site);
  client.write(
    bytes("c0 80 80 00"),
    bytes("32 88 00 00 03 'pad' 00 07 'x'"),
    bytes("32 88 80 80 00 00 03 'pad' 00 08 'x'"),
  );
  expect(await client.take("pingresp")).toBeDefined();
  expect(await client.take("puback")).toMatchObject({ messageId: 7 });
  expect(await client.take("puback")).toMatchObject({ messageId: 8 });
  await hang(client);
});

test("(2.2.3) a packet whose bytes never all come is waited for, and taken for nothing when the connection ends", async () => {
  const client = await connected(site);
  client.write(bytes("32 0e 00 05 'never' 00 01 'half'"));
  await segment();
  client.socket.end();
  await client.closed;
  expect(client.packets).toEqual([]);
  expect(await timesKept(site, "never")).toBe(0);
});

test.each([
  ["a topic beyond its end", "32 05 00 09 'short' 00 01"],
  ["a topic without both bytes of its length", "32 01 00"],
  ["no topic at all", "32 00"],
  ["an end before the packet id", "32 07 00 05 'short'"],
  ["an end within the packet id", "32 08 00 05 'short' 00"],
])(
  "[MQTT-4.8.0-1] a PUBLISH with %s closes the connection, and takes nothing from the next packet",
  async (_, hex) => {
    const next = bytes("32 0a 00 05 'short' 00 02 'x'");
    const client = await connected(site);
    // In one segment, and in one for each byte.
    expect(await answersUntilClosed(client, Buffer.concat([bytes(hex), next, next]))).toEqual([]);
    const slow = await connected(site);
    for (const byte of Buffer.concat([bytes(hex), next])) {
      slow.write(Buffer.from([byte]));
      await segment();
    }
    await slow.closed;
    expect(slow.packets).toEqual([]);
    expect(await timesKept(site, "short")).toBe(0);
  },
);

test.each([
  ["PUBLISH, QoS 1", "32 06 00 01 'z' 00 00 'x'"],
  ["PUBLISH, QoS 2", "34 06 00 01 'z' 00 00 'x'"],
  ["SUBSCRIBE", "82 06 00 00 00 01 'z' 00"],
  ["UNSUBSCRIBE", "a2 05 00 00 00 01 'z'"],
  ["PUBREL", "62 02 00 00"],
  ["PUBACK", "40 02 00 00"],
])("[MQTT-2.3.1-1] packet id 0 in a %s closes the connection", async (_, hex) => {
  expect(await answersUntilClosed(await connected(site), bytes(hex))).toEqual([]);
  expect(await timesKept(site, "z")).toBe(0);
});

test.each([
  ["PUBACK", "40 03 00 01 00"],
  ["PUBREC", "50 01 00"],
  ["PUBREL", "62 00"],
  ["PUBCOMP", "70 04 00 01 00 01"],
  ["PINGREQ", "c0 01 00"],
  ["DISCONNECT", "e0 02 00 00"],
])("[MQTT-4.8.0-1] a %s of another length than its own closes the connection", async (_, hex) => {
  expect(await answersUntilClosed(await connected(site), bytes(hex))).toEqual([]);
});

test("[MQTT-2.3.1-6] every packet id from 1 to 65535 comes back as it was", async () => {
  const client = await connected(site);
  const ids = [1, 127, 128, 255, 256, 32_767, 32_768, 65_535];
  for (const messageId of ids)
    client.write(packet(0x32, bytes("00 02 'id'"), Buffer.from([messageId >> 8, messageId & 255])));
  for (const messageId of ids) expect(await client.take("puback")).toMatchObject({ messageId });
  expect(await answersPing(client)).toBe(true);
  await hang(client);
});
