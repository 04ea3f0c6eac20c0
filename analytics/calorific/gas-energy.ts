// Gas from litres to energy: each quarter-hour by the calorific value of its instant, a day's sum kept to the Wh.
import { mantissaOf, tenTo } from "#devices/decimal";
import { QUARTERS_PER_UTC_DAY, QUARTER_MS, utcDayStartMs } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { CalorificInForce, DayRow, RegisterDays } from "#store";

/** From `fromMs` on, until the next one: nano-Wh per litre, which is kWh per m3 times a thousand million. */
type Step = { readonly fromMs: number; readonly nanoWhPerLitre: bigint; readonly value: CalorificInForce };

export type CalorificSteps = {
  /** In order of time. */
  readonly steps: readonly Step[];
};

const NANO_DIGITS = 9;
const NANO = 1_000_000_000n;

/**
 * The values as they follow each other in the building's zone of time. From a date on the most particular zone counts that has a
 * value by then: a network's zone before its region before its country.
 */
export function calorificSteps(values: readonly CalorificInForce[], timezone: string): CalorificSteps {
  const dates = [...new Set(values.map(({ from }) => from))].sort();
  const steps = dates.flatMap((date): Step[] => {
    const held = values.filter(({ from }) => from <= date);
    const rank = Math.min(...held.map((value) => value.rank));
    const value = held
      .filter((one) => one.rank === rank)
      .sort((a, b) => (a.from < b.from ? -1 : 1))
      .at(-1);
    if (value === undefined) return [];
    const fromMs = Temporal.PlainDate.from(date).toZonedDateTime(timezone).epochMilliseconds;
    return [{ fromMs, nanoWhPerLitre: nanoOf(value.kwhPerM3), value }];
  });
  return { steps };
}

function nanoOf(kwhPerM3: string): bigint {
  const { mantissa, scale } = mantissaOf(kwhPerM3);
  return mantissa * tenTo(NANO_DIGITS - scale);
}

/** Whether every instant from `fromMs` on has a value. */
export function coversFrom({ steps }: CalorificSteps, fromMs: number): boolean {
  const first = steps[0];
  return first !== undefined && first.fromMs <= fromMs;
}

/** The values that count in [fromMs, toMs), each once. */
export function calorificIn({ steps }: CalorificSteps, fromMs: number, toMs: number): CalorificInForce[] {
  const used = steps.filter((step, at) => step.fromMs < toMs && (steps[at + 1]?.fromMs ?? Infinity) > fromMs);
  return [...new Set(used.map(({ value }) => value))];
}

/**
 * The same days in Wh instead of litres. The energy since the day's beginning is rounded at each boundary and the rounded ones are
 * differenced, so a day's quarter-hours add up to the day's energy, rounded once. Quarter-hours before the first value are missing.
 */
export function gasEnergy(series: readonly RegisterDays[], calorific: CalorificSteps): RegisterDays[] {
  return series.map((register) => ({
    ...register,
    days: register.days.map((day) => dayEnergy(day, calorific.steps)),
  }));
}

const INT4_BYTES = 4;
const INT4_MAX = 2 ** 31 - 1;

function dayEnergy(row: DayRow, steps: readonly Step[]): DayRow {
  const startMs = utcDayStartMs(row.day);
  const quarters = Buffer.alloc(row.quarters.length);
  const statuses = Buffer.from(row.statuses);
  let place = steps.findLastIndex((step) => step.fromMs <= startMs);
  let nanoWh = 0n;
  let shown = 0n;
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    while ((steps[place + 1]?.fromMs ?? Infinity) <= startMs + slot * QUARTER_MS) place++;
    const step = steps[place];
    if (statuses[slot] === QuarterCode.missing) continue;
    if (step === undefined) {
      statuses[slot] = QuarterCode.missing;
      continue;
    }
    nanoWh += BigInt(row.quarters.readInt32LE(slot * INT4_BYTES)) * step.nanoWhPerLitre;
    const until = (nanoWh + NANO / 2n) / NANO;
    const energyWh = Number(until - shown);
    shown = until;
    // More than a quarter-hour's four bytes hold: no meter of a building counts that.
    if (energyWh > INT4_MAX) statuses[slot] = QuarterCode.missing;
    else quarters.writeInt32LE(energyWh, slot * INT4_BYTES);
  }
  return { ...row, quarters, statuses };
}
