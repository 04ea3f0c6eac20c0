// Time that passes only when everything that is due has happened: a line of events, and timers that stand in it.
import type { TimeSource } from "#devices/time";
import type { Timers } from "#devices/timers";

type Event = { readonly atMs: number; readonly order: number; readonly work: () => void; isOff: boolean };

export class VirtualClock implements TimeSource {
  #nowMs: number;
  #scheduled = 0;
  /** A binary heap: the earliest first, of one instant the one that was scheduled first. */
  readonly #heap: Event[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  readonly now = (): number => this.#nowMs;

  /** At an instant, or now if that is over; returns what calls it off. */
  at(atMs: number, work: () => void): () => void {
    this.#scheduled += 1;
    const event = { atMs: Math.max(atMs, this.#nowMs), order: this.#scheduled, work, isOff: false };
    this.#push(event);
    return () => (event.isOff = true);
  }

  /** Timers of one process: `stop` calls off all that it waits for, as its death does. */
  timers(): { readonly timers: Timers; readonly stop: () => void } {
    let isStopped = false;
    const after = (ms: number, work: () => void) =>
      this.at(this.#nowMs + ms, () => {
        if (!isStopped) work();
      });
    const every = (ms: number, work: () => void) => {
      let callOff = () => {};
      const again = () => {
        callOff = after(ms, () => {
          work();
          again();
        });
      };
      again();
      let isOver = false;
      return () => {
        if (!isOver) callOff();
        isOver = true;
      };
    };
    return { timers: { after, every }, stop: () => (isStopped = true) };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.#nowMs + ms, resolve));
  }

  /** Lets happen what is due until `untilMs`, each event with all that follows from it at once. */
  async runUntil(untilMs: number): Promise<void> {
    await settled();
    for (;;) {
      const [next] = this.#heap;
      if (next === undefined || next.atMs > untilMs) break;
      this.#pop();
      if (next.isOff) continue;
      this.#nowMs = next.atMs;
      next.work();
      await settled();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(event, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      const least = other !== undefined && one !== undefined && isBefore(other, one) ? left + 1 : left;
      const child = heap[least];
      if (child === undefined || !isBefore(child, last)) break;
      heap[at] = child;
      at = least;
    }
    heap[at] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

/** Every promise that can be kept without time passing is kept by then. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
