// Registers whose computation failed: each is left alone for longer and longer, so that it costs the others nothing.
import { HOUR_MS, SECOND_MS, type TimeSource } from "#devices/time";

const FIRST_DELAY_MS = 30 * SECOND_MS;
const LONGEST_DELAY_MS = HOUR_MS;

/**
 * In memory, each worker its own: a restart tries everything once more, which is what one hopes for after an update. The
 * work itself stays in the journal.
 */
export class PoisonLedger {
  readonly #time: TimeSource;
  readonly #entries = new Map<number, { failures: number; retryAtMs: number }>();

  constructor(time: TimeSource) {
    this.#time = time;
  }

  /** How long the register must still wait; 0 for one that is in order. */
  heldForMs(registerId: number): number {
    const entry = this.#entries.get(registerId);
    return entry === undefined ? 0 : Math.max(0, entry.retryAtMs - this.#time.now());
  }

  /** Returns how long it is left alone now. */
  failed(registerId: number): number {
    const failures = (this.#entries.get(registerId)?.failures ?? 0) + 1;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS);
    this.#entries.set(registerId, { failures, retryAtMs: this.#time.now() + delayMs });
    return delayMs;
  }

  succeeded(registerId: number): void {
    this.#entries.delete(registerId);
  }
}
