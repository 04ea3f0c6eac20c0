// One line of `npm run bench`: a figure beside its reference, measured in the same run on the same work.

export type BenchLine = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the figure stands beside, in words. */
  readonly reference: string;
  readonly referenceValue: number;
  /** value / referenceValue. */
  readonly ratio: number;
  /** Everything needed to judge it: sizes, counts, the generator's share of the CPU. */
  readonly context: Readonly<Record<string, unknown>>;
};

/** Rounds the figures to three digits: more would be noise. */
export function benchLine(line: Omit<BenchLine, "ratio">): BenchLine {
  const { context, ...rest } = line;
  return {
    ...rest,
    value: significant(line.value),
    referenceValue: significant(line.referenceValue),
    ratio: significant(line.value / line.referenceValue),
    context,
  };
}

/** Prints it as one JSON object on a line of its own. */
export function printLine(line: BenchLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Says on standard error what is going on; standard output belongs to the lines. */
export function progress(message: string): void {
  process.stderr.write(`${message}\n`);
}

export function significant(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(3)) : 0;
}
