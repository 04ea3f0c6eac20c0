// The integers that stand for SenML's labels in CBOR (RFC 8428 §6, table 4).

const LABELS: ReadonlyMap<number, string> = new Map([
  [-1, "bver"],
  [-2, "bn"],
  [-3, "bt"],
  [-4, "bu"],
  [-5, "bv"],
  [-6, "bs"],
  [0, "n"],
  [1, "u"],
  [2, "v"],
  [3, "vs"],
  [4, "vb"],
  [5, "s"],
  [6, "t"],
  [7, "ut"],
  [8, "vd"],
]);

/** Labels of later documents are passed over, as unknown ones are in JSON. */
export function labelOf(key: number): string {
  return LABELS.get(key) ?? String(key);
}

/** The integer of a label. */
export const KEYS: Readonly<Record<string, number>> = Object.fromEntries(
  [...LABELS].map(([key, label]) => [label, key]),
);
