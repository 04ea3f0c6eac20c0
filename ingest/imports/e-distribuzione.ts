// The Italian quarter-hours of e-distribuzione: a row a day, a column a quarter-hour by the clock, kWh; the file names no POD.
import { quoted } from "#devices/quote";
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { dateOf, plainName, timeOfDay, wholeOf } from "./cells.ts";
import type { CsvFormat, Entry, FormatReader, OpenOptions } from "./format.ts";
import { instantsAt, type CivilDay } from "./local-clock.ts";
import { FileFault, rowFault, type RowFault } from "./row-fault.ts";

const ZONE = "Europe/Rome";
const DAY_COLUMN = "Giorno";
const WH_PER_KWH = 1000;

export const eDistribuzione: CsvFormat = {
  id: "e-distribuzione",
  title: "quarter-hours of e-distribuzione",
  example: "Giorno;00:00-00:15;00:15-00:30;…;23:45-00:00",
  recognises: (names) => plainName(names[0] ?? "") === "giorno" && RANGE.test(names[1] ?? ""),
  open: openDays,
};

const RANGE = /^(\d\d:\d\d)-(\d\d:\d\d)$/;

type Column = {
  readonly name: string;
  readonly fromWallMs: number;
  /** How many columns of this time stand before it: 1 for the second pass of the repeated hour. */
  readonly pass: number;
};

function openDays(names: readonly string[], { codeNeeded, clockOf }: OpenOptions): FormatReader {
  if (!eDistribuzione.recognises(names)) {
    throw new FileFault("header_invalid", `The first line must be ${eDistribuzione.example}.`, { line: 1 });
  }
  if (codeNeeded) {
    throw new FileFault(
      "header_invalid",
      "The file does not say of which POD it is: choose the supply point in the field supplyPointId.",
      { line: 1 },
    );
  }
  const columns = columnsOf(names);
  const clock = clockOf(ZONE);
  const once: string[] = [];
  return {
    columns: { code: "POD", from: DAY_COLUMN, to: DAY_COLUMN, value: "kWh" },
    // Rows end with a separator.
    fieldCount: {
      min: columns.length + 1,
      max: columns.length + 2,
      names: `${DAY_COLUMN};…;${columns.at(-1)?.name ?? ""}`,
    },
    codeOf: () => "",
    read: (fields) => {
      const date = dateOf(fields[0] ?? "");
      const day = date === undefined ? undefined : clock.dayOf(date.year, date.month, date.day);
      if (day === undefined) {
        const detail = `${quoted(fields[0] ?? "")} is not a date: write 31/01/2026.`;
        return rowFault(DAY_COLUMN, "time_malformed", detail);
      }
      return readDay(fields, columns, day, (wall) => once.push(`${fields[0]} ${wall}`));
    },
    notes: () => {
      if (once.length === 0) return [];
      const shown = once.slice(0, 4).join(", ");
      return [
        `${once.length} values are of an hour that comes twice in the night on which the clock goes back, and the file has it once (${shown}): they were left out, because nothing says which hour they are of.`,
      ];
    },
  };
}

function columnsOf(names: readonly string[]): readonly Column[] {
  const passes = new Map<number, number>();
  return names.slice(1).flatMap((name) => {
    if (name === "") return [];
    const fromWallMs = timeOfDay(RANGE.exec(name)?.[1] ?? "");
    if (fromWallMs === undefined || fromWallMs >= DAY_MS || fromWallMs % QUARTER_MS !== 0) {
      const detail = `${quoted(name)} is not a quarter-hour: the first line must be ${eDistribuzione.example}.`;
      throw new FileFault("header_invalid", detail, { line: 1, column: name });
    }
    const pass = passes.get(fromWallMs) ?? 0;
    passes.set(fromWallMs, pass + 1);
    return [{ name, fromWallMs, pass }];
  });
}

function readDay(
  fields: readonly string[],
  columns: readonly Column[],
  day: CivilDay,
  onOnce: (name: string) => void,
): Entry[] | RowFault {
  const entries: Entry[] = [];
  const isTwice = columns.some(({ pass }) => pass > 0);
  for (const [index, { name, fromWallMs, pass }] of columns.entries()) {
    const text = fields[index + 1] ?? "";
    if (text === "") continue;
    const energyWh = wholeOf(text, WH_PER_KWH, name);
    if (typeof energyWh !== "number") return energyWh;
    const starts = instantsAt(day, fromWallMs);
    const fromMs = starts[pass];
    if (fromMs === undefined) {
      // A column that the day does not have is filled with nothing or with zero.
      if (energyWh === 0) continue;
      const detail = `${quoted(text)} is in ${starts.length === 0 ? "the hour that the clock leaves out in spring" : "an hour that comes once on this day"}: correct the row, or leave the cell empty.`;
      return rowFault(name, "time_nonexistent", detail);
    }
    if (starts.length === 2 && !isTwice) {
      onOnce(name);
      continue;
    }
    const toMs = fromMs + QUARTER_MS;
    entries.push({
      fromMs,
      toMs,
      energyWh,
      status: QuarterCode.measured,
      carrier: "electricity",
      column: name,
    });
  }
  return entries;
}
