// A histogram in plain numbers: what happens often is counted without a library, and shown when somebody asks.

/** Cumulative like Prometheus' own: `buckets[i]` counts what was at most `bounds[i]`, `count` counts all. */
export class Histogram {
  readonly bounds: readonly number[];
  readonly buckets: number[];
  count = 0;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.buckets = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.count += 1;
    this.sum += value;
    for (let i = this.bounds.length - 1; i >= 0 && value <= (this.bounds[i] ?? 0); i--) {
      this.buckets[i] = (this.buckets[i] ?? 0) + 1;
    }
  }
}
