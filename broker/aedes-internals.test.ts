// The versions whose private members are touched are the ones that are installed, and no other is accepted; and what can
// be asked of a member without a socket.
import { Duplex, PassThrough } from "node:stream";
import { Aedes, type Client } from "aedes";
import { writeToStream } from "mqtt-packet";
import { expect, test } from "vitest";
import { gateReads, keepHandshakesSmall, rememberLengths, requireKnownAedes } from "./aedes-internals.ts";

const known = { version: "1.2.0" } as unknown as Aedes;

test("the installed parser is the known one", () => {
  expect(() => requireKnownAedes(known)).not.toThrow();
});

test.each([
  ["aedes", { version: "1.2.1" }, "9.0.2", "aedes 1.2.0, but 1.2.1"],
  ["its parser", { version: "1.2.0" }, "9.0.3", "mqtt-packet 9.0.2, but 9.0.3"],
])("another version of %s is refused by name", (_, aedes, parser, sentence) => {
  expect(() => requireKnownAedes(aedes as unknown as Aedes, parser)).toThrow(sentence);
});

test("of a publish of QoS 2 its id alone is kept until PUBREL", async () => {
  const aedes = await Aedes.createBroker();
  keepHandshakesSmall(aedes);
  const { persistence } = aedes as unknown as {
    persistence: Record<string, (client: Client, packet: object) => Promise<object>>;
  };
  const client = { id: "sender" } as unknown as Client;
  const packet = { messageId: 7, qos: 2, topic: "long", payload: Buffer.alloc(200_000) };
  await persistence["incomingStorePacket"]?.(client, packet);
  const kept = await persistence["incomingGetPacket"]?.(client, packet);
  expect(kept).toMatchObject({ messageId: 7, topic: undefined, payload: Buffer.alloc(0) });
  await persistence["incomingDelPacket"]?.(client, packet);
  await expect(persistence["incomingGetPacket"]?.(client, packet)).rejects.toThrow("no such packet");
  await new Promise<void>((closed) => aedes.close(closed));
});

test("the writer's memory of lengths lies in few blocks, whatever is allocated between them", async () => {
  rememberLengths();
  const chunks: Buffer[] = [];
  const written = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => done(void chunks.push(chunk)),
  });
  const fillsBlocks = [];
  for (let bytes = 200; bytes < 16_000; bytes += 100) {
    const packet = { cmd: "publish", topic: "x", qos: 0, retain: false, dup: false } as const;
    writeToStream({ ...packet, payload: Buffer.alloc(bytes) }, written);
    fillsBlocks.push(Buffer.allocUnsafe(10_000), Buffer.allocUnsafe(20_000), Buffer.allocUnsafe(30_000));
  }
  await new Promise(setImmediate);
  // First byte, length, length of the topic, topic, payload.
  const lengths = chunks.filter((_, at) => at % 5 === 1);
  expect(lengths).toHaveLength(158);
  expect(lengths[0]).toEqual(Buffer.from([(203 % 128) | 128, 1]));
  expect(new Set(lengths.map(({ buffer }) => buffer)).size).toBeLessThan(10);
});

test("of a connection no more is read than there is room for, and the rest stays in it", () => {
  const connection = new PassThrough();
  let room = 5;
  gateReads(connection, () => room);
  const read = connection.read.bind(connection) as unknown as (bytes: null) => unknown;
  connection.write("first ");
  connection.write("second");
  expect(String(read(null))).toBe("first");
  room = 0;
  expect(read(null)).toBeNull();
  room = Infinity;
  expect(String(read(null))).toBe(" second");
});
