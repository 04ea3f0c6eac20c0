// What a supplier needs to know to price a group: volumes, profile and shape, from the quarter-hours of its supply points.
//
//   supply point ─ measure ─▶ its volume, its year          ┐
//        └─▶ participant (building) ─ its own maximum ─▶ Σ  ├─▶ figures of the group
//                 └─▶ group, quarter-hour by quarter-hour ──┘    (withheld where fewer than the minimum have a value)
import { HOUR_MS, QUARTER_MS } from "#devices/time";
import { millionthsOf, shareOf } from "./exact.ts";
import {
  addParticipant,
  participantLoad,
  resetParticipant,
  type ParticipantLoad,
} from "./participant-load.ts";
import { addSupplyPoint, type QuarterCounts, type SupplyPointVolume } from "./supply-point-volume.ts";
import { seriesByParticipant, type SupplyPointSeries } from "./supply-point-series.ts";
import { tenderCalendar, type SlotRange, type TenderCalendar, type TenderPeriod } from "./tender-calendar.ts";

export type SizingRequest = {
  /** In any order, of one carrier; what lies outside the period does not count. */
  readonly series: readonly SupplyPointSeries[];
  readonly period: TenderPeriod;
  /** A quarter-hour in which fewer participants than this have a value is withheld: left out of every figure of the group (I7). */
  readonly cohortMin: number;
  /** 1 for each quarter-hour of the period that is withheld besides: `withheldSlots`. */
  readonly withheld?: Uint8Array | undefined;
};

/** Shares with six decimals of the quarter-hours of all supply points; their sum is 1. */
export type SizingQuality = {
  readonly measured: number;
  readonly estimated: number;
  readonly missing: number;
};

export type GroupFigures = {
  readonly participants: number;
  readonly supplyPoints: number;
  /** All energy with a value in the period that is not withheld: the sum of the profile, and of the months. */
  readonly measuredWh: number;
  /** The sum of the supply points' years. */
  readonly annualWh: number;
  /** Of the supply point with the fewest. */
  readonly basisDays: number;
  /** Whether any supply point's year is. */
  readonly extrapolated: boolean;
  readonly quality: SizingQuality;
  /** Monday to Friday 08–20 by the zone's clock, holidays included, of `measuredWh`. */
  readonly peakShare: number;
  /** Highest quarter-hour average of the group. */
  readonly maxW: number;
  /** The beginning of the first quarter-hour with `maxW`. */
  readonly maxAtMs: number;
  /** Mean power over the quarter-hours with a value, over `maxW`. */
  readonly loadFactor: number;
  /** `maxW` over the sum of the participants' own maxima. */
  readonly coincidence: number;
  /** October to March, of `measuredWh`. */
  readonly winterShare: number;
  readonly monthlyWh: readonly { readonly month: string; readonly wh: number }[];
};

/** One entry per quarter-hour of the period. */
export type GroupProfile = {
  readonly fromMs: number;
  /** Wh; 0 where withheld or missing. */
  readonly energies: Float64Array;
  /** How many participants the energy is of; 0 where withheld or missing. */
  readonly participants: Uint32Array;
  readonly withheldQuarters: number;
};

export type Sizing = {
  readonly group: GroupFigures;
  readonly profile: GroupProfile;
  /** By participant and supply point; never published. */
  readonly supplyPoints: readonly SupplyPointVolume[];
};

/** Throws a `RangeError` for a supply point without one measured day: enrolment (`enrolment.ts`) lets none through. */
export function sizeGroup({ series, period, cohortMin, withheld }: SizingRequest): Sizing {
  const sizing = new GroupSizing(period, cohortMin);
  for (const own of seriesByParticipant(series).values()) sizing.add(own);
  return sizing.finish(withheld);
}

/** `sizeGroup` for groups that need not be in memory at once: one participant after another, each whole. */
export class GroupSizing {
  readonly #calendar: TenderCalendar;
  readonly #cohortMin: number;
  readonly #load: ParticipantLoad;
  readonly #energies: Float64Array;
  readonly #present: Uint32Array;
  readonly #counts: QuarterCounts = { measured: 0, missing: 0, all: 0 };
  readonly #supplyPoints: SupplyPointVolume[] = [];
  #participants = 0;
  #sumOfMaxima = 0;

  constructor(period: TenderPeriod, cohortMin: number) {
    this.#calendar = tenderCalendar(period);
    this.#cohortMin = cohortMin;
    this.#load = participantLoad(this.#calendar.slots);
    this.#energies = new Float64Array(this.#calendar.slots);
    this.#present = new Uint32Array(this.#calendar.slots);
  }

