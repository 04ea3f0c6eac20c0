// Exports of Mijn Fluvius, in Dutch, French and English: quarter-hours of electricity by tariff, hours of gas in m³ and kWh.
//
//   in the night on which the clock goes back, labels come twice, interleaved:
//     02:00 02:15 · 02:00 02:15 · 02:15 02:30 · 02:15 02:30 · 02:30 02:45 · 02:30 02:45 · 02:45 02:00 · 02:45 03:00
//   the row whose end goes back is of the first hour; the order of its pair is the order of the others
import { quoted } from "#devices/quote";
import { QuarterCode } from "#devices/vocabulary";
import { dateOf, plainName, timeOfDay, wholeOf } from "./cells.ts";
import { createFoldedRows } from "./folded-rows.ts";
import type { CsvFormat, Entry, FormatReader, OpenOptions } from "./format.ts";
import { instantsAt, type CivilDay, type LocalClock } from "./local-clock.ts";
import { FileFault, rowFault, type RowFault } from "./row-fault.ts";

const ZONE = "Europe/Brussels";

const NAMES = {
  fromDate: ["vandatum", "fromdate", "dudate", "dedate", "datededebut", "apartirdedate"],
  fromTime: ["vantijdstip", "fromtime", "duheure", "deheure", "heurededebut", "apartirdeheure"],
  toDate: ["totdatum", "untildate", "todate", "audate", "adate", "datedefin", "jusquaudate"],
  toTime: [
    "tottijdstip",
    "untiltime",
    "totime",
    "auheure",
    "aheure",
    "heuredefin",
    "jusquaheure",
    "jusquauheure",
  ],
  code: ["ean", "eancode", "codeean"],
  meter: ["meter", "compteur"],
  register: ["register", "registre"],
  volume: ["volume"],
  unit: ["eenheid", "unit", "unite"],
  status: ["validatiestatus", "validationstatus", "statutdevalidation", "etatdevalidation"],
} as const;
type Name = keyof typeof NAMES;

export const fluvius: CsvFormat = {
  id: "fluvius",
  title: "an export of Mijn Fluvius",
  example:
    "Van datum;Van tijdstip;Tot datum;Tot tijdstip;EAN;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus",
  recognises: (names) => {
    const plain = names.map(plainName);
    return placeOf(plain, "fromDate") >= 0 && placeOf(plain, "toTime") >= 0;
  },
  open: openFluvius,
};

function placeOf(names: readonly string[], wanted: Name): number {
  return names.findIndex((name) => (NAMES[wanted] as readonly string[]).includes(name));
}

const STATUSES: ReadonlyMap<string, number> = new Map([
  ...["uitgelezen", "read", "releve", "relevee", "lu"].map((name) => [name, QuarterCode.measured] as const),
  ...["gevalideerd", "validated", "valide", "validee"].map((name) => [name, QuarterCode.validated] as const),
  ...["geschat", "estimated", "estime", "estimee"].map((name) => [name, QuarterCode.substituted] as const),
  // With a value, it is what was read.
  ...["geenverbruik", "noconsumption", "pasdeconsommation", "aucuneconsommation"].map(
    (name) => [name, QuarterCode.measured] as const,
  ),
]);
const IMPORT = ["afname", "offtake", "prelevement", "consommation"];
const EXPORT = ["injectie", "injection"];
const TOTAL = /totaa?l|totale|totaux/;
const UNITS: ReadonlyMap<string, "electricity" | "gas"> = new Map([
  ["kWh", "electricity"],
  ["m³", "gas"],
  ["m3", "gas"],
]);
const PER_UNIT = 1000;
/** What gas can hold, kWh/m³, with a margin for readings of few litres. */
const CALORIFIC_MIN = 7;
const CALORIFIC_MAX = 14;
const CALORIFIC_FROM_L = 100;

