// The fuzz: seeds one after the other, each a payload in every decoder and a connection to the broker; rounds checked in the store.
import { readFileSync, writeFileSync } from "node:fs";
import { PROFILE_IDS } from "#devices/vocabulary";
import { createRandom, derive } from "../world/random.ts";
import { checkKept, type PlayedSeed, type SeedFault } from "./check-kept.ts";
import { readCorpus } from "./draw-payload.ts";
import { drawSession } from "./draw-session.ts";
import type { FuzzBed } from "./fuzz-bed.ts";
import { fuzzDecoders } from "./fuzz-decoders.ts";
import { keptMib, usedMib } from "./heap.ts";
import { pick } from "./mutate.ts";
import { startNeighbour } from "./neighbour.ts";
import { playSession } from "./play-session.ts";

export type FuzzReport = {
  readonly seeds: number;
  readonly messagesAcknowledged: number;
  readonly neighbour: { readonly messages: number; readonly slowestMs: number };
  /** After a collection: when everything had run once, and at the end. */
  readonly heapMib: { readonly warm: number; readonly end: number; readonly peak: number };
  readonly violations: readonly SeedFault[];
};

export type FuzzOptions = {
  /** Played first. */
  readonly replayed: readonly number[];
  readonly seed: number;
  readonly durationMs: number;
  readonly stop: AbortSignal;
  readonly tell: (line: string) => void;
};

const FAILING_SEEDS = new URL("./failing-seeds.json", import.meta.url);
const ROUND_SEEDS = 24;
const LANES = 4;
/** A decoder's payload is a hundred times cheaper than a connection. */
const PAYLOADS_A_SEED = 20;
const WARM_ROUNDS = 4;
/** What may be kept beyond the warm state: caches of devices and registers that are bounded, with room for noise. */
const GROWTH_MIB_MAX = 64;
const PEAK_MIB_MAX = 1024;
const VIOLATIONS_MAX = 50;

export function failingSeeds(): number[] {
  return JSON.parse(readFileSync(FAILING_SEEDS, "utf8")) as number[];
}

/** Commit the file with what mends them: they are played first from then on. */
export function keepFailingSeeds(seeds: readonly number[]): void {
  writeFileSync(FAILING_SEEDS, `[${[...new Set([...failingSeeds(), ...seeds])].join(", ")}]\n`);
}

/** Rounds of seeds until the time is over; at least one, and all of those replayed. */
export async function fuzz(bed: FuzzBed, options: FuzzOptions): Promise<FuzzReport> {
  const { stop, tell } = options;
  const corpus = readCorpus();
  const neighbour = await startNeighbour(bed.port, await bed.addDevice("senml"));
  const violations: SeedFault[] = [];
  const startedMs = performance.now();
  const queue = [...options.replayed];
  let next = options.seed;
  let seeds = 0;
  let messagesAcknowledged = 0;
  let warm = 0;
  let peak = 0;
  const goesOn = (): boolean =>
    !stop.aborted && violations.length < VIOLATIONS_MAX && performance.now() - startedMs < options.durationMs;
  for (let round = 0; round === 0 || queue.length > 0 || goesOn(); round += 1) {
    const some = Array.from({ length: ROUND_SEEDS }, () => queue.shift() ?? next++);
    const played = await playRound(bed, some, corpus, violations);
    seeds += some.length;
    messagesAcknowledged += played;
    peak = Math.max(peak, usedMib());
    if (round === 0 || round === WARM_ROUNDS) warm = keptMib();
    if (round % 20 === 0)
      tell(`${seeds} seeds, ${messagesAcknowledged} acknowledged, ${violations.length} violations`);
  }
  const faults = await neighbour.finish(bed.pool);
  const end = keptMib();
  if (end - warm > GROWTH_MIB_MAX) faults.push(`the heap grew from ${warm} to ${end} MiB`);
  if (peak > PEAK_MIB_MAX) faults.push(`the heap reached ${peak} MiB`);
  violations.push(...faults.map((fault) => ({ seed: options.seed, fault })));
  const heapMib = { warm, end, peak };
  return { seeds, messagesAcknowledged, neighbour: neighbour.served(), heapMib, violations };
}

/** The number of messages that were acknowledged. */
async function playRound(
  bed: FuzzBed,
  seeds: readonly number[],
  corpus: ReturnType<typeof readCorpus>,
  violations: SeedFault[],
): Promise<number> {
  // New ones for every round: their bounds on registers and old days are reached within it, and what they keep stays small.
  const devices = await Promise.all(
    PROFILE_IDS.map(async (profile) => ({
      profile,
      device: await bed.addDevice(profile),
      played: [] as PlayedSeed[],
    })),
  );
  const work = seeds[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (const seed of work) {
      const random = createRandom(derive(seed, "session"));
      const { profile, device, played } = pick(devices, random);
      const session = drawSession(corpus, profile, seed, random);
      const result = await playSession(bed.port, device, `fuzz ${seed}`, session);
      played.push({ seed, played: result });
      violations.push(...result.violations.map((fault) => ({ seed, fault })));
    }
  };
  const lanes = Promise.all(Array.from({ length: LANES }, lane));
  for (const seed of seeds) {
    for (let n = 0; n < PAYLOADS_A_SEED; n += 1) {
      violations.push(...fuzzDecoders(derive(seed, n), corpus).map((fault) => ({ seed, fault })));
    }
    await new Promise(setImmediate);
  }
  await lanes;
  let acknowledged = 0;
  for (const { profile, device, played } of devices) {
    acknowledged += played.reduce((sum, { played: { acknowledged: some } }) => sum + some.length, 0);
    violations.push(...(await checkKept(bed, device.id, profile, played)));
  }
  return acknowledged;
}
