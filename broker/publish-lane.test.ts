// The short way of a publish: whatever packets come, in whatever pieces, what it takes and what it hands to the parser
// are together the bytes that came, in order; a close is the end, and no more than one packet is held back.
import { EventEmitter } from "node:events";
import type { Client } from "aedes";
import fc from "fast-check";
import { parser as createParser, type Packet } from "mqtt-packet";
import { expect, test } from "vitest";
import { TraceNumbers } from "#devices/trace";
import type { IngestMessage } from "#ingest";
import { divertBytes, guardPackets, guardParser } from "./aedes-internals.ts";
import { Counts } from "./counts.ts";
import { publishFault } from "./mount.ts";
import { packetFault, packetRefusal } from "./packet-fault.ts";
import { PublishIntake } from "./publish-intake.ts";
import { PublishLane } from "./publish-lane.ts";
import { Session } from "./session.ts";

/** Small, so that packets above it are tried too. */
const BYTES_MAX = 300;
const HEADER_BYTES_MAX = 5;
const PUBACK_BYTES = 4;

/** A packet as it is sent, and what becomes of it: told by the oracle of the long way, not by the lane. */
type Sent = {
  readonly bytes: Buffer;
  /** A whole publish of QoS 0 or 1 in which nothing is wrong; the lane may take it, or the parser reads it. */
  readonly publish: Taken | undefined;
  /** It closes the connection; `early`: before its end has come. */
  readonly closes: boolean;
  readonly early: boolean;
};

type Taken = Pick<IngestMessage, "topic" | "qos" | "retained"> & {
  readonly payload: string;
  readonly packetId: number;
};

/** How many bytes went which way, in order. */
type Step = { readonly way: "lane" | "parser"; readonly bytes: Buffer | undefined; readonly taken?: Taken };

function withLength(first: number, body: Uint8Array, lengthBytesMin = 1): Buffer {
  const header = [first];
  for (let rest = body.length; ; rest >>= 7) {
    const isLast = rest <= 0x7f && header.length >= lengthBytesMin;
    header.push((rest & 0x7f) | (isLast ? 0 : 0x80));
    if (isLast) break;
  }
  return Buffer.concat([Buffer.from(header), body]);
}

/** What the long way makes of a publish with these flags and this body. */
function sentPublish(flags: number, body: Buffer, lengthBytesMin?: number): Sent {
  const bytes = withLength(0x30 | flags, body, lengthBytesMin);
  if (body.length > BYTES_MAX) return { bytes, publish: undefined, closes: true, early: true };
  const qos = (flags >> 1) & 3;
  if (qos === 3) return { bytes, publish: undefined, closes: true, early: true };
  const header = { cmd: "publish", qos: qos as 0 | 1 | 2, dup: (flags & 8) !== 0 };
  if (packetFault(header, body) !== undefined)
    return { bytes, publish: undefined, closes: true, early: false };
  const topicEnd = 2 + body.readUInt16BE(0);
  const topic = body.toString("utf8", 2, topicEnd);
  if (publishFault(topic) !== undefined) return { bytes, publish: undefined, closes: true, early: false };
  if (qos === 2) return { bytes, publish: undefined, closes: false, early: false };
  const publish: Taken = {
    topic,
    qos: qos === 0 ? 0 : 1,
    retained: (flags & 1) !== 0,
    packetId: qos === 0 ? 0 : body.readUInt16BE(topicEnd),
    payload: body.toString("hex", topicEnd + (qos === 0 ? 0 : 2)),
  };
  return { bytes, publish, closes: false, early: false };
}

const fixed = (bytes: number[], closes: boolean, early = false): Sent => ({
  bytes: Buffer.from(bytes),
  publish: undefined,
  closes,
  early,
});