function openFluvius(header: readonly string[], { clockOf, codeNeeded }: OpenOptions): FormatReader {
  const names = header.map(plainName);
  const at = Object.fromEntries(
    (Object.keys(NAMES) as Name[]).map((name) => [name, placeOf(names, name)]),
  ) as Record<Name, number>;
  for (const name of Object.keys(NAMES) as Name[]) {
    if (at[name] >= 0 || name === "meter" || (name === "code" && !codeNeeded)) continue;
    const [dutch = name] = NAMES[name];
    const detail = `The column ${dutch} (${name}) is missing. The first line must be ${fluvius.example}.`;
    throw new FileFault("header_invalid", detail, { line: 1, column: dutch });
  }
  const called = (name: Name) => header[at[name]] ?? name;
  const clock = clockOf(ZONE);
  const isGas = names.some((name) =>
    ["calorischebovenwaarde", "caloricuppervalue", "pouvoircalorifiquesuperieur"].includes(name),
  );
  const folded = createFoldedRows(called("fromTime"));
  const memory = createTimeMemory(clock, called);
  let gas: { readonly key: string; readonly unit: string; readonly energy: number } | undefined;
  let gasInKwh = 0;
  let gasInM3 = 0;

  /** The two rows of an hour of gas follow each other: their quotient is the calorific value. */
  function calorificFault(key: string, unit: string, energy: number): RowFault | undefined {
    const before = gas;
    gas = { key, unit, energy };
    if (before === undefined || before.key !== key || before.unit === unit) return undefined;
    const [litres, wh] = unit === "gas" ? [energy, before.energy] : [before.energy, energy];
    if (litres < CALORIFIC_FROM_L) return undefined;
    const value = wh / litres;
    if (value >= CALORIFIC_MIN && value <= CALORIFIC_MAX) return undefined;
    return rowFault(
      called("volume"),
      "calorific_value_unlikely",
      `${litres / PER_UNIT} m³ and ${wh / PER_UNIT} kWh of the same hour make ${value.toFixed(2)} kWh/m³; gas holds ${CALORIFIC_MIN} to ${CALORIFIC_MAX}: check the two values.`,
    );
  }

  return {
    columns: {
      code: called("code"),
      from: called("fromTime"),
      to: called("toTime"),
      value: called("volume"),
    },
    fieldCount: { min: header.length - 1, max: header.length + 1, names: header.join(";") },
    codeOf: (fields) => fields[at.code] ?? "",
    // Gas comes in kWh as well, in some files alone: that a row is in kWh does not say of what.
    carrierOf: (fields) => (isGas || UNITS.get(fields[at.unit] ?? "") === "gas" ? "gas" : undefined),
    read: (fields, { line, target }) => {
      const unit = UNITS.get(fields[at.unit] ?? "");
      if (unit === undefined) {
        const detail = `${quoted(fields[at.unit] ?? "")} is not kWh or m³: export quarter-hours or hours of energy.`;
        return rowFault(called("unit"), "unit_unknown", detail);
      }
      const register = registerOf(plainName(fields[at.register] ?? ""));
      if (register === undefined) {
        const detail = `${quoted(fields[at.register] ?? "")} is not a register of offtake or injection: leave the row out.`;
        return rowFault(called("register"), "register_unknown", detail);
      }
      const status = STATUSES.get(plainName(fields[at.status] ?? ""));
      if (status === undefined) {
        const detail = `${quoted(fields[at.status] ?? "")} is not a validation status that is known: Uitgelezen, Gevalideerd, Geschat or Geen verbruik.`;
        return rowFault(called("status"), "status_unknown", detail);
      }
      const volume = fields[at.volume] ?? "";
      const span = memory.spanOf(
        fields[at.fromDate] ?? "",
        fields[at.fromTime] ?? "",
        fields[at.toDate] ?? "",
        fields[at.toTime] ?? "",
      );
      if ("detail" in span) return span;
      const code = fields[at.code] ?? "";
      // Meters that follow each other within an interval are added up as tariffs are.
      const { name, direction, isTotal } = register;
      const part = `${fields[at.meter] ?? ""} ${name}`;
      const known = { carrier: unit, direction, part, isTotal, column: called("volume") };
      const place = { line, code, series: `${code} ${part} ${unit}` };
      // Without a value, a row says that there is none; in the repeated hour it has its place all the same.
      if (volume === "") {
        if (isFolded(span)) folded.add({ ...place, ...span, entry: { ...known, ...NO_VALUE } });
        return [];
      }
      const energyWh = wholeOf(volume, PER_UNIT, called("volume"));
      if (typeof energyWh !== "number") return energyWh;
      if (isGas || unit === "gas" || target.carrier === "gas") {
        const key = `${fields[at.fromDate]} ${fields[at.fromTime]} ${fields[at.toTime]} ${name}`;
        const fault = calorificFault(key, unit, energyWh);
        if (fault !== undefined) return fault;
        if (unit !== "gas") {
          gasInKwh++;
          return [];
        }
        gasInM3++;
      }
      const entry = { ...known, energyWh, status };
      if (!isFolded(span)) return [{ ...entry, ...span }];
      folded.add({ ...place, ...span, entry });
      return [];
    },
    end: () => folded.rows(),
    notes: () => (gasInKwh > 0 ? [gasNote(gasInKwh, gasInM3)] : []),
  };
}

