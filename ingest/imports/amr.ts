// Half-hours of British meter readers: a row a day with 48 columns, or a row a reading. Forty-eight every day, so their clock does not change.
import { quoted } from "#devices/quote";
import { DAY_MS, HOUR_MS } from "#devices/time";
import { QuarterCode, type Carrier } from "#devices/vocabulary";
import { cleanCode, dateOf, plainName, timeOfDay, wholeOf } from "./cells.ts";
import type { CsvFormat, Entry, FormatReader, ImportTarget, OpenOptions } from "./format.ts";
import type { LocalClock } from "./local-clock.ts";
import { FileFault, rowFault } from "./row-fault.ts";

const HALF_HOUR_MS = HOUR_MS / 2;
const HALF_HOURS = 48;
const WH_PER_KWH = 1000;
/** The more telling one first: a meter may be changed, a site may have several. */
const CODES = ["mpan", "mpxn", "mprn", "mpr", "m1code1", "ean", "prm", "pod", "meternumber", "siteid", "id"];
const DATES = ["readingdate", "consumptiondate", "date"];
const CARRIERS: ReadonlyMap<string, Carrier> = new Map([
  ["electricity", "electricity"],
  ["gas", "gas"],
]);
/** `00:30`, `[00:30]`, `kWh_1`; reactive energy is another thing. */
const HALF_HOUR = /^(?:\[?\d\d:\d\d\]?|kwh_\d+)$/i;

export const amr: CsvFormat = {
  id: "amr",
  title: "half-hours of a meter reader",
  example: "Site Id,Meter Number,Reading Date,00:00,00:30,…,23:30, or MPR,ReadDatetime,kWh,ReadType",
  recognises: (names) => isByDay(names) || isByReading(names) || isHeadless(names),
  open: (names, options) => {
    if (isHeadless(names)) return openDays(["MPAN", "Meter", "Date", ...ORDINALS], options, true);
    if (isByReading(names)) return openReadings(names, options);
    if (isByDay(names)) return openDays(names, options, false);
    throw new FileFault("header_invalid", `The first line must be like ${amr.example}.`, { line: 1 });
  },
};

const ORDINALS = Array.from({ length: HALF_HOURS }, (_, index) => `kWh_${index + 1}`);

function isByDay(names: readonly string[]): boolean {
  return names.filter((name) => HALF_HOUR.test(name)).length === HALF_HOURS && find(names, DATES) >= 0;
}

function isByReading(names: readonly string[]): boolean {
  return find(names, ["readdatetime"]) >= 0 && find(names, ["kwh"]) >= 0;
}

/** Some send no header: a number, a meter, a date and 48 values. */
function isHeadless(names: readonly string[]): boolean {
  return (
    names.length === HALF_HOURS + 3 &&
    /^\d+$/.test(names[0] ?? "") &&
    dateOf(names[2] ?? "") !== undefined &&
    names.slice(3).every((text) => /^[\d.]*$/.test(text))
  );
}

function find(names: readonly string[], wanted: readonly string[]): number {
  const plain = names.map(plainName);
  for (const name of wanted) if (plain.includes(name)) return plain.indexOf(name);
  return -1;
}

function openDays(names: readonly string[], options: OpenOptions, headless: boolean): FormatReader {
  const dateAt = find(names, DATES);
  const dateColumn = names[dateAt] ?? "Date";
  const codeAt = find(names, CODES);
  const [unitsAt, typeAt] = [find(names, ["units"]), find(names, ["type"])];
  const columns = names.flatMap((name, at) => (HALF_HOUR.test(name) ? [{ name, at }] : []));
  return {
    headless,
    columns: { code: names[codeAt] ?? "MPAN", from: dateColumn, to: dateColumn, value: "kWh" },
    fieldCount: { min: names.length, max: names.length, names: `${names.slice(0, 4).join(",")},…` },
    codeOf: (fields) => cleanCode(fields[codeAt] ?? ""),
    read: (fields, { target }) => {
      // 'Nov 13 2019 12:00AM' is a date with a midnight behind it.
      const date = dateOf((fields[dateAt] ?? "").replace(/ +(?:12:00 ?AM|00:00(?::00)?)$/i, ""));
      const startMs = date === undefined ? undefined : standardMs(date, 0, target, options);
      if (startMs === undefined) {
        const detail = `${quoted(fields[dateAt] ?? "")} is not a date: write 31/01/2026, the day before the month.`;
        return rowFault(dateColumn, "time_malformed", detail);
      }
      const units = fields[unitsAt] ?? "kWh";
      if (plainName(units) !== "kwh") {
        return rowFault(names[unitsAt] ?? null, "unit_unknown", `${quoted(units)} is not kWh: export kWh.`);
      }
      const carrier = CARRIERS.get(plainName(fields[typeAt] ?? "electricity")) ?? "electricity";
      if (carrier === "gas") return gasFault(names[typeAt] ?? null);
      const entries: Entry[] = [];
      for (const [index, { name, at }] of columns.entries()) {
        const text = fields[at] ?? "";
        if (text === "") continue;
        const energyWh = wholeOf(text, WH_PER_KWH, name);
        if (typeof energyWh !== "number") return energyWh;
        const fromMs = startMs + index * HALF_HOUR_MS;
        const toMs = fromMs + HALF_HOUR_MS;
        entries.push({ fromMs, toMs, energyWh, status: QuarterCode.measured, carrier, column: name });
      }
      return entries;
    },
  };
}

