// Damages bytes: flips, cuts, repeats, foreign pieces and the numbers at which programs break. Seeded, and bounded in growth.
import type { Random } from "../world/random.ts";

/** Nothing grows beyond this by damage, so that a run spends its time on many messages. */
const BYTES_MAX = 64 * 1024;
const RUN_MAX = 2000;

/** What breaks parsers: of JSON, of numbers, of telegrams and of names. */
const WORDS: readonly string[][] = [
  [
    "[",
    "{",
    "]",
    "}",
    '"',
    "\\u0000",
    "\\ud800",
    ":",
    ",",
    "null",
    "-",
    "e",
    "1e999",
    "-1e-400",
    "0x",
    "NaN",
  ],
  ["9".repeat(400), `0.${"0".repeat(300)}1`, "18446744073709551616", "9007199254740993", "-0", "1e-7"],
  ["/KPG5\r\n", "!", "!\r\n", "!0000\r\n", "(", ")(", "*kWh", "1-0:1.8.0(", "632525252525W", "\r\n", "\0"],
  ['"__proto__":', '"constructor":', '"bn":', '"bt":', '"t":', '"v":', '"s":', '"n":', "é", "\u{1F50C}"],
];
const PIECES: readonly Buffer[] = WORDS.flat().map((text) => Buffer.from(text));
const BYTE_PIECES: readonly Buffer[] = [
  "00",
  "ff",
  "7f",
  "80",
  "8000",
  "ffff",
  "ffffffff",
  "eda080",
  "c080",
  "efbbbf",
  "ffffff7f",
].map((hex) => Buffer.from(hex, "hex"));
const ALL_PIECES = [...PIECES, ...BYTE_PIECES];

type Damage = (bytes: Buffer, random: Random) => Buffer;

const at = (bytes: Buffer, random: Random): number => random.below(bytes.length + 1);
const spliced = (bytes: Buffer, from: number, to: number, ...pieces: Buffer[]): Buffer =>
  Buffer.concat([bytes.subarray(0, from), ...pieces, bytes.subarray(to)]);

const DAMAGES: readonly Damage[] = [
  // A bit.
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const place = random.below(Math.max(1, copy.length));
    const byte = copy[place];
    if (byte !== undefined) copy[place] = byte ^ (1 << random.below(8));
    return copy;
  },
  // A byte.
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
    return copy;
  },
  // A piece that breaks parsers, put in or written over.
  (bytes, random) => {
    const piece = pick(ALL_PIECES, random);
    const from = at(bytes, random);
    return spliced(bytes, from, from + (random.below(2) === 0 ? 0 : piece.length), piece);
  },
  // Something is missing.
  (bytes, random) => {
    const from = at(bytes, random);
    return spliced(bytes, from, from + 1 + random.below(1 + random.below(1 + bytes.length)));
  },
  // The end is missing.
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  // A stretch twice.
  (bytes, random) => {
    const from = at(bytes, random);
    return spliced(bytes, from, from, bytes.subarray(from, from + 1 + random.below(200)));
  },
  // A stretch elsewhere.
  (bytes, random) => {
    const from = at(bytes, random);
    const stretch = bytes.subarray(from, from + 1 + random.below(40));
    const to = at(bytes, random);
    return spliced(bytes, to, to + stretch.length, stretch);
  },
  // One piece many times: nesting, and runs that make quadratic work visible.
  (bytes, random) => {
    const from = at(bytes, random);
    const count = 1 + random.below(RUN_MAX);
    const run = Buffer.concat(Array.from({ length: count }, () => pick(PIECES.slice(0, 2), random)));
    return spliced(
      bytes,
      from,
      from,
      random.below(2) === 0 ? run : Buffer.alloc(count, pick(ALL_PIECES, random)),
    );
  },
  // Any bytes.
  (bytes, random) => {
    const from = at(bytes, random);
    return spliced(bytes, from, from, randomBytes(random.below(64), random));
  },
];

/** `bytes` with one to five damages. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let damaged = bytes;
  for (let count = 1 + random.below(5); count > 0; count -= 1)
    damaged = pick(DAMAGES, random)(damaged, random);
  return damaged.subarray(0, BYTES_MAX);
}

export function randomBytes(length: number, random: Random): Buffer {
  const bytes = Buffer.alloc(length);
  for (let place = 0; place < length; place += 1) bytes[place] = random.below(256);
  return bytes;
}

export function pick<T>(choices: readonly T[], random: Random): T {
  const chosen = choices[random.below(choices.length)];
  if (chosen === undefined) throw new Error("nothing to choose from");
  return chosen;
}
