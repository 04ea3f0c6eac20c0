// The French load curve of Enedis, from the customer's account (CSV) and from the API (JSON): mean W, the label is the END of the interval.
import { quoted } from "#devices/quote";
import { HOUR_MS, MINUTE_MS } from "#devices/time";
import { QuarterCode, type Direction } from "#devices/vocabulary";
import { dateOf, plainName, timeOfDay, wholeOf } from "./cells.ts";
import { createFineGrid } from "./fine-grid.ts";
import type { CsvFormat, FormatReader, LateRow, RowResult } from "./format.ts";
import { instantOf } from "./instant.ts";
import { isFault } from "./interval-row.ts";
import { linesOf, listIn, member, textIn, type JsonFormat } from "./json-rows.ts";
import { clocksByZone, instantsAt, type LocalClock } from "./local-clock.ts";
import { FileFault, rowFault, type RowFault } from "./row-fault.ts";

const ZONE = "Europe/Paris";
const STEPS_MIN = [5, 10, 15, 30, 60];
const POINTS_MAX = 600_000;
const TIME = "Horodate";
const VALUE = "Valeur";

export const enedis: CsvFormat = {
  id: "enedis",
  title: "the load curve of Enedis",
  example: "Identifiant PRM;Type de donnees;…;Pas en minutes, and below it Horodate;Valeur",
  recognises: (names) => plainName(names[0] ?? "") === "identifiantprm" || isHead(names),
  open: (names, { clockOf }) => {
    if (!enedis.recognises(names)) {
      throw new FileFault("header_invalid", `The first line must be ${enedis.example}.`, { line: 1 });
    }
    return openCurve(clockOf(ZONE), names);
  },
};

function isHead(names: readonly string[]): boolean {
  return plainName(names[0] ?? "") === "horodate" && plainName(names[1] ?? "") === "valeur";
}

/** What stands above the curve. */
type Meta = { prm: string; minutes: number; direction: Direction; status: number };

/** Of a file without a step. */
type Point = {
  readonly code: string;
  readonly line: number;
  readonly direction: Direction;
  readonly endMs: number;
  /** `undefined`: the point says that there is no value. */
  readonly watts: number | undefined;
};

function openCurve(clock: LocalClock, header: readonly string[]): FormatReader {
  const columns = { time: TIME, value: VALUE };
  const grids = { import: createFineGrid(columns), export: createFineGrid(columns) };
  const names = header.map(plainName);
  const meta: Meta = { prm: "", minutes: 0, direction: "import", status: QuarterCode.measured };
  const stepless: Point[] = [];

  function spread(point: Point, minutes: number): RowFault | undefined {
    if (point.watts === undefined) return undefined;
    const lengthMs = minutes * MINUTE_MS;
    const interval = {
      fromMs: point.endMs - lengthMs,
      toMs: point.endMs,
      energyWh: (point.watts * lengthMs) / HOUR_MS,
      status: meta.status,
    };
    return grids[point.direction].add(point.code, interval, point.line);
  }

  function settle(point: Point): RowResult {
    if (meta.minutes > 0) return spread(point, meta.minutes) ?? [];
    if (stepless.push(point) > POINTS_MAX) {
      throw new FileFault(
        "too_many_days",
        `The file has more than ${POINTS_MAX} points: divide it into several.`,
      );
    }
    return [];
  }

  function* late(): Generator<LateRow> {
    const series = Map.groupBy(stepless, ({ code, direction }) => `${code} ${direction}`);
    for (const points of series.values()) {
      for (const [point, minutes] of stepsOf(points)) {
        const fault = minutes === undefined ? noStep() : spread(point, minutes);
        if (fault !== undefined) yield { line: point.line, code: point.code, result: fault };
      }
    }
    yield* directed(grids.import.rows(), "import");
    yield* directed(grids.export.rows(), "export");
  }

  return {
    columns: { code: "Identifiant PRM", from: TIME, to: TIME, value: VALUE },
    codeOf: (fields) => {
      if (fields.length > 2 && /^\d{14}$/.test(fields[0] ?? "")) meta.prm = fields[0] ?? "";
      return meta.prm;
    },
    read: (fields, { line }) => {
      if (fields.length > 2 && names[0] === "identifiantprm") {
        if (plainName(fields[0] ?? "") !== "identifiantprm") readMeta(names, fields, meta, line);
        return [];
      }
      if (isHead(fields)) return [];
      const endMs = curveTime(fields[0] ?? "", clock);
      if (typeof endMs !== "number") return endMs;
      const text = fields[1] ?? "";
      const watts = text === "" ? undefined : wholeOf(text, 1, VALUE);
      if (typeof watts === "object") return watts;
      return settle({ code: meta.prm, line, direction: meta.direction, endMs, watts });
    },
    end: late,
  };
}

