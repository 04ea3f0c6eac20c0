// Draws what a device might send: messages of every family as they should be, damaged ones, and texts made to exhaust a parser.
import type { SpokenMessage } from "#devices/profiles/play-messages";
import { PROFILE_IDS, type ProfileId } from "#devices/vocabulary";
import { readGolden, type Golden } from "../golden-messages.ts";
import type { Random } from "../world/random.ts";
import { mutate, pick, randomBytes } from "./mutate.ts";

/** The golden messages of every family that has some: what damage starts from. */
export type Corpus = ReadonlyMap<ProfileId, readonly Golden[]>;

export function readCorpus(): Corpus {
  return new Map(PROFILE_IDS.map((profile) => [profile, readGolden(profile)]));
}

/** `topic` undefined: any. */
export type DrawnMessage = {
  readonly topic: string | undefined;
  readonly payload: Buffer;
  /** What the device said before it, as it should be: births, descriptions, serial numbers. */
  readonly before: readonly SpokenMessage[];
};

const NUMBERS = [
  "0",
  "-0",
  "1.5",
  "1e999",
  "-1e999",
  "1e-999",
  "9".repeat(3000),
  `0.${"0".repeat(3000)}1`,
  "9007199254740993",
  "1E+5",
  "1.",
  ".5",
  "01",
  "-",
];
const UNITS = ["W", "Wh", "kWh", "J", "m3", "l", "Cel", "V", "A", "", "parsecs", "__proto__"];
const NAMES = [
  "power",
  "energy",
  "gas-volume",
  "toString",
  "__proto__",
  "",
  "x".repeat(300),
  "é",
  "\\ud800",
  "\\u0000",
];
const TIMES = [
  "0",
  "-1",
  "1e18",
  "1790000000",
  "1790000000.123456789",
  "4e9",
  "-4e9",
  "null",
  '"now"',
  "268435456",
];

/** A SenML pack of its grammar, each part possibly hostile. */
function drawSenml(random: Random): Buffer {
  const fields: (() => string)[] = [
    () => `"n":"${pick(NAMES, random)}"`,
    () => `"u":"${pick(UNITS, random)}"`,
    () => `"v":${pick(NUMBERS, random)}`,
    () => `"s":${pick(NUMBERS, random)}`,
    () => `"t":${pick(TIMES, random)}`,
    () => `"bt":${pick(TIMES, random)}`,
    () => `"bn":"${pick(NAMES, random)}"`,
    () => `"bv":${pick(NUMBERS, random)}`,
    () => `"bver":${random.below(20)}`,
    () => `"vs":"${pick(NAMES, random)}"`,
    () => `"vb":${pick(["true", "false", "1"], random)}`,
    () => `"x_":${pick(NUMBERS, random)}`,
  ];
  const records = Array.from(
    { length: random.below(2) === 0 ? 1 : random.below(40) },
    () => `{${Array.from({ length: random.below(6) }, () => pick(fields, random)()).join(",")}}`,
  );
  return Buffer.from(`[${records.join(",")}]`);
}

/** A telegram of lines, each possibly hostile. */
function drawTelegram(random: Random): Buffer {
  const lines: (() => string)[] = [
    () =>
      `1-0:${random.below(300)}.${random.below(100)}.${random.below(5)}(${pick(NUMBERS, random)}*${pick(UNITS, random)})`,
    () => `0-0:1.0.0(${random.below(1e6)}${random.below(1e6)}${pick(["W", "S", "", "X"], random)})`,
    () =>
      `0-${random.below(5)}:24.2.1(${pick(["260101000000W", "632525252525W", "9".repeat(12)], random)})(${pick(NUMBERS, random)}*m3)`,
    () => "(".repeat(random.below(500)),
    () => `0-0:96.1.1(${"30".repeat(random.below(200))})`,
  ];
  const body = Array.from({ length: random.below(60) }, () => pick(lines, random)()).join("\r\n");
  return Buffer.from(`/KPG5\r\n\r\n${body}\r\n!${pick(["", "0000", "FFFF"], random)}\r\n`, "latin1");
}

/** Open brackets of JSON, of telegrams and of CBOR. */
function drawBomb(random: Random): Buffer {
  const open = pick(["[", '{"a":', '[{"n":', "((", '[[{"v":1},', "\x81", "\x9f", "\xa1\x00"], random);
  const text = open.repeat(random.below(20_000));
  return Buffer.from(text, "latin1").subarray(0, 60_000);
}

/** One message; `profile` says whose golden messages it may be made of, on whose topics it mostly comes. */
export function drawMessage(corpus: Corpus, profile: ProfileId, random: Random): DrawnMessage {
  const { messages = [] } = drawGolden(corpus, profile, random) ?? {};
  const at = random.below(Math.max(1, messages.length));
  const golden = messages[at];
  return {
    topic: random.below(4) === 0 ? undefined : golden?.topic,
    payload: drawPayload(golden?.payload, random),
    before: messages.slice(0, at),
  };
}

function drawGolden(corpus: Corpus, profile: ProfileId, random: Random): Golden | undefined {
  const goldens = corpus.get(profile) ?? [];
  return goldens.length === 0 ? undefined : pick(goldens, random);
}

function drawPayload(golden: Uint8Array | undefined, random: Random): Buffer {
  const whole = Buffer.from(golden ?? randomBytes(random.below(300), random));
  switch (random.below(8)) {
    case 0:
      return randomBytes(random.below(300), random);
    case 1:
      return drawBomb(random);
    case 2:
      return drawSenml(random);
    case 3:
      return mutate(drawSenml(random), random);
    case 4:
      return random.below(2) === 0 ? drawTelegram(random) : mutate(drawTelegram(random), random);
    case 5:
      return whole;
    default:
      return mutate(whole, random);
  }
}
