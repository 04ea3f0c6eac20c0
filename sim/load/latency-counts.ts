// Latencies by the million in a few kilobytes: counted in steps that grow with the value, so each is known to 4 %.

/** Steps in which a latency doubles. */
const STEPS_PER_OCTAVE = 16;
const SMALLEST_MS = 0.1;
/** Up to half an hour; what is longer counts as that. */
const STEPS = 24 * STEPS_PER_OCTAVE;

export class LatencyCounts {
  readonly #counts = new Float64Array(STEPS);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(ms: number): void {
    const step = ms <= SMALLEST_MS ? 0 : Math.ceil(STEPS_PER_OCTAVE * Math.log2(ms / SMALLEST_MS));
    this.#count(Math.min(step, STEPS - 1), 1);
  }

  /** Pairs of step and count of what was counted since the last time; it forgets them. */
  take(): number[] {
    const pairs: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const count = this.#counts[step] ?? 0;
      if (count > 0) pairs.push(step, count);
    }
    this.#counts.fill(0);
    this.#total = 0;
    return pairs;
  }

  /** Adds what another one took. */
  addTaken(pairs: readonly number[]): void {
    for (let at = 0; at + 1 < pairs.length; at += 2) this.#count(pairs[at] ?? 0, pairs[at + 1] ?? 0);
  }

  /** The latency (ms, rounded up by at most 4 %) that this share of all does not exceed; 0 where there is none. */
  percentileMs(share: number): number {
    let left = share * this.#total;
    for (let step = 0; step < STEPS; step++) {
      left -= this.#counts[step] ?? 0;
      if (left <= 0 && this.#total > 0) return SMALLEST_MS * 2 ** (step / STEPS_PER_OCTAVE);
    }
    return 0;
  }

  #count(step: number, count: number): void {
    this.#counts[step] = (this.#counts[step] ?? 0) + count;
    this.#total += count;
  }
}
