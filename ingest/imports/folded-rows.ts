// Rows of the hour that autumn repeats, told apart at the end of the file: by the row whose end goes back, and by their order.
import { HOUR_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { Entry, LateRow } from "./format.ts";
import { instantsAt, type CivilDay } from "./local-clock.ts";
import { FileFault, rowFault } from "./row-fault.ts";

/** A row that begins in the repeated hour. */
export type FoldedRow = {
  readonly line: number;
  readonly code: string;
  /** Rows of one series are told apart among themselves: of one register and unit. */
  readonly series: string;
  readonly day: CivilDay;
  /** Since midnight by the clock, ms. */
  readonly fromWallMs: number;
  readonly toWallMs: number;
  readonly entry: Omit<Entry, "fromMs" | "toMs">;
};

export type FoldedRows = {
  readonly add: (row: FoldedRow) => void;
  readonly rows: () => Iterable<LateRow>;
};

/** A century of nights with eight rows of a hundred registers. */
const ROWS_MAX = 80_000;

/** @param column Of the time, for what is wrong with it. */
export function createFoldedRows(column: string): FoldedRows {
  const rows: FoldedRow[] = [];
  return {
    add: (row) => {
      if (rows.push(row) > ROWS_MAX) {
        throw new FileFault(
          "too_many_quarters",
          `More than ${ROWS_MAX} rows are in hours that the clock repeats: divide the file into several.`,
        );
      }
    },
    rows: function* () {
      const nights = Map.groupBy(rows, ({ series, day }) => `${series} ${day.midnightWallMs}`);
      for (const night of nights.values()) {
        const isDescending = descends(night);
        for (const same of Map.groupBy(night, ({ fromWallMs }) => fromWallMs).values()) {
          for (const [index, row] of same.entries()) {
            if (same.length === 1 && row.entry.status === QuarterCode.missing) continue;
            const hour = hourOf(row, same.length === 1 ? undefined : index, isDescending);
            yield {
              line: row.line,
              code: row.code,
              result: hour === undefined ? ambiguous(row, column) : [placed(row, hour)],
            };
          }
        }
      }
    },
  };
}

/** The end of the repeated hour's first pass is behind its beginning: by the clock, it goes back. */
function goesBack({ fromWallMs, toWallMs }: FoldedRow): boolean {
  return toWallMs <= fromWallMs;
}

function descends(night: readonly FoldedRow[]): boolean {
  for (const same of Map.groupBy(night, ({ fromWallMs }) => fromWallMs).values()) {
    const marked = same.findIndex(goesBack);
    if (marked >= 0 && same.length > 1) return marked % 2 === 1;
  }
  return false;
}

/** 0: the first of the two hours. A row that comes again after both is the same in its place. */
function hourOf(row: FoldedRow, index: number | undefined, isDescending: boolean): 0 | 1 | undefined {
  if (goesBack(row)) return 0;
  if (index !== undefined) return (index % 2 === 0) === isDescending ? 1 : 0;
  // Alone, only an end behind the fold tells.
  return instantsAt(row.day, row.toWallMs).length === 1 ? 1 : undefined;
}

function placed({ day, fromWallMs, toWallMs, entry }: FoldedRow, hour: 0 | 1): Entry {
  const starts = instantsAt(day, fromWallMs);
  const fromMs = starts[hour] ?? 0;
  const wallMs = toWallMs - fromWallMs;
  // By the clock an interval that goes back is an hour shorter than it is.
  return { ...entry, fromMs, toMs: fromMs + (wallMs <= 0 ? wallMs + HOUR_MS : wallMs) };
}

function ambiguous(row: FoldedRow, column: string) {
  const at = new Date(row.day.midnightWallMs + row.fromWallMs).toISOString().slice(0, 16).replace("T", " ");
  return rowFault(
    column,
    "time_ambiguous",
    `${at} comes twice in the night on which the clock goes back, the file has it once, and nothing says which one this is: export that day as a whole.`,
  );
}
