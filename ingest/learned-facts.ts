// What of a message's facts the store does not have yet.
import type { Fact } from "#devices/reading";

/** `undefined`: nothing new, which is the usual case. A fact with the value "" takes off the one of its key. */
export function newFacts(
  known: ReadonlyMap<string, string>,
  said: readonly Fact[] | undefined,
): readonly Fact[] | undefined {
  if (said === undefined) return undefined;
  const fresh = said.filter(({ key, value }) => (known.get(key) ?? "") !== value);
  return fresh.length === 0 ? undefined : fresh;
}
