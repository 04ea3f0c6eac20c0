// Remembers what takes seconds to compute, for as long as a key that is cheap to read says that it is still true.
//
//   ask ─▶ nobody computes? ─▶ read the key ─▶ the remembered one? ─▶ answer
//            │ somebody does                    └─ another ─▶ compute, remember, answer
//            └─▶ wait until that is over, all who wait together, and ask then
import type { Pool } from "#store";

/** How to find something: the key under which it would be remembered, and what makes it. */
export type Found<T> = { readonly key: string; readonly make: () => Promise<T> };

type Turn<T> = { readonly running: Promise<T>; next: Promise<T> | undefined };

/**
 * Whoever asks gets what was true when he asked, or later: a computation that had begun before is not his answer. For each tender
 * one at a time, and one computation of all tenders: memory and cores are those of one group.
 */
export class SizingMemory<T> {
  readonly #countMax: number;
  /** The longest unused first. */
  readonly #known = new Map<number, { readonly key: string; readonly value: T }>();
  readonly #turns = new Map<number, Turn<T>>();
  #computing: Promise<unknown> = Promise.resolve();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** `find` reads the key anew; of those who wait together one finds for all. A failure is told to all of them and not kept. */
  of(tenderId: number, find: () => Promise<Found<T>>): Promise<T> {
    const turn = this.#turns.get(tenderId);
    if (turn === undefined) return this.#begin(tenderId, find);
    const after = () => this.#begin(tenderId, find);
    turn.next ??= turn.running.then(after, after);
    return turn.next;
  }

  #begin(tenderId: number, find: () => Promise<Found<T>>): Promise<T> {
    const turn: Turn<T> = { running: this.#answer(tenderId, find), next: undefined };
    this.#turns.set(tenderId, turn);
    const over = () => {
      if (turn.next === undefined) this.#turns.delete(tenderId);
    };
    turn.running.then(over, over);
    return turn.running;
  }

  async #answer(tenderId: number, find: () => Promise<Found<T>>): Promise<T> {
    const { key, make } = await find();
    const known = this.#known.get(tenderId);
    const value = known?.key === key ? known.value : await this.#afterOthers(make);
    this.#known.delete(tenderId);
    this.#known.set(tenderId, { key, value });
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#countMax && oldest !== undefined) this.#known.delete(oldest);
    return value;
  }

  #afterOthers(make: () => Promise<T>): Promise<T> {
    const made = this.#computing.then(make, make);
    this.#computing = made;
    return made;
  }
}

/** A memory for each database that this process works with; it goes when its pool goes. */
export function memoryOfPools<T>(countMax: number): (pool: Pool) => SizingMemory<T> {
  const memories = new WeakMap<Pool, SizingMemory<T>>();
  return (pool) => {
    const known = memories.get(pool) ?? new SizingMemory<T>(countMax);
    memories.set(pool, known);
    return known;
  };
}
