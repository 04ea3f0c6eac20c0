// The rows that a layout saw last, so that repeats stop at the door: telegrams repeat the hourly gas value every second.

/** Rows remembered per layout. Above the 14 instants of a telegram's month peaks, which all repeat every time. */
const ROWS_MAX = 32;
const ROWS_FIRST = 4;

/**
 * Remembers the last rows with the carrier that brings each to the store: a repeat is acknowledged when that
 * carrier has arrived. Forgetting is always safe, the store's unique index finds the repeat then.
 */
export class DoorCache<Carrier> {
  #observedAtMs = new Float64Array(ROWS_FIRST);
  #fingerprints = new BigInt64Array(ROWS_FIRST);
  #carriers: Carrier[] = [];
  /** Where the next row goes once the ring is full. */
  #next = 0;

  /** The carrier of a row that was seen, or undefined. */
  find(observedAtMs: number, fingerprint: bigint): Carrier | undefined {
    const times = this.#observedAtMs;
    for (let i = 0; i < this.#carriers.length; i++) {
      if (times[i] === observedAtMs && this.#fingerprints[i] === fingerprint) return this.#carriers[i];
    }
    return undefined;
  }

  /** Remembers a row; the oldest makes room. */
  add(observedAtMs: number, fingerprint: bigint, carrier: Carrier): void {
    let at = this.#carriers.length;
    if (at === ROWS_MAX) {
      at = this.#next;
      this.#next = (at + 1) % ROWS_MAX;
    } else if (at === this.#observedAtMs.length) this.#grow();
    this.#observedAtMs[at] = observedAtMs;
    this.#fingerprints[at] = fingerprint;
    this.#carriers[at] = carrier;
  }

  clear(): void {
    this.#carriers = [];
    this.#next = 0;
  }

  #grow(): void {
    const times = new Float64Array(2 * this.#observedAtMs.length);
    const fingerprints = new BigInt64Array(times.length);
    times.set(this.#observedAtMs);
    fingerprints.set(this.#fingerprints);
    this.#observedAtMs = times;
    this.#fingerprints = fingerprints;
  }
}
