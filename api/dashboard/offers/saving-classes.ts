// Savings in classes of round width, for a histogram: no class holds both winners and losers.

export type SavingClass = {
  /** Micro-units of the currency; a winner's class is `(from, to]`, a loser's `[from, to)`. */
  readonly fromMicro: bigint;
  readonly toMicro: bigint;
  readonly side: "losers" | "winners";
  readonly count: number;
};

export type SavingClasses = {
  /** From the greatest loss to the greatest saving, without hole; empty when nobody's bill changes. */
  readonly classes: readonly SavingClass[];
  /** Buildings that would pay exactly the same. */
  readonly unchanged: number;
};

const CLASSES_AIMED = 10n;
const UNIT_MICRO = 1_000_000n;

export function savingClasses(savings: readonly bigint[]): SavingClasses {
  const unchanged = savings.filter((saving) => saving === 0n).length;
  const least = savings.reduce((least, saving) => (saving < least ? saving : least), 0n);
  const most = savings.reduce((most, saving) => (saving > most ? saving : most), 0n);
  const width = classWidth(most - least);
  const below = stepsTo(-least, width);
  const above = stepsTo(most, width);
  const classes = Array.from({ length: Number(below + above) }, (_, index) => {
    const fromMicro = (BigInt(index) - below) * width;
    const toMicro = fromMicro + width;
    const loses = fromMicro < 0n;
    const count = savings.filter((saving) =>
      loses ? fromMicro <= saving && saving < toMicro : fromMicro < saving && saving <= toMicro,
    ).length;
    return { fromMicro, toMicro, side: loses ? ("losers" as const) : ("winners" as const), count };
  });
  return { classes, unchanged };
}

/** Classes from zero to `size`, both signs alike. */
function stepsTo(size: bigint, width: bigint): bigint {
  return (size + width - 1n) / width;
}

/** 1, 2 or 5 times a power of ten of whole units, so that the range has about ten classes. */
function classWidth(range: bigint): bigint {
  for (let power = UNIT_MICRO; ; power *= 10n) {
    for (const factor of [1n, 2n, 5n]) {
      if (power * factor * CLASSES_AIMED >= range) return power * factor;
    }
  }
}
