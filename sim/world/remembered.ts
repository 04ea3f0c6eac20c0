// A bounded memory in front of a pure function of the day: a world of many buildings and years fits into a small machine.

/** A month and what lies around it. */
export const A_MONTH_DAYS = 32;
/** A year and what lies around it. */
export const A_YEAR_DAYS = 512;

/**
 * Keeps the day last asked for of each remainder; forgets the day before it there and computes it again when asked. `daysMax`
 * is a power of two.
 */
export function remembered<T>(compute: (day: number) => T, daysMax = A_MONTH_DAYS): (day: number) => T {
  const days = new Int32Array(daysMax).fill(NEVER);
  const known: (T | undefined)[] = [];
  return (day) => {
    const place = day & (daysMax - 1);
    const found = known[place];
    if (days[place] === day && found !== undefined) return found;
    const computed = compute(day);
    days[place] = day;
    known[place] = computed;
    return computed;
  };
}

const NEVER = -(2 ** 31);
