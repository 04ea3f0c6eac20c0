// Every packet that a correct client writes passes, and each thing that the standard forbids has its sentence.
import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { expect, test } from "vitest";
import { packetFault, packetRefusal, type PacketHeader } from "./packet-fault.ts";

const QUIET = { qos: 0, dup: false } as const;

/** The two parts of a packet of less than 128 bytes. */
function parts(packet: Packet): [PacketHeader, Buffer] {
  const bytes = Buffer.from(generate(packet));
  const lengthBytes = 1 + bytes.subarray(1).findIndex((byte) => byte < 0x80);
  const first = bytes[0] ?? 0;
  const qos = packet.cmd === "publish" ? packet.qos : 0;
  return [{ cmd: packet.cmd, qos, dup: (first & 8) !== 0 }, bytes.subarray(1 + lengthBytes)];
}

const text = fc.string({ unit: "grapheme", maxLength: 12 }).filter((value) => !value.includes("\0"));
const level = text.map((value) => value.replaceAll(/[+#/]/g, "x"));
const topic = fc
  .array(level, { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join("/"))
  .filter((value) => value !== "");
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("+")), { maxLength: 3 }), fc.constantFrom(["#"], ["x"], ["+"]))
  .map(([levels, last]) => [...levels, ...last].join("/"));
const messageId = fc.integer({ min: 1, max: 65_535 });
const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array));
const qos = fc.constantFrom<0 | 1 | 2>(0, 1, 2);

const packet = fc.oneof(
  fc.record({
    cmd: fc.constant("publish" as const),
    topic,
    payload: bytes,
    qos,
    messageId,
    retain: fc.boolean(),
    dup: fc.constant(false),
  }),
  fc.record({
    cmd: fc.constant("connect" as const),
    clientId: text.filter((value) => value !== ""),
    username: text,
    password: bytes,
    keepalive: fc.nat(65_535),
    protocolId: fc.constant("MQTT" as const),
    protocolVersion: fc.constant(4 as const),
    will: fc.option(fc.record({ topic, payload: bytes, qos, retain: fc.boolean() }), { nil: undefined }),
  }),
  fc.record({
    cmd: fc.constant("subscribe" as const),
    messageId,
    subscriptions: fc.array(fc.record({ topic: filter, qos }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    cmd: fc.constant("unsubscribe" as const),
    messageId,
    unsubscriptions: fc.array(filter, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    cmd: fc.constantFrom("puback", "pubrec", "pubrel", "pubcomp"),
    messageId,
  }) as fc.Arbitrary<Packet>,
  fc.constantFrom<Packet>({ cmd: "pingreq" }, { cmd: "disconnect" }),
) as fc.Arbitrary<Packet>;

test("whatever a correct client writes passes", () => {
  fc.assert(
    fc.property(packet, (written) => {
      expect(packetRefusal(...parts(written))).toBeUndefined();
    }),
  );
});

test("a packet that ends sooner than its fields do never passes, unless what is left out is payload", () => {
  fc.assert(
    fc.property(packet, fc.double({ min: 0, max: 0.999, noNaN: true }), (written, share) => {
      const [header, body] = parts(written);
      fc.pre(body.length > 0);
      const cut = body.subarray(0, Math.floor(share * body.length));
      const fieldsLength =
        written.cmd === "publish"
          ? 2 + Buffer.byteLength(written.topic) + (written.qos > 0 ? 2 : 0)
          : body.length;
      // Whole filters may be missing at the end.
      fc.pre(cut.length < fieldsLength && !written.cmd.endsWith("subscribe"));
      expect(packetFault(header, cut)).toBeDefined();
    }),
  );
});

test.each([
  ["subscribe", "00016100"],
  ["unsubscribe", "000161"],
])("more than 256 filters in one %s are refused", (cmd, hex) => {
  const filters = (count: number): Buffer => Buffer.from(`0001${hex.repeat(count)}`, "hex");
  expect(packetFault({ cmd, ...QUIET }, filters(256))).toBeUndefined();
  expect(packetFault({ cmd, ...QUIET }, filters(257))).toMatch(/more than 256 filters/);
});

test("arbitrary bytes never make it throw", () => {
  const cmd = fc.constantFrom(
    "connect",
    "publish",
    "subscribe",
    "unsubscribe",
    "puback",
    "pingreq",
    "suback",
  );
  fc.assert(
    fc.property(cmd, qos, fc.boolean(), bytes, (cmd, qos, dup, body) => {
      packetRefusal({ cmd, qos, dup }, body);
    }),
  );
});

test.each<[string, PacketHeader, string, RegExp]>([
  ["packet id 0", { cmd: "publish", qos: 1, dup: false }, "000161 0000", /MQTT-2.3.1-1/],
  ["an id that is not there", { cmd: "publish", qos: 1, dup: false }, "000161", /ends before its id/],
  ["NUL in a topic", { cmd: "publish", ...QUIET }, "00026100", /MQTT-1.5.3-2/],
  ["a lone surrogate in a topic", { cmd: "publish", ...QUIET }, "0003eda080", /MQTT-1.5.3-1/],
  ["DUP with QoS 0", { cmd: "publish", qos: 0, dup: true }, "000161", /MQTT-3.3.1-2/],
  ["no filter", { cmd: "subscribe", ...QUIET }, "0001", /MQTT-3.8.3-3/],
  ["a#", { cmd: "subscribe", ...QUIET }, "0001 0002 6123 00", /MQTT-4.7.1-2/],
  ["#/a", { cmd: "unsubscribe", ...QUIET }, "0001 0003 232f61", /MQTT-4.7.1-2/],
  ["a/+b", { cmd: "subscribe", ...QUIET }, "0001 0004 612f2b62 00", /MQTT-4.7.1-3/],
  ["an empty filter", { cmd: "subscribe", ...QUIET }, "0001 0000 00", /MQTT-4.7.3-1/],
  ["a PUBREL of three bytes", { cmd: "pubrel", ...QUIET }, "000100", /another length/],
  ["a PINGREQ with a byte", { cmd: "pingreq", ...QUIET }, "00", /not empty/],
  ["a SUBACK from a client", { cmd: "suback", ...QUIET }, "000100", /nothing that a client sends/],
])("%s is refused", (_, header, hex, sentence) => {
  expect(packetFault(header, Buffer.from(hex.replaceAll(" ", ""), "hex"))).toMatch(sentence);
});
