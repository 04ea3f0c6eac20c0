// Goes through what a file says beside what is held, a page at a time: to see what would change, or to change it.
import { noteLoadChanges, type DayChange } from "../estimates/load-changes.ts";
import { sqlText, type PoolClient } from "../pool.ts";
import { createChangeSum, type FileDay, type ImportChange } from "./changes.ts";
import { mergeDay, type PackedQuarters } from "./merge-day.ts";

type StagedRow = FileDay & {
  readonly heldQuarters: Buffer | null;
  readonly heldStatuses: Buffer | null;
  readonly heldResolutionS: number | null;
  readonly heldRevision: number | null;
};
type Changed = FileDay & {
  readonly held: PackedQuarters | undefined;
  readonly heldRevision: number | null;
  readonly merged: PackedQuarters;
};

const STAGED = sqlText(import.meta.url, "./staged-days.sql");
const SAVE = sqlText(import.meta.url, "./save-imported.sql");

/** So that no page holds the event loop for long. */
const PAGE_DAYS = 500;

/** @param save Whether to write; the caller holds the supply points' locks then, and commits. */
export async function mergeStaged(
  client: PoolClient,
  importId: number,
  save: boolean,
): Promise<readonly ImportChange[]> {
  const sum = createChangeSum();
  let after: Pick<FileDay, "supplyPointId" | "direction" | "day"> | undefined;
  for (;;) {
    const { rows } = await client.query<StagedRow>({
      name: "staged-days",
      text: STAGED,
      values: [importId, after?.supplyPointId ?? 0, after?.direction ?? "", after?.day ?? 0, PAGE_DAYS],
    });
    const changed: Changed[] = [];
    for (const row of rows) {
      const held = heldOf(row);
      const { merged, ...counts } = mergeDay(held, row);
      sum.add(row, counts);
      if (merged !== undefined) changed.push({ ...row, held, merged });
    }
    if (save) {
      await saveDays(client, importId, changed);
      await noteLoadChanges(
        client,
        "imported",
        changed.flatMap((day) => changeOf(day, importId)),
      );
    }
    after = rows.at(-1);
    if (rows.length < PAGE_DAYS) return sum.changes();
  }
}

/** Of a day that was there before. */
function changeOf(changed: Changed, importId: number): DayChange[] {
  const { supplyPointId, direction, day, held, heldRevision, merged } = changed;
  if (held === undefined) return [];
  return [
    {
      imported: { supplyPointId, direction, importId },
      day,
      cause: "import",
      before: held,
      after: merged,
      revision: (heldRevision ?? 0) + 1,
    },
  ];
}

function heldOf(row: StagedRow): PackedQuarters | undefined {
  const { heldQuarters, heldStatuses, heldResolutionS } = row;
  if (heldQuarters === null || heldStatuses === null || heldResolutionS === null) return undefined;
  return { quarters: heldQuarters, statuses: heldStatuses, resolutionS: heldResolutionS };
}

async function saveDays(client: PoolClient, importId: number, days: readonly Changed[]): Promise<void> {
  if (days.length === 0) return;
  await client.query({
    name: "save-imported",
    text: SAVE,
    values: [
      importId,
      days.map((day) => day.supplyPointId),
      days.map((day) => day.direction),
      days.map((day) => day.day),
      Buffer.concat(days.map((day) => day.merged.quarters)),
      Buffer.concat(days.map((day) => day.merged.statuses)),
      days.map((day) => day.merged.resolutionS),
    ],
  });
}