function gasNote(gasInKwh: number, gasInM3: number): string {
  return gasInM3 > 0
    ? `Gas is kept in litres: ${gasInM3} values in m³ were taken, and ${gasInKwh} in kWh, which say the same with the calorific value, were compared with them.`
    : `Gas is kept in litres, and the file has ${gasInKwh} values in kWh alone, without the calorific value by which they were made of the volume: export it with the volume in m³.`;
}

type Register = { readonly name: string; readonly direction: Entry["direction"]; readonly isTotal: boolean };

/** Day, night, exclusive night…: parts. What says that it is the total, or nothing beside its direction, is their sum. */
function registerOf(name: string): Register | undefined {
  const plain = name.replace(TOTAL, "");
  const direction = directionOf(plain);
  if (direction === undefined) return undefined;
  const isTotal = plain !== name || IMPORT.includes(name) || EXPORT.includes(name);
  return { name, direction, isTotal };
}

function directionOf(register: string): Entry["direction"] {
  if (IMPORT.some((name) => register.startsWith(name))) return "import";
  return EXPORT.some((name) => register.startsWith(name)) ? "export" : undefined;
}

/** Instants of a row; without `fromMs` and `toMs` in the hour that comes twice. */
type FluviusSpan = { readonly fromMs: number; readonly toMs: number } | FoldedSpan;
type FoldedSpan = {
  readonly fromMs?: undefined;
  readonly toMs?: undefined;
  readonly day: CivilDay;
  readonly fromWallMs: number;
  readonly toWallMs: number;
};

function isFolded(span: FluviusSpan): span is FoldedSpan {
  return span.fromMs === undefined;
}

const NO_VALUE = { energyWh: 0, status: QuarterCode.missing };

/** Rows of one interval follow each other: its times are read once. */
function createTimeMemory(clock: LocalClock, called: (name: Name) => string) {
  let known = ["", "", "", ""];
  let last: FluviusSpan | RowFault | undefined;
  const days = new Map<string, CivilDay | undefined>();

  function dayOf(text: string): CivilDay | undefined {
    if (days.has(text)) return days.get(text);
    const date = dateOf(text);
    const day = date === undefined ? undefined : clock.dayOf(date.year, date.month, date.day);
    if (days.size > DAYS_KNOWN_MAX) days.clear();
    days.set(text, day);
    return day;
  }

  function read(fromDate: string, fromTime: string, toDate: string, toTime: string): FluviusSpan | RowFault {
    const fromDay = dayOf(fromDate);
    const toDay = dayOf(toDate);
    const fromWallMs = timeOfDay(fromTime);
    const toWallMs = timeOfDay(toTime);
    if (fromDay === undefined) return notATime(called("fromDate"), fromDate);
    if (toDay === undefined) return notATime(called("toDate"), toDate);
    if (fromWallMs === undefined) return notATime(called("fromTime"), fromTime);
    if (toWallMs === undefined) return notATime(called("toTime"), toTime);
    const starts = instantsAt(fromDay, fromWallMs);
    const [fromMs] = starts;
    if (fromMs === undefined) return leftOut(called("fromTime"), `${fromDate} ${fromTime}`);
    if (starts.length === 2) return { day: fromDay, fromWallMs, toWallMs };
    const ends = endsAt(toDay, toWallMs);
    // From before the fold into it, the first of its hours is meant; a whole day ends where its date says.
    const toMs = ends.find((one) => one > fromMs) ?? ends[0];
    return toMs === undefined ? leftOut(called("toTime"), `${toDate} ${toTime}`) : { fromMs, toMs };
  }

  return {
    spanOf: (...texts: readonly [string, string, string, string]) => {
      if (last !== undefined && texts.every((text, index) => text === known[index])) return last;
      known = [...texts];
      return (last = read(...texts));
    },
  };
}

const DAYS_KNOWN_MAX = 20_000;

/** An interval may end at the very moment at which the clock is put forward, whichever of the two times it is called. */
function endsAt(day: CivilDay, wallMs: number): readonly number[] {
  const ends = instantsAt(day, wallMs);
  const leapMs = day.change?.atMs;
  const isLeap = leapMs !== undefined && day.midnightWallMs + wallMs - day.offsetMs === leapMs;
  return ends.length === 0 && isLeap ? [leapMs] : ends;
}

function notATime(column: string, text: string): RowFault {
  const detail = `${quoted(text)} is not a date or time as Fluvius writes them: 31-01-2026 or 31/01/2026, and 00:15:00.`;
  return rowFault(column, "time_malformed", detail);
}

function leftOut(column: string, text: string): RowFault {
  const detail = `${quoted(text)} is in the hour that the clock leaves out in spring: it cannot be local time.`;
  return rowFault(column, "time_nonexistent", detail);
}