/**
 * How long the interval of each point is, min: the distance to the point before. One that is longer than those on both sides of it
 * could be a gap as well. `undefined`: nothing tells.
 */
function* stepsOf(points: readonly Point[]): Generator<readonly [Point, number | undefined]> {
  const sorted = points.toSorted((one, other) => one.endMs - other.endMs);
  const times = [...new Set(sorted.map(({ endMs }) => endMs))];
  const place = new Map(times.map((endMs, index) => [endMs, index]));
  const gap = (index: number) => ((times[index] ?? NaN) - (times[index - 1] ?? NaN)) / MINUTE_MS;
  for (const point of sorted) {
    const at = place.get(point.endMs) ?? 0;
    const own = at === 0 ? gap(1) : gap(at);
    const neighbours = at === 0 ? [gap(2)] : [gap(at - 1), gap(at + 1)];
    const known = neighbours.filter((one) => !Number.isNaN(one));
    const isSure = known.length === 0 || known.some((one) => own <= one);
    yield [point, isSure && STEPS_MIN.includes(own) ? own : undefined];
  }
}

function noStep(): RowFault {
  const detail =
    "The file does not say how long its intervals are, and the points around this one are not evenly apart: export it with the step (Pas en minutes), or with what is missing.";
  return rowFault(TIME, "time_ambiguous", detail);
}

function* directed(rows: Iterable<LateRow>, direction: Direction): Generator<LateRow> {
  for (const row of rows) {
    yield isFault(row.result)
      ? row
      : { ...row, result: row.result.map((entry) => ({ ...entry, direction })) };
  }
}

/** @throws FileFault for what is no curve in W: its rows would be read as one. */
function readMeta(names: readonly string[], fields: readonly string[], meta: Meta, line: number): void {
  const valueOf = (name: string) => fields[names.indexOf(name)] ?? "";
  const unit = valueOf("unite");
  if (unit !== "" && unit.toUpperCase() !== "W") {
    const detail = `${quoted(unit)} is not the unit of a load curve (W): ask for "courbe de charge", not for daily consumption or indexes.`;
    throw new FileFault("header_invalid", detail, { line, column: "Unite" });
  }
  meta.minutes = Number(/\d+/.exec(valueOf("pasenminutes"))?.[0] ?? 0);
  meta.direction = /production|injection/i.test(valueOf("grandeurmetier")) ? "export" : "import";
}

/** With an offset as it is; without one, local time, its fold told by nothing but the order: refused. */
function curveTime(text: string, clock: LocalClock): number | RowFault {
  const atMs = instantOf(text);
  if (atMs !== undefined) return atMs;
  const found = localTimes(text, clock);
  if (found === undefined) {
    const detail = `${quoted(text)} is not a time: write 2026-01-31T00:30:00+01:00 or 2026-01-31 00:30:00.`;
    return rowFault(TIME, "time_malformed", detail);
  }
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only;
  return found.length === 0 ? nonexistent(text) : ambiguous(text);
}

function localTimes(text: string, clock: LocalClock): readonly number[] | undefined {
  const [dayText = "", timeText = ""] = text.split(/[ T]/);
  const date = dateOf(dayText);
  const timeMs = timeOfDay(timeText);
  if (date === undefined || timeMs === undefined) return undefined;
  const day = clock.dayOf(date.year, date.month, date.day);
  return day === undefined ? undefined : instantsAt(day, timeMs);
}

function nonexistent(text: string): RowFault {
  const detail = `${quoted(text)} is in the hour that the clock leaves out in spring: it cannot be local time.`;
  return rowFault(TIME, "time_nonexistent", detail);
}

function ambiguous(text: string): RowFault {
  const detail = `${quoted(text)} comes twice in the night on which the clock goes back, and nothing says which one this is: export the file with offsets (+02:00, +01:00).`;
  return rowFault(TIME, "time_ambiguous", detail);
}