function gasFault(column: string | null) {
  const detail = "Gas is kept in litres, and this row is in kWh: export it with the volume in m³.";
  return rowFault(column, "unit_unknown", detail);
}

const KINDS: ReadonlyMap<string, number> = new Map([
  ["actual", QuarterCode.measured],
  ["a", QuarterCode.measured],
  ["estimated", QuarterCode.substituted],
  ["e", QuarterCode.substituted],
]);

/** Where the first reading stands tells whether labels are beginnings (00:00) or ends (00:30) of half-hours. */
function openReadings(names: readonly string[], options: OpenOptions): FormatReader {
  const codeAt = find(names, CODES);
  const timeAt = find(names, ["readdatetime"]);
  const valueAt = find(names, ["kwh"]);
  const kindAt = find(names, ["readtype"]);
  const called = (at: number) => names[at] ?? "";
  let isEnd: boolean | undefined;
  return {
    columns: { code: called(codeAt), from: called(timeAt), to: called(timeAt), value: called(valueAt) },
    fieldCount: { min: names.length, max: names.length, names: names.join(",") },
    codeOf: (fields) => cleanCode(fields[codeAt] ?? ""),
    read: (fields, { target, line }) => {
      const text = fields[timeAt] ?? "";
      const [, dateText = "", timeText = ""] = /^(.*\S)\s+(\S+)$/.exec(text) ?? [];
      const date = dateOf(dateText);
      const wallMs = timeOfDay(timeText);
      const atMs =
        date === undefined || wallMs === undefined ? undefined : standardMs(date, wallMs, target, options);
      if (atMs === undefined || wallMs === undefined) {
        const detail = `${quoted(text)} is not a time: write 31 Jan 2026 00:30:00.`;
        return rowFault(called(timeAt), "time_malformed", detail);
      }
      isEnd ??= labelsAreEnds(wallMs, text, line, called(timeAt));
      const status = KINDS.get(plainName(fields[kindAt] ?? "actual"));
      if (status === undefined) {
        const detail = `${quoted(fields[kindAt] ?? "")} is not a kind of reading: Actual or Estimated.`;
        return rowFault(called(kindAt), "status_unknown", detail);
      }
      const value = fields[valueAt] ?? "";
      if (value === "") return [];
      const energyWh = wholeOf(value, WH_PER_KWH, called(valueAt));
      if (typeof energyWh !== "number") return energyWh;
      const fromMs = isEnd ? atMs - HALF_HOUR_MS : atMs;
      return [{ fromMs, toMs: fromMs + HALF_HOUR_MS, energyWh, status, carrier: "electricity" }];
    },
    notes: () =>
      isEnd === undefined
        ? []
        : [
            `The first reading is at ${isEnd ? "00:30" : "00:00"}, so times were taken for the ${isEnd ? "end" : "beginning"} of half-hours.`,
          ],
  };
}

function labelsAreEnds(wallMs: number, text: string, line: number, column: string): boolean {
  if (wallMs === 0 || wallMs === HALF_HOUR_MS) return wallMs > 0;
  throw new FileFault(
    "header_invalid",
    `The first reading is at ${quoted(text)}, so it cannot be told whether times are the beginning or the end of half-hours: let the file begin with the first half-hour of a day.`,
    { line, column },
  );
}

/** The clock of winter, all year: in London, UTC. */
function standardMs(
  { year, month, day }: { readonly year: number; readonly month: number; readonly day: number },
  wallMs: number,
  { timezone }: ImportTarget,
  { clockOf }: OpenOptions,
): number | undefined {
  const clock: LocalClock = clockOf(timezone);
  const offsets = [clock.dayOf(year, 1, 1), clock.dayOf(year, 7, 1)].map((one) => one?.offsetMs ?? 0);
  const civil = clock.dayOf(year, month, day);
  if (civil === undefined || wallMs > DAY_MS) return undefined;
  return civil.midnightWallMs + wallMs - Math.min(...offsets);
}