  /** All supply points of one participant that was not added before. Throws as `sizeGroup` does. */
  add(series: readonly SupplyPointSeries[]): void {
    resetParticipant(this.#load);
    for (const one of series) {
      this.#supplyPoints.push(addSupplyPoint(one, this.#calendar, this.#load, this.#counts));
    }
    this.#sumOfMaxima += addParticipant(this.#load, this.#energies, this.#present);
    this.#participants++;
  }

  /** Once, when all are there; `withheld` as in a `SizingRequest`. Supply points are in the order in which they were added. */
  finish(withheld?: Uint8Array): Sizing {
    const [energies, participants] = [this.#energies, this.#present];
    const withheldQuarters = withhold(energies, participants, this.#cohortMin, withheld);
    const profile = { fromMs: this.#calendar.fromMs, energies, participants, withheldQuarters };
    const group: GroupFigures = {
      participants: this.#participants,
      ...yearOf(this.#supplyPoints),
      quality: qualityOf(this.#counts),
      ...shapeOf(profile, this.#calendar, this.#sumOfMaxima),
    };
    return { group, profile, supplyPoints: this.#supplyPoints };
  }
}

/** Before anything is added up, so that no difference of two figures gives a withheld quarter-hour away. */
function withhold(
  energies: Float64Array,
  present: Uint32Array,
  cohortMin: number,
  besides?: Uint8Array,
): number {
  let withheld = 0;
  for (let slot = 0; slot < energies.length; slot++) {
    const participants = present[slot] ?? 0;
    if (participants === 0) continue;
    if (participants >= cohortMin && besides?.[slot] !== 1) continue;
    energies[slot] = 0;
    present[slot] = 0;
    withheld++;
  }
  return withheld;
}

type Year = Pick<GroupFigures, "supplyPoints" | "annualWh" | "basisDays" | "extrapolated">;

function yearOf(supplyPoints: readonly SupplyPointVolume[]): Year {
  return {
    supplyPoints: supplyPoints.length,
    annualWh: supplyPoints.reduce((sum, point) => exactSum(sum, point.annualWh), 0),
    basisDays: supplyPoints.reduce((least, point) => Math.min(least, point.basisDays), Infinity),
    extrapolated: supplyPoints.some((point) => point.extrapolated),
  };
}

type Shape = Omit<GroupFigures, keyof Year | "participants" | "quality">;

function shapeOf(profile: GroupProfile, calendar: TenderCalendar, sumOfMaxima: number): Shape {
  const { energies } = profile;
  const monthlyWh = calendar.months.map(({ month, first, end }) => ({
    month,
    wh: sumOver(energies, { first, end }),
  }));
  const measuredWh = monthlyWh.reduce((sum, { wh }) => exactSum(sum, wh), 0);
  const peakWh = calendar.peaks.reduce((sum, range) => sum + sumOver(energies, range), 0);
  const winterWh = monthlyWh.reduce((sum, { month, wh }) => (isWinter(month) ? sum + wh : sum), 0);
  const { highest, slot, valued } = highestOf(profile);
  return {
    measuredWh,
    peakShare: shareOf(peakWh, measuredWh),
    maxW: highest * POWER_OF_ENERGY,
    maxAtMs: calendar.fromMs + slot * QUARTER_MS,
    loadFactor: shareOf(measuredWh, exactSum(0, highest * valued)),
    coincidence: shareOf(highest, sumOfMaxima),
    winterShare: shareOf(winterWh, measuredWh),
    monthlyWh,
  };
}

const POWER_OF_ENERGY = HOUR_MS / QUARTER_MS;

/** The highest energy, its first quarter-hour, and how many quarter-hours have a value. */
function highestOf({ energies, participants }: GroupProfile): {
  highest: number;
  slot: number;
  valued: number;
} {
  let highest = 0;
  let slot = 0;
  let valued = 0;
  for (let at = 0; at < energies.length; at++) {
    if (participants[at] !== 0) valued++;
    const energyWh = energies[at] ?? 0;
    if (energyWh <= highest) continue;
    highest = energyWh;
    slot = at;
  }
  return { highest, slot, valued };
}

const FIRST_WINTER_MONTH = 10;
const LAST_WINTER_MONTH = 3;

function isWinter(month: string): boolean {
  const number = Number(month.slice(-2));
  return number >= FIRST_WINTER_MONTH || number <= LAST_WINTER_MONTH;
}

/** Differences of rounded running shares, so that the three add up to one. */
function qualityOf({ measured, missing, all }: QuarterCounts): SizingQuality {
  const untilMeasured = millionthsOf(measured, all);
  const untilEstimated = millionthsOf(all - missing, all);
  return {
    measured: shareOf(untilMeasured, MILLION),
    estimated: shareOf(untilEstimated - untilMeasured, MILLION),
    missing: shareOf(MILLION - untilEstimated, MILLION),
  };
}

const MILLION = 1_000_000;

function sumOver(energies: Float64Array, { first, end }: SlotRange): number {
  let sum = 0;
  for (let slot = first; slot < end; slot++) sum += energies[slot] ?? 0;
  return exactSum(sum, 0);
}

/** Sums of Wh are integers in float64: exact below 2^53 (9 million GWh), and refused beyond. */
function exactSum(left: number, right: number): number {
  const sum = left + right;
  if (!Number.isSafeInteger(sum)) throw new RangeError(`Adding ${left} and ${right} Wh: not exact.`);
  return sum;
}
