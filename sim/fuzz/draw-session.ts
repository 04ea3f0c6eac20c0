// Draws what one connection writes: packets by their grammar, possibly damaged, cut into segments anywhere.
import { generate, type Packet } from "mqtt-packet";
import { publishFault } from "#devices/topic";
import type { ProfileId } from "#devices/vocabulary";
import type { Random } from "../world/random.ts";
import { drawMessage, type Corpus } from "./draw-payload.ts";
import { mutate, pick, randomBytes } from "./mutate.ts";

export type DrawnSession = {
  /** Whether a CONNECT with the right secret goes before and is answered first. */
  readonly authenticated: boolean;
  /** The message of its will, on the topic `WILL_TOPIC`. */
  readonly will: Buffer | undefined;
  /** Everything that is written then. */
  readonly bytes: Buffer;
  /** Whether all of it is as the standard wants it, so that all of it must be answered. */
  readonly wellFormed: boolean;
  /** Where the writes are cut. */
  readonly cuts: readonly number[];
};

export const WILL_TOPIC = "fuzz/will";

const TOPICS = ["fuzz/a", "fuzz/b", "fuzz", "/", "fuzz//x", "$own/x", "é", "x".repeat(200), "a/".repeat(97)];
const HOSTILE_TOPICS = ["", "#", "a/+", "$SYS/x", "a\0b", "a/".repeat(200), "y".repeat(60_000)];
const FILTERS = ["#", "+/+", "fuzz/a", "fuzz/+", "nothing/#", "$share/g/x", "$SYS/#"];
const HOSTILE_FILTERS = ["", "a#", "#/a", "a/+b", "a\0", "a/".repeat(200)];
const PACKETS_MAX = 60;

/** `n` makes the messages of this session differ from those of every other. */
export function drawSession(corpus: Corpus, profile: ProfileId, n: number, random: Random): DrawnSession {
  const hostile = random.below(4) === 0;
  const damaged = random.below(2) === 0;
  const draw = { corpus, profile, n, random, hostile };
  const packets = Array.from({ length: 1 + random.below(PACKETS_MAX) }, () => drawPacket(draw));
  const whole = Buffer.concat(packets);
  const bytes = damaged ? mutateStream(whole, random) : whole;
  const authenticated = random.below(4) !== 0;
  return {
    authenticated,
    will: authenticated && random.below(3) === 0 ? Buffer.from(`will ${n}`) : undefined,
    bytes: authenticated ? bytes : withoutSecret(bytes, random),
    wellFormed: authenticated && !damaged && !hostile,
    cuts: drawCuts(bytes.length, random),
  };
}

type Draw = {
  readonly corpus: Corpus;
  readonly profile: ProfileId;
  readonly n: number;
  readonly random: Random;
  readonly hostile: boolean;
};

function drawPacket({ corpus, profile, n, random, hostile }: Draw): Buffer {
  const messageId = 1 + random.below(random.below(3) === 0 ? 65_535 : 5);
  const kind = random.below(hostile ? 22 : 20);
  if (kind < 11) {
    const qos = pick([0, 1, 1, 1, 2] as const, random);
    const any = pick(hostile && random.below(20) === 0 ? HOSTILE_TOPICS : TOPICS, random);
    // Most messages are told apart by their bytes, so that each must be found again.
    const drawn = drawMessage(corpus, profile, random);
    const own = random.below(2) === 0;
    // Golden messages have topics too that a broker does not let through.
    const said = own ? "" : (drawn.topic ?? "");
    const topic = publishFault(said) === undefined ? said : any;
    const payload = own
      ? reading(n, random)
      : Buffer.concat([drawn.payload, Buffer.from(` ${n}.${random.below(1e9)}`)]);
    return publish(topic, payload, qos, messageId, qos > 0 && random.below(4) === 0, random.below(8) === 0);
  }
  if (kind < 13) return encode({ cmd: "pubrel", messageId });
  if (kind < 15) return encode({ cmd: pick(["puback", "pubrec", "pubcomp"] as const, random), messageId });
  if (kind < 16) {
    const filters = hostile && random.below(10) === 0 ? HOSTILE_FILTERS : FILTERS;
    const subscriptions = Array.from({ length: 1 + random.below(3) }, () => ({
      topic: pick(filters, random),
      qos: pick([0, 1, 2] as const, random),
    }));
    return encode({ cmd: "subscribe", messageId, subscriptions });
  }
  if (kind < 17) return encode({ cmd: "unsubscribe", messageId, unsubscriptions: [pick(FILTERS, random)] });
  if (kind < 20) return encode({ cmd: "pingreq" });
  if (kind < 21) return encode({ cmd: "disconnect" });
  return random.below(2) === 0
    ? connect(random)
    : Buffer.concat([Buffer.from([random.below(256)]), randomBytes(random.below(20), random)]);
}

/** A reading that nobody else has told: its time is the session's, its value chance. */
function reading(n: number, random: Random): Buffer {
  const at = 1_767_225_600 + (n % 2_000_000) * 10 + random.below(10);
  return Buffer.from(`[{"n":"fuzz","u":"W","v":${random.below(1e9)},"t":${at}}]`);
}

/** By hand: the library refuses to write what must be tried. */
function publish(
  topic: string,
  payload: Buffer,
  qos: 0 | 1 | 2,
  messageId: number,
  dup: boolean,
  retain: boolean,
): Buffer {
  const name = Buffer.from(topic);
  const body = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 255]),
    name,
    qos === 0 ? Buffer.alloc(0) : Buffer.from([messageId >> 8, messageId & 255]),
    payload,
  ]);
  const first = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  const header = [first];
  for (let rest = body.length; ; rest >>= 7) {
    header.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    if (rest <= 0x7f) return Buffer.concat([Buffer.from(header), body]);
  }
}

function connect(random: Random): Buffer {
  return encode({
    cmd: "connect",
    clientId: pick(["fuzz", "", "x".repeat(5000)], random) || "made-up",
    protocolId: "MQTT",
    protocolVersion: 4,
    username: pick(["1", "nobody", "0", "99999999999999999999"], random),
    password: randomBytes(random.below(40), random),
    keepalive: random.below(65_536),
  });
}

/** What a stranger writes: a CONNECT that is refused or damaged, and whatever comes behind it. */
function withoutSecret(bytes: Buffer, random: Random): Buffer {
  const start = connect(random);
  switch (random.below(4)) {
    case 0:
      return bytes;
    case 1:
      return Buffer.concat([start, bytes]);
    case 2:
      return Buffer.concat([mutate(start, random), bytes]);
    default:
      return randomBytes(random.below(2000), random);
  }
}

/** Few damages for many packets: what comes before them must be answered all the same. */
function mutateStream(bytes: Buffer, random: Random): Buffer {
  const from = random.below(bytes.length + 1);
  const to = Math.min(bytes.length, from + 1 + random.below(100));
  return Buffer.concat([
    bytes.subarray(0, from),
    mutate(bytes.subarray(from, to), random),
    bytes.subarray(to),
  ]);
}

function drawCuts(length: number, random: Random): number[] {
  const count = pick([0, 0, 1, 2, 8], random);
  return Array.from({ length: count }, () => random.below(length + 1)).toSorted((one, other) => one - other);
}

const encode = (packet: Packet): Buffer => Buffer.from(generate(packet));
