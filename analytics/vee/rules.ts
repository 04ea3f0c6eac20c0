// Validation: what is doubtful about a stretch of a load profile. Findings are told; nothing is changed by them.
import { median } from "simple-statistics";
import { HOUR_MS, QUARTER_MS } from "#devices/time";
import { QuarterCode, type Direction } from "#devices/vocabulary";

export const VALIDATION_RULES = [
  "sum",
  "duplicate",
  "high",
  "low",
  "spike",
  "unit_slip",
  "negative",
  "zero",
  "inactive",
  "identical",
  "prolonged_estimation",
  "missing",
] as const;
export type ValidationRule = (typeof VALIDATION_RULES)[number];

export const SEVERITIES = ["info", "warning", "error"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a finding's value and limit count: the load's own unit, quarter-hours in a row, or values of one instant. */
export const FINDING_UNITS = ["Wh", "l", "quarter_hours", "values"] as const;
export type FindingUnit = (typeof FINDING_UNITS)[number];

export type Finding = {
  readonly rule: ValidationRule;
  readonly fromMs: number;
  readonly toMs: number;
  readonly value: number;
  /** The bound that it passes. */
  readonly limit: number;
  /** Of both. */
  readonly unit: FindingUnit;
  readonly severity: Severity;
};

/** The parameters; where each comes from is in the README. */
export type ValidationLimits = {
  /** Of the difference of the index, and at least so many Wh or l. */
  readonly sumShare: number;
  readonly sumLeast: number;
  /** Of what the connection carries in a quarter-hour. */
  readonly highShare: number;
  /** A fuse carries so much of its rating for an hour (IEC 60898-1): beyond, it is no load but a fault of the figure. */
  readonly highErrorShare: number;
  /** Of what the connection carries in a day. */
  readonly lowShare: number;
  /** The highest of a day over its third highest, less one. */
  readonly spikeExcess: number;
  /** A lower peak is none, Wh or l. */
  readonly spikeLeast: number;
  /** A day against the median of the whole days: so many times it, or such a part of it. Wh taken for kWh is a thousand. */
  readonly slipFactor: number;
  /** Fewer whole days have no median worth the name. */
  readonly slipDaysLeast: number;
  /** Quarter-hours in a row. */
  readonly zeroQuarters: number;
  readonly inactiveQuarters: number;
  readonly identicalQuarters: number;
  readonly estimatedQuarters: number;
};

export const VALIDATION_LIMITS: ValidationLimits = {
  sumShare: 0.001,
  sumLeast: 1,
  highShare: 1,
  highErrorShare: 1.45,
  lowShare: 0.0005,
  spikeExcess: 1.8,
  spikeLeast: 250,
  slipFactor: 300,
  slipDaysLeast: 5,
  zeroQuarters: 96,
  inactiveQuarters: 30 * 96,
  identicalQuarters: 12,
  estimatedQuarters: 7 * 96,
};

/** The index at a boundary of a quarter-hour, Wh or l. Between marks of different series nothing is compared. */
export type IndexMark = { readonly atMs: number; readonly index: number; readonly series: string };

/** An instant at which a register showed several values that differ. */
export type DuplicateReading = { readonly atMs: number; readonly values: number };

export type Stretch = {
  /** Boundary of a quarter-hour, at which the first one begins. */
  readonly fromMs: number;
  readonly unit: "Wh" | "l";
  /** In that unit, and a `QuarterCode` each. */
  readonly energies: ArrayLike<number>;
  readonly statuses: Uint8Array;
  /** 1 where the quarter-hour is its share of a longer interval that was spread evenly. */
  readonly isSpread: Uint8Array;
  readonly direction: Direction;
  /** Of an electricity connection; else no rule asks for it. */
  readonly connectionKva: number | null;
  /** Civil days end to end, as places of quarter-hours; the first and the last may be parts. */
  readonly days: readonly { readonly first: number; readonly end: number }[];
  /** In order of time. */
  readonly marks: readonly IndexMark[];
  readonly duplicates: readonly DuplicateReading[];
  /** Spans in which a register's readings were told in another unit, and none of it counts. */
  readonly slips: readonly { readonly fromMs: number; readonly toMs: number }[];
};

/** By time, then in the order of `VALIDATION_RULES`. Depends on nothing but what is given. */
export function validate(stretch: Stretch, limits: ValidationLimits = VALIDATION_LIMITS): Finding[] {
  return [
    ...sumFindings(stretch, limits),
    ...duplicateFindings(stretch),
    ...highFindings(stretch, limits),
    ...lowFindings(stretch, limits),
    ...spikeFindings(stretch, limits),
    ...toldSlipFindings(stretch),
    ...slipFindings(stretch, limits),
    ...negativeFindings(stretch),
    ...idleFindings(stretch, limits),
    ...identicalFindings(stretch, limits),
    ...estimationFindings(stretch, limits),
    ...missingFindings(stretch),
  ].sort(
    (one, other) =>
      one.fromMs - other.fromMs || VALIDATION_RULES.indexOf(one.rule) - VALIDATION_RULES.indexOf(other.rule),
  );
}

/** Between neighbouring marks: do the quarter-hours add up to the index? Only where each of them has a value. */
function sumFindings(stretch: Stretch, limits: ValidationLimits): Finding[] {
  return stretch.marks.slice(1).flatMap((mark, at): Finding[] => {
    const before = stretch.marks[at];
    if (before === undefined || before.series !== mark.series) return [];
    const first = (before.atMs - stretch.fromMs) / QUARTER_MS;
    const end = (mark.atMs - stretch.fromMs) / QUARTER_MS;
    if (first < 0 || end > stretch.statuses.length || !isValued(stretch, first, end)) return [];
    const difference = mark.index - before.index;
    const value = sumOf(stretch, first, end) - difference;
    const limit = Math.max(limits.sumLeast, Math.abs(difference) * limits.sumShare);
    return Math.abs(value) > limit ? [found(stretch, "sum", "error", { first, end }, value, limit)] : [];
  });
}

/** One of them counts, by the better clock, then the larger: whoever looks may know better. */
function duplicateFindings(stretch: Stretch): Finding[] {
  const most = new Map<number, number>();
  for (const { atMs, values } of stretch.duplicates) {
    const slot = Math.floor((atMs - stretch.fromMs) / QUARTER_MS);
    most.set(slot, Math.max(most.get(slot) ?? 0, values));
  }
  return runsOf(stretch, (slot) => most.has(slot)).map((run) => {
    let value = 0;
    for (let slot = run.first; slot < run.end; slot++) value = Math.max(value, most.get(slot) ?? 0);
    return found(stretch, "duplicate", "warning", run, value, 1);
  });
}

function highFindings(stretch: Stretch, { highShare, highErrorShare }: ValidationLimits): Finding[] {
  const capacity = quarterCapacity(stretch);
  if (capacity === undefined) return [];
  const limit = capacity * highShare;
  return runsOf(stretch, (slot) => has(stretch, slot) && energyAt(stretch, slot) > limit).map((run) => {
    const value = extreme(stretch, run, Math.max);
    return found(stretch, "high", value > capacity * highErrorShare ? "error" : "warning", run, value, limit);
  });
}

/** Something flows, but hardly anything: a meter that turns too slowly, a wrong factor. Nothing at all is `zero`. */
function lowFindings(stretch: Stretch, { lowShare }: ValidationLimits): Finding[] {
  const capacity = quarterCapacity(stretch);
  if (capacity === undefined || stretch.direction !== "import") return [];
  return stretch.days.flatMap((day): Finding[] => {
    const length = day.end - day.first;
    // A part of a day may be a night.
    if (length < WHOLE_DAY_LEAST || !isValued(stretch, day.first, day.end)) return [];
    const value = sumOf(stretch, day.first, day.end);
    const limit = capacity * length * lowShare;
    return value > 0 && value < limit ? [found(stretch, "low", "info", day, value, limit)] : [];
  });
}

/** The highest of a civil day against its third highest: two neighbours share what flowed across their boundary. */
function spikeFindings(stretch: Stretch, { spikeExcess, spikeLeast }: ValidationLimits): Finding[] {
  return stretch.days.flatMap((day): Finding[] => {
    const slots: number[] = [];
    for (let slot = day.first; slot < day.end; slot++) if (has(stretch, slot)) slots.push(slot);
    slots.sort((one, other) => energyAt(stretch, other) - energyAt(stretch, one) || one - other);
    const [first, , third] = slots;
    if (first === undefined || third === undefined) return [];
    const highest = energyAt(stretch, first);
    const limit = Math.max(0, energyAt(stretch, third)) * (1 + spikeExcess);
    if (highest < spikeLeast || highest <= limit) return [];
    return [found(stretch, "spike", "warning", { first, end: first + 1 }, highest, limit)];
  });
}

/** What the registers told in another unit: somebody must set it right, or say what it was. */
function toldSlipFindings(stretch: Stretch): Finding[] {
  const told = new Uint8Array(stretch.statuses.length);
  for (const { fromMs, toMs } of stretch.slips) {
    const first = Math.max(0, Math.floor((fromMs - stretch.fromMs) / QUARTER_MS));
    told.fill(1, first, Math.max(first, Math.ceil((toMs - stretch.fromMs) / QUARTER_MS)));
  }
  return runsOf(stretch, (slot) => told[slot] === 1).map((run) => ({
    ...found(stretch, "unit_slip", "error", run, run.end - run.first, 0),
    unit: "quarter_hours",
  }));
}

/** A whole day that is hundreds of times the others, or as small a part of them: a unit was taken for another. */
function slipFindings(stretch: Stretch, { slipFactor, slipDaysLeast }: ValidationLimits): Finding[] {
  const whole = stretch.days
    .filter(({ first, end }) => end - first >= WHOLE_DAY_LEAST && isValued(stretch, first, end))
    .map((day) => ({ day, energy: sumOf(stretch, day.first, day.end) }))
    .filter(({ energy }) => energy > 0);
  if (whole.length < slipDaysLeast) return [];
  const middle = median(whole.map(({ energy }) => energy));
  return whole.flatMap(({ day, energy }): Finding[] => {
    const limit = energy > middle ? middle * slipFactor : middle / slipFactor;
    const isSlip = energy > middle ? energy >= limit : energy <= limit;
    return isSlip ? [found(stretch, "unit_slip", "error", day, energy, limit)] : [];
  });
}

/** What is fed in is counted apart: what is taken is never less than nothing. */
function negativeFindings(stretch: Stretch): Finding[] {
  if (stretch.direction !== "import") return [];
  return runsOf(stretch, (slot) => has(stretch, slot) && energyAt(stretch, slot) < 0).map((run) =>
    found(stretch, "negative", "error", run, extreme(stretch, run, Math.min), 0),
  );
}

/** Nothing for a day's length is worth a look, nothing for a month more. That nothing is fed in is no news: most have no roof. */
function idleFindings(stretch: Stretch, limits: ValidationLimits): Finding[] {
  if (stretch.direction !== "import") return [];
  const { zeroQuarters, inactiveQuarters } = limits;
  return runsOf(stretch, (slot) => has(stretch, slot) && energyAt(stretch, slot) === 0).flatMap(
    (run): Finding[] => {
      const length = run.end - run.first;
      if (length >= inactiveQuarters)
        return [found(stretch, "inactive", "warning", run, length, inactiveQuarters)];
      return length >= zeroQuarters ? [found(stretch, "zero", "info", run, length, zeroQuarters)] : [];
    },
  );
}

/** Measured values alone: what was drawn as a line, or spread evenly from a longer interval, is alike by its making. */
function identicalFindings(stretch: Stretch, { identicalQuarters }: ValidationLimits): Finding[] {
  const counts = (slot: number) =>
    (stretch.statuses[slot] ?? 0) >= QuarterCode.measured &&
    stretch.isSpread[slot] !== 1 &&
    energyAt(stretch, slot) !== 0;
  const isAlike = (slot: number) =>
    counts(slot) && counts(slot - 1) && energyAt(stretch, slot) === energyAt(stretch, slot - 1);
  return runsOf(stretch, isAlike).flatMap((alike): Finding[] => {
    // The one before it is the first of them.
    const run = { first: alike.first - 1, end: alike.end };
    const length = run.end - run.first;
    return length >= identicalQuarters
      ? [found(stretch, "identical", "info", run, length, identicalQuarters)]
      : [];
  });
}

function estimationFindings(stretch: Stretch, { estimatedQuarters }: ValidationLimits): Finding[] {
  const isEstimated = (slot: number) =>
    has(stretch, slot) && (stretch.statuses[slot] ?? 0) < QuarterCode.measured;
  return runsOf(stretch, isEstimated).flatMap((run): Finding[] => {
    const length = run.end - run.first;
    return length > estimatedQuarters
      ? [found(stretch, "prolonged_estimation", "warning", run, length, estimatedQuarters)]
      : [];
  });
}

function missingFindings(stretch: Stretch): Finding[] {
  return runsOf(stretch, (slot) => !has(stretch, slot)).map((run) =>
    found(stretch, "missing", "warning", run, run.end - run.first, 0),
  );
}

/** 92 quarter-hours have the shortest whole days. */
const WHOLE_DAY_LEAST = 92;
const W_PER_KVA = 1000;

/** Wh that the connection carries in a quarter-hour, all of it active power. */
function quarterCapacity({ connectionKva }: Stretch): number | undefined {
  return connectionKva === null ? undefined : (connectionKva * W_PER_KVA * QUARTER_MS) / HOUR_MS;
}

type Run = { readonly first: number; readonly end: number };

/** The longest stretches in which every quarter-hour is one. */
function runsOf({ statuses }: Stretch, isOne: (slot: number) => boolean): Run[] {
  const runs: Run[] = [];
  let start: number | undefined;
  for (let slot = 0; slot <= statuses.length; slot++) {
    if (slot < statuses.length && isOne(slot)) start ??= slot;
    else if (start !== undefined) {
      runs.push({ first: start, end: slot });
      start = undefined;
    }
  }
  return runs;
}

function has({ statuses }: Stretch, slot: number): boolean {
  return (statuses[slot] ?? QuarterCode.missing) !== QuarterCode.missing;
}

function energyAt({ energies }: Stretch, slot: number): number {
  return energies[slot] ?? 0;
}

function isValued(stretch: Stretch, first: number, end: number): boolean {
  for (let slot = first; slot < end; slot++) if (!has(stretch, slot)) return false;
  return true;
}

function sumOf(stretch: Stretch, first: number, end: number): number {
  let sum = 0;
  for (let slot = first; slot < end; slot++) sum += energyAt(stretch, slot);
  return sum;
}

function extreme(stretch: Stretch, run: Run, better: (one: number, other: number) => number): number {
  let value = energyAt(stretch, run.first);
  for (let slot = run.first + 1; slot < run.end; slot++) value = better(value, energyAt(stretch, slot));
  return value;
}

/** Of the rules that count something else than the load does. */
const COUNTED_IN: Readonly<Partial<Record<ValidationRule, FindingUnit>>> = {
  duplicate: "values",
  zero: "quarter_hours",
  inactive: "quarter_hours",
  identical: "quarter_hours",
  prolonged_estimation: "quarter_hours",
  missing: "quarter_hours",
};

function found(
  { fromMs, unit }: Stretch,
  rule: ValidationRule,
  severity: Severity,
  { first, end }: Run,
  value: number,
  limit: number,
): Finding {
  return {
    rule,
    fromMs: fromMs + first * QUARTER_MS,
    toMs: fromMs + end * QUARTER_MS,
    value,
    limit,
    unit: COUNTED_IN[rule] ?? unit,
    severity,
  };
}
