// Which instants of each series were told, from the messages that told them. Pure.
import type { Delivery } from "../story/story.ts";

/** Ascending, without repeats; a series whose registers are told apart (tariffs) is told where all of them are. */
export function toldTimes(deliveries: Iterable<Delivery>): Map<string, number[]> {
  const registers = new Map<string, Map<string, Set<number>>>();
  for (const { tells } of deliveries) {
    for (const { series, register, observedAtMs } of tells) {
      let own = registers.get(series);
      if (own === undefined) registers.set(series, (own = new Map()));
      let times = own.get(register);
      if (times === undefined) own.set(register, (times = new Set()));
      times.add(observedAtMs);
    }
  }
  return new Map(
    [...registers].map(([series, own]) => {
      const [first = new Set<number>(), ...others] = own.values();
      const all = [...first].filter((atMs) => others.every((times) => times.has(atMs)));
      return [series, all.toSorted((a, b) => a - b)];
    }),
  );
}

/** The last entry at or before, or `undefined`. */
export function lastUpTo(ascending: readonly number[], limit: number): number | undefined {
  return ascending[placeAfter(ascending, limit) - 1];
}

/** The first entry at or after, or `undefined`. */
export function firstFrom(ascending: readonly number[], limit: number): number | undefined {
  return ascending[placeAfter(ascending, limit - 1)];
}

/** How many entries are at or before the limit. Whole numbers. */
function placeAfter(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? Infinity) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
