// What grows shows in the last third of a measurement beside its first, whatever saw-tooth is in both.

export function third(values: readonly number[], nth: 0 | 1 | 2): readonly number[] {
  const length = Math.floor(values.length / 3);
  return values.slice(nth * length, (nth + 1) * length);
}

/** 0 of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