/** Publishes whose lengths are right, whatever their topic and id. */
const publishOf = (
  topic: fc.Arbitrary<string | Uint8Array>,
  packetId: fc.Arbitrary<number>,
): fc.Arbitrary<Sent> =>
  fc
    .record({
      topic,
      qos: fc.constantFrom(0, 1, 1, 1, 2),
      flags: fc.constantFrom(0, 1),
      dup: fc.boolean(),
      packetId,
      payload: fc.uint8Array({ maxLength: 200 }),
      lengthBytesMin: fc.constantFrom(1, 1, 1, 2, 4),
    })
    .map(({ topic, qos, flags, dup, packetId, payload, lengthBytesMin }) => {
      const text = Buffer.from(topic);
      const body = [Buffer.from([0, text.length]), text, payload];
      if (qos > 0) body.splice(2, 0, Buffer.from([packetId >> 8, packetId & 0xff]));
      return sentPublish(flags | (qos << 1) | (dup && qos > 0 ? 8 : 0), Buffer.concat(body), lengthBytesMin);
    });

const good = publishOf(
  fc.constantFrom("t", "tele/meter", "ü/x", "a/b/c"),
  fc.integer({ min: 1, max: 65_535 }),
);

/** Wildcards, NUL, ill-formed text, id 0. */
const spoilt = publishOf(
  fc
    .array(fc.constantFrom(0, 0x23, 0x2b, 0x2f, 0x61, 0xc3, 0xbc, 0xff), { maxLength: 3 })
    .map((bytes) => Uint8Array.from(bytes)),
  fc.constantFrom(0, 1),
);

/** Any flags and any few bytes, of those that mean something: lengths, letters, wildcards, NUL, ill-formed text. */
const odd = fc
  .tuple(
    fc.nat(15),
    fc.array(fc.constantFrom(0, 0, 1, 1, 2, 97, 98, 0x23, 0x2b, 0x2f, 0xff), { maxLength: 12 }),
  )
  .map(([flags, body]) => sentPublish(flags, Buffer.from(body)));

const tooLarge = fc
  .integer({ min: BYTES_MAX + 1, max: 3 * BYTES_MAX })
  .map((size) => sentPublish(2, Buffer.concat([Buffer.from([0, 1, 97, 0, 1]), Buffer.alloc(size - 5)])));

const other = fc.constantFrom(
  fixed([0xc0, 0x00], false), // PINGREQ
  fixed([0xc0, 0x80, 0x00], false), // with a zero in front of its length
  fixed([0x40, 0x02, 0x12, 0x34], false), // PUBACK
  fixed([0x62, 0x02, 0x00, 0x07], false), // PUBREL
  fixed([0x82, 0x06, 0x00, 0x01, 0x00, 0x01, 97, 0x01], false), // SUBSCRIBE
);

const bad = fc.constantFrom(
  fixed([0xf0, 0x00], true, true), // a reserved type
  fixed([0xc1, 0x00], true, true), // reserved flags
  fixed([0x32, 0x80, 0x80, 0x80, 0x80, 0x01], true, true), // a length of five bytes
  fixed([0x40, 0x02, 0x00, 0x00], true), // packet id 0
);

const packets = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: good },
    { weight: 4, arbitrary: other },
    { weight: 1, arbitrary: odd },
    { weight: 1, arbitrary: spoilt },
    { weight: 1, arbitrary: bad },
    { weight: 1, arbitrary: tooLarge },
  ),
  { maxLength: 25 },
);

/** Whether the parser may have the next packet, and what becomes of bytes that are given back. */
const GIVEN_NOTHING = { admits: () => true, back: (_bytes: Buffer): void => undefined };

