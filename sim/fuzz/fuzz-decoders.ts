// Every decoder on drawn payloads: total, in proportion to the bytes, and nothing unprintable or unbounded comes out.
import { isDecimal } from "#devices/decimal";
import { decoderFor, recognise } from "#devices/profiles/index";
import type { DecodeContext, Decoded } from "#devices/reading";
import { PROFILE_IDS, QUARANTINE_REASONS, type ProfileId } from "#devices/vocabulary";
import { createRandom, derive } from "../world/random.ts";
import { drawPayload, type Corpus } from "./draw-payload.ts";
import { pick } from "./mutate.ts";

const CONTEXT: Omit<DecodeContext, "topic"> = {
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
/** For at most 64 KiB: a thousand times what it takes, so that only a wrong order of growth is seen on a busy machine. */
const SLOW_MS = 5000;

// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

/** One payload of the seed in every decoder: the sentences of what is wrong. */
export function fuzzDecoders(seed: number, corpus: Corpus): string[] {
  const random = createRandom(derive(seed, "decoders"));
  const profile = pick(PROFILE_IDS, random);
  const payload = drawPayload(corpus, profile, random);
  const topic = pick(TOPICS, random);
  return PROFILE_IDS.flatMap((each) => judge(each, topic, payload));
}

function judge(profile: ProfileId, topic: string, payload: Buffer): string[] {
  const startedMs = performance.now();
  try {
    const decoded = decoderFor(profile)?.(payload, { ...CONTEXT, topic });
    recognise(topic, payload);
    const tookMs = performance.now() - startedMs;
    const faults = decoded === undefined ? ["has no decoder"] : faultsOf(decoded);
    if (tookMs > SLOW_MS) faults.push(`took ${Math.round(tookMs)} ms for ${payload.length} bytes`);
    return faults.map((fault) => `${profile} ${fault}`);
  } catch (error) {
    return [`${profile} threw ${String(error)}`];
  }
}

function faultsOf({ observations, rejections }: Decoded): string[] {
  const faults: string[] = [];
  if (observations.length + rejections.length === 0) faults.push("said nothing at all");
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

const isText = (text: string): boolean =>
  text.length <= TEXT_MAX && text.isWellFormed() && !UNPRINTABLE.test(text);