/** The answers of Data Connect: a load curve, of which each point says how long it is, PT10M to PT60M, or the energy of whole days. */
export const enedisJson: JsonFormat = {
  id: "enedis",
  recognises: (beginning) => beginning.includes('"meter_reading"'),
  open: (document, text) => {
    const reading = member(document, "meter_reading");
    const points = listIn(reading, "interval_reading");
    if (reading === undefined) return undefined;
    const type = member(reading, "reading_type");
    const unit = textIn(type, "unit");
    const isDaily = unit === "Wh" && textIn(type, "measuring_period") === "P1D";
    if ((unit !== "W" && !isDaily) || points.length === 0) {
      throw new FileFault(
        "json_invalid",
        `The document is of ${unit === "" ? "nothing measured" : quoted(unit)}, neither a load curve in W nor the energy of days in Wh: ask for the load curve.`,
      );
    }
    const prm = textIn(reading, "usage_point_id");
    const lines = linesOf(text, "date", points.length);
    const rows = points.map((point, index) => ({
      line: lines[index] ?? 0,
      fields: [
        prm,
        ...["date", "value", "interval_length", "measure_type"].map((name) => textIn(point, name)),
      ],
    }));
    const clock = clocksByZone()(ZONE);
    return { reader: isDaily ? openDays(clock) : openPoints(clock), rows };
  },
};

/** Whole civil days: from midnight to midnight, 23 to 25 hours. */
function openDays(clock: LocalClock): FormatReader {
  return {
    columns: { code: "usage_point_id", from: "date", to: "date", value: "value" },
    codeOf: (fields) => fields[0] ?? "",
    read: ([, date = "", value = ""]) => {
      if (value === "") return [];
      const day = dateOf(date);
      const [fromMs] = day === undefined ? [] : midnightOf(day, clock);
      const [toMs] = day === undefined ? [] : midnightOf(dayAfter(day), clock);
      if (fromMs === undefined || toMs === undefined)
        return rowFault("date", "time_malformed", `${quoted(date)} is not a day: write 2026-01-31.`);
      const energyWh = wholeOf(value, 1, "value");
      if (typeof energyWh !== "number") return energyWh;
      return [{ fromMs, toMs, energyWh, status: QuarterCode.measured }];
    },
  };
}

type CivilDate = NonNullable<ReturnType<typeof dateOf>>;

function midnightOf({ year, month, day }: CivilDate, clock: LocalClock): readonly number[] {
  const civil = clock.dayOf(year, month, day);
  return civil === undefined ? [] : instantsAt(civil, 0);
}

function dayAfter(date: CivilDate): CivilDate {
  const { year, month, day } = Temporal.PlainDate.from(date).add({ days: 1 });
  return { year, month, day };
}

const LENGTH = /^PT(\d+)M$/;

function openPoints(clock: LocalClock): FormatReader {
  const grid = createFineGrid({ time: "date", value: "value" });
  let previousMs = 0;
  return {
    columns: { code: "usage_point_id", from: "date", to: "date", value: "value" },
    codeOf: (fields) => fields[0] ?? "",
    read: ([code = "", date = "", value = "", length = "", kind = ""], { line }) => {
      if (value === "") return [];
      const minutes = Number(LENGTH.exec(length)?.[1] ?? 0);
      if (!STEPS_MIN.includes(minutes)) {
        const detail = `${quoted(length)} is not the length of an interval of a load curve: PT10M, PT15M, PT30M or PT60M.`;
        return rowFault("interval_length", "time_malformed", detail);
      }
      const found = localTimes(date, clock) ?? [];
      // Points follow each other, so the repeated hour is told by the point before.
      const endMs = found.find((one) => one > previousMs) ?? found[0];
      if (endMs === undefined) return curveFault(date, clock);
      const watts = wholeOf(value, 1, "value");
      if (typeof watts !== "number") return watts;
      previousMs = endMs;
      const lengthMs = minutes * MINUTE_MS;
      const energyWh = (watts * lengthMs) / HOUR_MS;
      // B: raw; C, H, R: corrected, held or rebuilt by the operator.
      const status = kind === "" || kind === "B" ? QuarterCode.measured : QuarterCode.substituted;
      return grid.add(code, { fromMs: endMs - lengthMs, toMs: endMs, energyWh, status }, line) ?? [];
    },
    end: () => grid.rows(),
  };
}

function curveFault(date: string, clock: LocalClock): RowFault {
  const fault = curveTime(date, clock);
  return typeof fault === "number" ? nonexistent(date) : { ...fault, column: "date" };
}