/** As much of aedes' client as the broker's own files touch, around the real parser with the real guards. */
function connect(heard: () => boolean, onPacket: () => void, given = GIVEN_NOTHING) {
  const { admits } = given;
  const parser = createParser() as ReturnType<typeof createParser> & { _queue: Packet[] | null };
  const written: Buffer[] = [];
  const conn = Object.assign(new EventEmitter(), {
    destroyed: false,
    writable: true,
    write: (bytes: Buffer) => written.push(bytes) > 0,
    destroy: () => void (conn.destroyed = true),
    unshift: (bytes: Buffer) => given.back(bytes),
  });
  const client = Object.assign(new EventEmitter(), {
    conn,
    connackSent: false,
    _parser: parser,
    _keepaliveTimer: null,
  });
  parser._queue = [];
  parser.on("packet", (packet) => {
    if (packet.cmd === "publish" && publishFault(packet.topic) !== undefined) conn.destroy();
    onPacket();
  });
  parser.on("error", () => conn.destroy());
  client.on("error", () => conn.destroy());

  const steps: Step[] = [];
  const asClient = client as unknown as Client;
  guardParser(
    asClient,
    () => BYTES_MAX,
    (size) => new Error(`${size} bytes`),
  );
  guardPackets(asClient, packetRefusal);
  const parse = parser.parse.bind(parser);
  parser.parse = (bytes: Buffer) => {
    steps.push({ way: "parser", bytes: Buffer.from(bytes) });
    return parse(bytes);
  };
  const session = new Session(
    asClient,
    { id: 1, buildingId: 1 } as unknown as ConstructorParameters<typeof Session>[1],
    "meter",
    {
      proof: { kind: "secret", secretHash: Buffer.alloc(0) },
      endsAtMs: undefined,
      epoch: 0,
    } as unknown as Session["shown"],
    0,
  );
  const intake = new PublishIntake({
    ingest: {
      accept: ({ topic, payload, qos, retained }, done) => {
        // Its packet id is seen once it is answered.
        const taken = { topic, qos, retained, payload: payload.toString("hex"), packetId: 0 };
        steps.push({ way: "lane", bytes: undefined, taken });
        done();
      },
    },
    counts: new Counts(),
    time: { now: () => 0 },
    backlog: { bytes: 0 },
    gate: { isPressed: () => false },
    rates: { take: () => undefined },
    traces: new TraceNumbers(),
    instance: "test",
    log: { debug: () => undefined, isLevelEnabled: () => false },
    heard: () => undefined,
  });
  const lane = new PublishLane({
    client: asClient,
    session: () => (client.connackSent ? session : undefined),
    isHeard: heard,
    intake,
    rates: { admits, take: () => undefined, takeControl: () => undefined },
    packetBytesMax: BYTES_MAX,
  });
  divertBytes(asClient, (chunk) => lane.read(chunk));
  return {
    steps,
    conn,
    read: (chunk: Buffer) => void parser.parse(chunk),
    open: () => {
      client.connackSent = true;
      parser._queue = null;
    },
    acknowledged: (): number[] => {
      session.pubacks.flush();
      const all = Buffer.concat(written);
      return Array.from({ length: all.length / PUBACK_BYTES }, (_, index) =>
        all.readUInt16BE(index * PUBACK_BYTES + 2),
      );
    },
  };
}

/** The pieces of `whole`, cut at these places. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set([...places.map((place) => place % (whole.length + 1)), whole.length])].toSorted(
    (a, b) => a - b,
  );
  return ends
    .map((end, index) => whole.subarray(ends[index - 1] ?? 0, end))
    .filter(({ length }) => length > 0);
}

/**
 * Walks along the bytes that were sent: each step must continue where the one before ended, and be whole packets.
 * Answers how far they reach, and the ids of what the lane has to acknowledge.
 */
function follow(sent: readonly Sent[], steps: readonly Step[], openFrom: number) {
  const whole = Buffer.concat(sent.map(({ bytes }) => bytes));
  const starts = new Map<number, Sent>();
  let at = 0;
  for (const packet of sent) {
    starts.set(at, packet);
    at += packet.bytes.length;
  }
  const ids: number[] = [];
  let reached = 0;
  for (const { way, bytes, taken } of steps) {
    const packet = starts.get(reached);
    if (way === "lane") {
      expect(reached, "nothing is taken before the session is open").toBeGreaterThanOrEqual(openFrom);
      const publish = packet?.publish;
      expect(taken, `at byte ${reached}`).toEqual({ ...publish, packetId: 0 });
      if (publish?.qos === 1) ids.push(publish.packetId);
      reached += packet?.bytes.length ?? 0;
      continue;
    }
    const length = bytes?.length ?? 0;
    expect(bytes?.equals(whole.subarray(reached, reached + length)), `fed at byte ${reached}`).toBe(true);
    if (reached >= openFrom && packet !== undefined && !packet.early) {
      expect(length, `a whole packet at byte ${reached}`).toBe(packet.bytes.length);
    }
    reached += length;
  }
  return { reached, ids, starts };
}

