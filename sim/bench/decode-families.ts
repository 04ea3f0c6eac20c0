// decode.<profile>: messages a second that one core decodes, beside JSON.parse of the same bytes, or a scan of them where they are no JSON.
import { FAMILIES } from "#devices/profiles/families";
import { playMessages, type SpokenMessage } from "#devices/profiles/play-messages";
import type { DecodeContext, Decoded } from "#devices/reading";
import { PROFILE_IDS, type ProfileId } from "#devices/vocabulary";
import { readGolden, type Golden } from "../golden-messages.ts";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";

/** The two take turns, so that what else the machine does slows both; the median turn counts. */
const TURNS = 15;
const TURN_MS = 12;
const WARM_UP_MS = 80;

const CONTEXT: Omit<DecodeContext, "topic"> = {
  receivedAtMs: Date.UTC(2026, 2, 1, 12),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

/** A family without a golden message that is read whole has no line. */
export function* benchDecodeFamilies(): Generator<BenchLine> {
  for (const profile of PROFILE_IDS) {
    const golden = richest(profile);
    if (golden === undefined) progress(`decode.${profile}: no golden message of it is read whole`);
    else yield benchFamily(profile, golden);
  }
}

/** The golden messages with the most values for each, of those that are read whole; JSON before bytes, where a family has both. */
function richest(profile: ProfileId): Golden | undefined {
  const all = readGolden(profile);
  const json = all.filter(({ messages }) => messages.every(isJson));
  return richestOf(profile, json) ?? richestOf(profile, all);
}

function richestOf(profile: ProfileId, goldens: readonly Golden[]): Golden | undefined {
  const rated = goldens.map((golden) => {
    const decoded = playMessages(FAMILIES[profile].decode, golden.messages, CONTEXT);
    const whole = decoded.every(({ rejections }) => rejections.length === 0);
    return { golden, values: whole ? valuesOf(decoded) / golden.messages.length : 0 };
  });
  const best = rated.filter(({ values }) => values > 0).sort((one, other) => other.values - one.values)[0];
  return best?.golden;
}

const valuesOf = (decoded: readonly Decoded[]): number =>
  decoded.reduce((sum, { observations }) => sum + observations.length, 0);

function benchFamily(profile: ProfileId, { name, messages }: Golden): BenchLine {
  const { decode } = FAMILIES[profile];
  const values = valuesOf(playMessages(decode, messages, CONTEXT));
  const facts = new Map<string, string>();
  const recent = new Map<string, unknown>();
  // As ingest decodes: what earlier messages said is known, and what is no news is not told again.
  const measured = (): void => {
    for (const { topic, payload } of messages) {
      const decoded = decode(payload, { ...CONTEXT, topic, facts, recent });
      if (decoded.facts !== undefined) for (const { key, value } of decoded.facts) facts.set(key, value);
    }
  };
  const json = messages.every(isJson);
  const reference = json ? parseAll(messages) : scanAll(messages);
  const [ours, theirs] = takeTurns(measured, reference);
  return benchLine({
    name: `decode.${profile}`,
    value: ours * messages.length,
    unit: "msg/s",
    reference: json ? "JSON.parse of the same bytes" : "a scan of the same bytes, one by one",
    referenceValue: theirs * messages.length,
    context: {
      golden: name,
      messages: messages.length,
      bytes: significant(messages.reduce((sum, { payload }) => sum + payload.length, 0) / messages.length),
      observations: significant(values / messages.length),
      per: "message, one core",
    },
  });
}

function isJson({ payload }: SpokenMessage): boolean {
  try {
    JSON.parse(textOf(payload));
    return true;
  } catch {
    return false;
  }
}

const textOf = (payload: Uint8Array): string =>
  Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("utf8");

/** What is read is looked at, or the compiler would leave it out. */
let seen = 0;

function parseAll(messages: readonly SpokenMessage[]): () => void {
  return () => {
    for (const { payload } of messages) if (JSON.parse(textOf(payload)) !== undefined) seen++;
  };
}

function scanAll(messages: readonly SpokenMessage[]): () => void {
  return () => {
    for (const { payload } of messages) for (let at = 0; at < payload.length; at++) seen ^= payload[at] ?? 0;
  };
}

/** Laps a second of each. */
function takeTurns(one: () => void, other: () => void): readonly [one: number, other: number] {
  lapsPerS(one, WARM_UP_MS);
  lapsPerS(other, WARM_UP_MS);
  const turns = Array.from(
    { length: TURNS },
    () => [lapsPerS(one, TURN_MS), lapsPerS(other, TURN_MS)] as const,
  );
  return [median(turns.map(([rate]) => rate)), median(turns.map(([, rate]) => rate))];
}

/** The clock is asked ten times in a turn, not after every lap of some hundred nanoseconds. */
const LOOKS = 10;

function lapsPerS(lap: () => void, forMs: number): number {
  let laps = 0;
  let atOnce = 1;
  const startedMs = performance.now();
  for (let tookMs = 0; ;) {
    for (let n = 0; n < atOnce; n++) lap();
    laps += atOnce;
    tookMs = performance.now() - startedMs;
    if (tookMs >= forMs) return laps / (tookMs / 1000);
    atOnce = Math.max(1, Math.floor((laps / tookMs) * (forMs / LOOKS)));
  }
}

function median(rates: readonly number[]): number {
  return rates.toSorted((one, other) => one - other)[Math.floor(rates.length / 2)] ?? 0;
}
