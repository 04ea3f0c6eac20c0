// Every decoder on drawn payloads: total, in proportion to the bytes, and nothing unprintable or unbounded comes out.
import { isDecimal } from "#devices/decimal";
import { decoderFor, recognise } from "#devices/profiles/index";
import type { SpokenMessage } from "#devices/profiles/play-messages";
import type { DecodeContext, Decoded } from "#devices/reading";
import { PROFILE_IDS, QUARANTINE_REASONS, type ProfileId } from "#devices/vocabulary";
import { createRandom, derive } from "../world/random.ts";
import { drawMessage, type Corpus } from "./draw-payload.ts";
import { pick } from "./mutate.ts";
import { saysSomething } from "./whole-in-itself.ts";

const CONTEXT: Omit<DecodeContext, "topic" | "facts" | "recent"> = {
  receivedAtMs: Date.UTC(2026, 10, 20, 12),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};
const TOPICS = [
  "telegram",
  "wmbusmeters/water",
  "tele/plug/SENSOR",
  "zigbee2mqtt/x",
  "a/../b",
  "x".repeat(2000),
];
const TEXT_MAX = 500;
const REJECTIONS_MAX = 100;
/** What the store takes of a fact, and more than any message has to tell. */
const FACT_KEY_MAX = 256;
const FACT_VALUE_MAX = 16_384;
const FACTS_MAX = 1000;
const REQUESTS_MAX = 10;
const REQUEST_BYTES_MAX = 64 * 1024;
/** For at most 64 KiB: a thousand times what it takes, so that only a wrong order of growth is seen on a busy machine. */
const SLOW_MS = 5000;

// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

/**
 * One message of the seed in every decoder: the sentences of what is wrong. The family that it is made of knows what the device
 * said before it.
 */
export function fuzzDecoders(seed: number, corpus: Corpus): string[] {
  const random = createRandom(derive(seed, "decoders"));
  const profile = pick(PROFILE_IDS, random);
  const { topic = pick(TOPICS, random), payload, before } = drawMessage(corpus, profile, random);
  return PROFILE_IDS.flatMap((each) => judge(each, topic, payload, each === profile ? before : []));
}

function judge(
  profile: ProfileId,
  topic: string,
  payload: Buffer,
  before: readonly SpokenMessage[],
): string[] {
  const startedMs = performance.now();
  try {
    const decoded = decodeAfter(profile, before, { topic, payload });
    recognise(topic, payload);
    const tookMs = performance.now() - startedMs;
    const faults = decoded === undefined ? ["has no decoder"] : faultsOf(profile, decoded);
    if (tookMs > SLOW_MS) faults.push(`took ${Math.round(tookMs)} ms for ${payload.length} bytes`);
    return faults.map((fault) => `${profile} ${fault}`);
  } catch (error) {
    return [`${profile} threw ${String(error)}`];
  }
}

function decodeAfter(
  profile: ProfileId,
  before: readonly SpokenMessage[],
  message: SpokenMessage,
): Decoded | undefined {
  const facts = new Map<string, string>();
  const recent = new Map<string, unknown>();
  let decoded: Decoded | undefined;
  for (const { topic, payload } of [...before, message]) {
    decoded = decoderFor(profile)?.(payload, { ...CONTEXT, topic, facts, recent });
    for (const { key, value } of decoded?.facts ?? []) facts.set(key, value);
  }
  return decoded;
}

function faultsOf(profile: ProfileId, decoded: Decoded): string[] {
  const { observations, rejections } = decoded;
  const faults = [...factFaults(decoded), ...requestFaults(decoded)];
  if (observations.length + rejections.length === 0 && saysSomething(profile))
    faults.push("said nothing at all");
  if (rejections.length > REJECTIONS_MAX) faults.push(`gave ${rejections.length} rejections`);
  for (const { reason, detail } of rejections) {
    if (!QUARANTINE_REASONS.includes(reason)) faults.push(`gave the unknown reason ${reason}`);
    if (!isText(detail)) faults.push(`gave a detail that is no text: ${JSON.stringify(detail.slice(0, 80))}`);
  }
  for (const { register, value, observedAtMs } of observations) {
    if (!isDecimal(value)) faults.push(`gave the value ${JSON.stringify(value)}`.slice(0, TEXT_MAX));
    if (observedAtMs !== undefined && !Number.isSafeInteger(observedAtMs))
      faults.push(`gave the time ${observedAtMs}`);
    for (const text of [register.name, register.equipmentId, register.unit]) {
      if (!isText(text)) faults.push(`gave a text that is none: ${JSON.stringify(text.slice(0, 80))}`);
    }
    if (faults.length > REJECTIONS_MAX) break;
  }
  return faults;
}

function factFaults({ facts = [] }: Decoded): string[] {
  const faults = facts.length > FACTS_MAX ? [`told ${facts.length} facts`] : [];
  for (const { key, value } of facts) {
    const fits = key.length > 0 && key.length <= FACT_KEY_MAX && value.length <= FACT_VALUE_MAX;
    if (!fits || !isStorable(key) || !isStorable(value)) {
      faults.push(`told a fact that nobody can keep: ${JSON.stringify(key.slice(0, 80))}`);
    }
  }
  return faults;
}

function requestFaults({ requests = [] }: Decoded): string[] {
  const faults = requests.length > REQUESTS_MAX ? [`asked ${requests.length} things of the device`] : [];
  for (const { topic, payload } of requests) {
    if (topic === "" || /[#+]/.test(topic) || !isStorable(topic) || payload.length > REQUEST_BYTES_MAX) {
      faults.push(`asked on ${JSON.stringify(topic.slice(0, 80))} with ${payload.length} bytes`);
    }
  }
  return faults;
}

const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\0");

const isText = (text: string): boolean =>
  text.length <= TEXT_MAX && text.isWellFormed() && !UNPRINTABLE.test(text);