test("what is taken and what is handed on are the bytes that came, in order, whole packets only, and nothing after a close", () => {
  const run = fc.record({
    sent: packets,
    places: fc.array(fc.nat(10_000), { maxLength: 40 }),
    /** Byte by byte instead. */
    drips: fc.boolean(),
    /** Before which chunk the session opens. */
    opensAt: fc.nat(6),
    /** By chunk: whether somebody listens, and all goes the long way. */
    heard: fc.array(fc.boolean(), { maxLength: 4 }),
    /** The next chunk comes while a packet is being handled. */
    nested: fc.boolean(),
    /** By packet for the parser: whether it has to wait for another read; then they are admitted. */
    admitted: fc.array(fc.boolean(), { maxLength: 12 }),
  });
  fc.assert(
    fc.property(run, ({ sent, places, drips, opensAt, heard, nested, admitted }) => {
      const whole = Buffer.concat(sent.map(({ bytes }) => bytes));
      const chunks = drips ? cut(whole, [...whole.keys()]) : cut(whole, places);
      let [next, readBytes, openFrom] = [0, 0, Infinity];
      const isHeard = (): boolean => heard[(next - 1) % heard.length] ?? false;
      const readNext = (): void => {
        const chunk = chunks[next];
        if (chunk === undefined || connection.conn.destroyed) return;
        if (next === opensAt) {
          connection.open();
          openFrom = readBytes;
        }
        next += 1;
        readBytes += chunk.length;
        connection.read(chunk);
      };
      const connection = connect(isHeard, () => nested && next > opensAt && readNext(), {
        admits: () => admitted.shift() ?? true,
        back: (bytes) => {
          chunks.splice(next, 0, bytes);
          readBytes -= bytes.length;
        },
      });
      while (next < chunks.length && !connection.conn.destroyed) {
        readNext();
        const { reached } = follow(sent, connection.steps, openFrom);
        const held = readBytes - reached;
        if (!connection.conn.destroyed) expect(held).toBeLessThanOrEqual(BYTES_MAX + HEADER_BYTES_MAX);
      }

      const { reached, ids, starts } = follow(sent, connection.steps, openFrom);
      expect(connection.acknowledged()).toEqual(ids);
      const closing = [...starts].find(([, packet]) => packet.closes);
      expect(connection.conn.destroyed).toBe(closing !== undefined);
      if (closing === undefined) {
        expect(reached).toBe(whole.length);
        return;
      }
      const [from, { bytes, early }] = closing;
      // Of one that is told from its header the rest was read with it, and goes nowhere.
      if (!early && from >= openFrom) expect(reached).toBe(from + bytes.length);
      connection.steps.length = 0;
      connection.read(Buffer.concat([Buffer.from(good0), Buffer.from(good0)]));
      expect(connection.steps).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

const good0 = [0x30, 0x04, 0x00, 0x01, 97, 98];

test("what nobody listens to is taken, and what somebody listens to is not", () => {
  for (const isHeard of [false, true]) {
    const { read, open, steps } = connect(
      () => isHeard,
      () => undefined,
    );
    open();
    read(Buffer.from([...good0, ...good0]));
    expect(steps.map(({ way }) => way)).toEqual(isHeard ? ["parser", "parser"] : ["lane", "lane"]);
  }
});

test("of a packet that never ends no more is held than it announced, whatever else it was read with", () => {
  const { read, open, steps, conn } = connect(
    () => false,
    () => undefined,
  );
  open();
  const endless = withLength(0x32, Buffer.alloc(BYTES_MAX)).subarray(0, -1);
  for (const byte of endless) read(Buffer.from([byte]));
  expect([steps, conn.destroyed]).toEqual([[], false]);
  // A byte more than may be announced ends it at once, before any of them has come.
  const other = connect(
    () => false,
    () => undefined,
  );
  other.open();
  other.read(withLength(0x32, Buffer.alloc(BYTES_MAX + 1)).subarray(0, 3));
  expect(other.conn.destroyed).toBe(true);
});
