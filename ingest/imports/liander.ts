// Day readings of Liander: indexes at midnight and what was used since the row before, two tariffs in, two out; of gas one.
import { quoted } from "#devices/quote";
import { DAY_MS } from "#devices/time";
import { QuarterCode, type Carrier } from "#devices/vocabulary";
import { dateOf, wholeOf } from "./cells.ts";
import type { CsvFormat, Entry, FormatReader, LateRow, OpenOptions, RowResult } from "./format.ts";
import type { CivilDay, LocalClock } from "./local-clock.ts";
import { columnsNamed, hasColumns } from "./named-columns.ts";
import { FileFault, rowFault } from "./row-fault.ts";

const ZONE = "Europe/Amsterdam";
const PER_UNIT = 1000;
const COLUMNS = {
  code: "eancodeasn",
  meter: "meternummer",
  date: "meterreadingdate",
  usage: "usage1",
} as const;
const ROWS_MAX = 200_000;

const DIRECTIONS = ["import", "import", "export", "export"] as const;

export const liander: CsvFormat = {
  id: "liander",
  title: "day readings of Liander",
  example:
    "eancodeasn,meternummer,meterreadingdate,reading1,usage1,reading2,usage2,reading3,usage3,reading4,usage4",
  recognises: (names) => hasColumns(names, Object.values(COLUMNS)),
  open: openReadings,
};

type Reading = {
  readonly line: number;
  readonly code: string;
  readonly midnightMs: number;
  readonly usages: readonly string[];
};

function openReadings(names: readonly string[], { clockOf }: OpenOptions): FormatReader {
  const at = columnsNamed(names, COLUMNS, liander.example);
  const usages = [1, 2, 3, 4].map((number) =>
    names.findIndex((name) => name.toLowerCase() === `usage${number}`),
  );
  const clock = clockOf(ZONE);
  const meters = new Map<string, Reading[]>();
  let count = 0;
  return {
    columns: { code: COLUMNS.code, from: COLUMNS.date, to: COLUMNS.date, value: COLUMNS.usage },
    fieldCount: { min: names.length, max: names.length, names: names.join(",") },
    codeOf: (fields) => fields[at.code] ?? "",
    carrierOf: (fields) => carrierOf(fields[at.meter] ?? ""),
    read: (fields, { line }) => {
      const midnightMs = midnightOf(fields[at.date] ?? "", clock);
      if (midnightMs === undefined) {
        const detail = `${quoted(fields[at.date] ?? "")} is not a date: write 31-01-2026.`;
        return rowFault(COLUMNS.date, "time_malformed", detail);
      }
      if (++count > ROWS_MAX) {
        throw new FileFault(
          "too_many_days",
          `The file has more than ${ROWS_MAX} readings: divide it into several.`,
        );
      }
      const meter = fields[at.meter] ?? "";
      const code = fields[at.code] ?? "";
      const key = `${code} ${meter}`;
      const readings = meters.get(key) ?? [];
      meters.set(key, readings);
      readings.push({ line, code, midnightMs, usages: usages.map((place) => fields[place] ?? "") });
      return [];
    },
    end: () => lateRows(meters),
  };
}

/** Dutch meters say it in the first letter of their number. */
function carrierOf(meter: string): Carrier {
  return meter.startsWith("G") ? "gas" : "electricity";
}

function midnightOf(text: string, clock: LocalClock): number | undefined {
  const date = dateOf(text);
  const day: CivilDay | undefined = date && clock.dayOf(date.year, date.month, date.day);
  return day && day.midnightWallMs - day.offsetMs;
}

/** A meter's first row has a reading and no use yet; a later one says what was used since the row before. */
function* lateRows(meters: ReadonlyMap<string, readonly Reading[]>): Generator<LateRow> {
  for (const [key, readings] of meters) {
    const isGas = carrierOf(key.split(" ")[1] ?? "") === "gas";
    const sorted = readings.toSorted((one, other) => one.midnightMs - other.midnightMs);
    let beforeMs: number | undefined;
    let last: number | undefined;
    for (const reading of sorted) {
      // The same day again is compared with itself.
      if (reading.midnightMs !== last) beforeMs = last;
      last = reading.midnightMs;
      const fromMs = beforeMs ?? reading.midnightMs - DAY_MS;
      yield { line: reading.line, code: reading.code, result: usedSince(fromMs, reading, isGas) };
    }
  }
}

function usedSince(fromMs: number, { midnightMs: toMs, usages }: Reading, isGas: boolean): RowResult {
  const entries: Entry[] = [];
  for (const [index, text] of usages.entries()) {
    const column = `usage${index + 1}`;
    if (text === "") continue;
    const energyWh = wholeOf(text, PER_UNIT, column);
    if (typeof energyWh !== "number") return energyWh;
    const way = { direction: DIRECTIONS[index], part: String(index + 1), column };
    const carrier = isGas ? "gas" : "electricity";
    entries.push({ fromMs, toMs, energyWh, status: QuarterCode.measured, carrier, ...way });
  }
  return entries;
}
