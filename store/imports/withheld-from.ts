// What somebody may read of his imports' changes: of a supply point whose load he may not see, only what his file says.
import type { Db } from "../pool.ts";
import { scoped, type Scope } from "../directory/scope.ts";
import type { ImportChange } from "./changes.ts";
import type { MergeCounts } from "./merge-day.ts";

/** Counts compare the file with what is held: with a file for every value, they would tell the load. */
export type SeenChange = Omit<ImportChange, keyof MergeCounts> & {
  readonly [Count in keyof MergeCounts]: number | null;
} & {
  /** The counts are `null`, and there are no days. */
  readonly withheld: boolean;
};

type WithPreview = { readonly preview: readonly ImportChange[] };

const WITHHELD = { added: null, replaced: null, unchanged: null, kept: null, days: [], truncated: true };

/** The same rows, as the viewer may see them at this moment: also what was previewed or committed with a consent that is gone. */
export async function withheldFrom<Row extends WithPreview>(
  db: Db,
  scope: Scope,
  rows: readonly Row[],
): Promise<(Omit<Row, "preview"> & { readonly preview: SeenChange[] })[]> {
  const ids = new Set(rows.flatMap(({ preview }) => preview.map((change) => change.supplyPointId)));
  const measured = await measuredOf(db, scope, [...ids]);
  return rows.map((row) => ({
    ...row,
    preview: row.preview.map((change) =>
      measured.has(change.supplyPointId)
        ? { ...change, withheld: false }
        : { ...change, ...WITHHELD, withheld: true },
    ),
  }));
}

async function measuredOf(db: Db, scope: Scope, ids: readonly number[]): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set();
  const rows = await scoped<{ id: number }>(
    db,
    scope,
    "select s.id from seen_supply_point s where s.measured and s.id = any ($2::integer[])",
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}
