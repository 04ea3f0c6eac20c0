// A Belgian P1 meter: telegrams of a simulated connection, with month peaks and the M-Bus meters behind it.
import { HOUR_MS, MINUTE_MS, QUARTER_MS, SECOND_MS } from "#devices/time";
import { encodeTelegram, type TelegramFields } from "#devices/profiles/index";
import type { ElectricityOracle } from "../world/electricity.ts";
import type { IndexSeries } from "../world/index-series.ts";
import { chance, derive } from "../world/random.ts";
import type { Speech } from "./speech.ts";

export type P1MeterOptions = {
  readonly seed: number;
  readonly meterId: string;
  readonly timezone: string;
  readonly electricity: ElectricityOracle;
  readonly phases: 1 | 3;
  readonly historyStepMs: number;
  /** Behind the first channels, in this order. `everyMs`: how often the meter passes its index on. */
  readonly mbus: readonly MbusSource[];
};

export type MbusSource = {
  readonly carrier: "gas" | "water";
  readonly meterId: string;
  readonly index: IndexSeries;
  readonly everyMs: number;
};

export const MBUS_HOURLY_MS = HOUR_MS;
export const MBUS_FIVE_MINUTES_MS = 5 * MINUTE_MS;

const LIVE_STEP_MS = 10 * SECOND_MS;
const PEAK_MONTHS_MAX = 13;

/** Speaks, and tells what it would say beside the indices. */
export type P1Meter = Speech & { readonly fieldsAt: (instantMs: number) => TelegramFields };

export function createP1Meter(options: P1MeterOptions): P1Meter {
  const peaks = createPeaks(options.electricity, options.timezone);
  return {
    profile: "dsmr-p1",
    topic: "p1/telegram",
    liveStepMs: LIVE_STEP_MS,
    historyStepMs: options.historyStepMs,
    messageAt: (instantMs) => encodeTelegram(fieldsAt(options, peaks, instantMs)),
    fieldsAt: (instantMs) => fieldsAt(options, peaks, instantMs),
  };
}

function fieldsAt(options: P1MeterOptions, peaks: Peaks, instantMs: number): TelegramFields {
  const { electricity } = options;
  const importW = rate(electricity.importDay, electricity.importNight, instantMs);
  const exportW = rate(electricity.exportDay, electricity.exportNight, instantMs);
  return {
    meterId: options.meterId,
    observedAtMs: instantMs,
    importWh: [electricity.importDay.indexAt(instantMs), electricity.importNight.indexAt(instantMs)],
    exportWh: [electricity.exportDay.indexAt(instantMs), electricity.exportNight.indexAt(instantMs)],
    tariff: electricity.isDayTariff(instantMs) ? 1 : 2,
    importW,
    exportW,
    demandW: runningDemandW(electricity, instantMs),
    monthPeak: peaks.present(instantMs),
    peakHistory: peaks.closed(instantMs),
    phases: phasesAt(options, importW, exportW, instantMs),
    mbus: options.mbus.map(({ carrier, meterId, index, everyMs }) => {
      const observedAtMs = Math.floor(instantMs / everyMs) * everyMs;
      return { carrier, meterId, observedAtMs, index: index.indexAt(observedAtMs) };
    }),
  };
}

const rate = (day: IndexSeries, night: IndexSeries, instantMs: number) =>
  Math.round(day.rateAt(instantMs) + night.rateAt(instantMs));

const importOf = ({ importDay, importNight }: ElectricityOracle, quarter: number) =>
  importDay.quarter(quarter) + importNight.quarter(quarter);

/** Average since the quarter-hour began. */
function runningDemandW({ importDay, importNight }: ElectricityOracle, instantMs: number): number {
  const startMs = Math.floor(instantMs / QUARTER_MS) * QUARTER_MS;
  if (instantMs === startMs) return 0;
  const at = (ms: number) => importDay.indexAt(ms) + importNight.indexAt(ms);
  // A glitch shows less than before.
  const passedWh = Math.max(0, at(instantMs) - at(startMs));
  return Math.round((passedWh * HOUR_MS) / (instantMs - startMs));
}

/** The load spread over the phases, and a voltage that sags and rises with the street. */
function phasesAt(options: P1MeterOptions, importW: number, exportW: number, instantMs: number) {
  const even = (powerW: number, phase: number) =>
    Math.floor(powerW / options.phases) + (phase < powerW % options.phases ? 1 : 0);
  return Array.from({ length: options.phases }, (_, phase) => {
    const voltageDeciV = 2290 + Math.floor(90 * chance(derive(options.seed, phase), instantMs / SECOND_MS));
    const powerW = even(importW, phase) + even(exportW, phase);
    return {
      importW: even(importW, phase),
      exportW: even(exportW, phase),
      voltageDeciV,
      currentCentiA: Math.round((powerW * 1000) / voltageDeciV),
    };
  });
}

type Peak = { readonly atMs: number; readonly powerW: number };
type Peaks = {
  /** Highest quarter-hour of the running civil month so far; the month's start before there is one. */
  present(instantMs: number): Peak;
  /** Those of the months before, newest first, as far back as the meter was there. */
  closed(instantMs: number): (Peak & { readonly closedAtMs: number })[];
};

function createPeaks(electricity: ElectricityOracle, timezone: string): Peaks {
  const known = new Map<number, { readonly untilQuarter: number; readonly peak: Peak }>();
  const peakOf = (monthStartMs: number, untilMs: number): Peak => {
    const untilQuarter = Math.floor(untilMs / QUARTER_MS);
    const before = known.get(monthStartMs);
    const usable = before !== undefined && before.untilQuarter <= untilQuarter;
    let peak = usable ? before.peak : { atMs: monthStartMs, powerW: 0 };
    const from = usable ? before.untilQuarter : Math.floor(monthStartMs / QUARTER_MS);
    for (let quarter = from; quarter < untilQuarter; quarter++) {
      const powerW = (importOf(electricity, quarter) * HOUR_MS) / QUARTER_MS;
      if (powerW > peak.powerW) peak = { atMs: (quarter + 1) * QUARTER_MS, powerW };
    }
    known.set(monthStartMs, { untilQuarter, peak });
    return peak;
  };
  return {
    present: (instantMs) => peakOf(monthStartsBefore(instantMs, timezone)[0] ?? instantMs, instantMs),
    closed: (instantMs) => {
      const starts = monthStartsBefore(instantMs, timezone);
      return starts.slice(1).flatMap((startMs, index) => {
        const closedAtMs = starts[index] ?? instantMs;
        const peak = peakOf(startMs, closedAtMs);
        return peak.powerW > 0 ? [{ ...peak, closedAtMs }] : [];
      });
    },
  };
}

const monthStarts = new Map<string, readonly number[]>();

/** The start of the civil month of the instant, and of those before it. */
function monthStartsBefore(instantMs: number, timezone: string): readonly number[] {
  const key = `${timezone} ${Math.floor(instantMs / HOUR_MS)}`;
  const found = monthStarts.get(key);
  if (found !== undefined) return found;
  const month = Temporal.Instant.fromEpochMilliseconds(instantMs)
    .toZonedDateTimeISO(timezone)
    .with({ day: 1 })
    .startOfDay();
  const starts = Array.from(
    { length: PEAK_MONTHS_MAX + 1 },
    (_, back) => month.subtract({ months: back }).startOfDay().epochMilliseconds,
  );
  monthStarts.set(key, starts);
  return starts;
}
