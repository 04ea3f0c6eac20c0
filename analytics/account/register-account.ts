// The account of a register (I4): what its quarter-hours and unallocated pieces add up to, beside what its index went by.
//
//   readings     •   •   •   •                 •   •   •
//   parts     |  partial |  ✓  |      gap      | partial |  ✓  |      |  quarter-hours that have a value, and pieces
//   asked                         [---------------------------)
//   told of                  ▲[-------------------------------)▲         ▲ opening, closing
//
// It is of whole parts: where one reaches beyond the span that is asked for, the account reaches as far. There the index is that
// of a reading, or on the line between two; where the readings begin or end within it, that of the first or the last.
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { QuarterCode, type Carrier } from "#devices/vocabulary";
import type { AccountSource, IndexValue, StoredDay } from "#store";
import { slipEdgeOf } from "../profile/decisions.ts";
import { indexClaim, settleReadings, wholeUnits, type IndexReading } from "../profile/index-reading.ts";
import { isReading } from "../profile/profile-of.ts";
import { interpolatedUnits } from "../profile/profile-window.ts";
import { effectiveRulings, rulingsOf, withRulings } from "../profile/rulings.ts";
import { slipAt } from "../profile/unit-slips.ts";

type Span = { readonly fromMs: number; readonly toMs: number };

/** A register of which profiles are made. */
export type AccountedRegister = {
  readonly id: number;
  readonly deviceId: number;
  readonly carrier: Carrier | null;
  /** Of its readings. */
  readonly unit: string;
};

/** The index at an instant: whole Wh or l. */
export type AccountEnd = { readonly atMs: number; readonly index: number };

/** Whole Wh or l. */
export type RegisterAccount = Span & {
  /** `undefined`, both: nothing was read in it. */
  readonly opening: AccountEnd | undefined;
  readonly closing: AccountEnd | undefined;
  /** In quarter-hours that have a value. */
  readonly allocated: number;
  /** In pieces that belong to none; below nought where the index fell. */
  readonly unallocated: number;
  /** How much there is too much of both, or too little: 0 where the account closes. */
  readonly unaccounted: number;
};

export async function registerAccount(
  source: AccountSource,
  register: AccountedRegister,
  asked: Span,
): Promise<RegisterAccount> {
  const span = {
    fromMs: await wholeUntil(source, register.id, floorTo(asked.fromMs, QUARTER_MS), "begins"),
    toMs: await wholeUntil(source, register.id, ceilTo(asked.toMs, QUARTER_MS), "ends"),
  };
  const days = await source.profileDays(
    register.id,
    Math.floor(span.fromMs / DAY_MS),
    Math.ceil(span.toMs / DAY_MS),
  );
  const allocated = days.reduce((sum, day) => sum + allocatedIn(day, span), 0);
  const unallocated = await source.sumUnallocated({ registerId: register.id, ...span });
  const { opening, closing } = await endsOf(source, register, span);
  const difference = (closing?.index ?? 0) - (opening?.index ?? 0);
  return {
    ...span,
    opening,
    closing,
    allocated,
    unallocated,
    unaccounted: allocated + unallocated - difference,
  };
}

/** The instant, moved outwards until it cuts neither a piece nor a quarter-hour that has a value. */
async function wholeUntil(
  source: AccountSource,
  registerId: number,
  instantMs: number,
  edge: "begins" | "ends",
): Promise<number> {
  const around = { registerId, fromMs: instantMs, toMs: instantMs };
  const cut = [
    ...(await source.listUnallocated([around])),
    ...(await valuedQuarterAround(source, registerId, instantMs)),
  ];
  if (cut.length === 0) return instantMs;
  const movedMs =
    edge === "begins"
      ? Math.min(...cut.map(({ fromMs }) => fromMs))
      : Math.max(...cut.map(({ toMs }) => toMs));
  return wholeUntil(source, registerId, movedMs, edge);
}

/** The one that an instant cuts in two, if any. */
async function valuedQuarterAround(
  source: AccountSource,
  registerId: number,
  instantMs: number,
): Promise<Span[]> {
  const fromMs = floorTo(instantMs, QUARTER_MS);
  if (fromMs === instantMs) return [];
  const day = Math.floor(fromMs / DAY_MS);
  const [row] = await source.profileDays(registerId, day, day + 1);
  const status = row?.statuses[(fromMs - day * DAY_MS) / QUARTER_MS] ?? QuarterCode.missing;
  return status === QuarterCode.missing ? [] : [{ fromMs, toMs: fromMs + QUARTER_MS }];
}

function allocatedIn({ day, quarters, statuses }: StoredDay, { fromMs, toMs }: Span): number {
  let sum = 0;
  for (const [slot, status] of statuses.entries()) {
    const beginsMs = day * DAY_MS + slot * QUARTER_MS;
    if (status === QuarterCode.missing || beginsMs < fromMs || beginsMs + QUARTER_MS > toMs) continue;
    sum += quarters.readInt32LE(INT4_BYTES * slot);
  }
  return sum;
}

const INT4_BYTES = 4;

/** From the readings that count: of a sentinel, a slip, or what a person took away nothing is booked. */
async function endsOf(
  source: AccountSource,
  { id, deviceId, carrier, unit }: AccountedRegister,
  { fromMs, toMs }: Span,
): Promise<Pick<RegisterAccount, "opening" | "closing">> {
  const rulings = effectiveRulings(rulingsOf(await source.listRulings([id]), unit));
  const ends = [fromMs, toMs].map((atMs) => ({ registerId: id, fromMs: atMs, toMs: atMs }));
  const slips = (await source.listUnitSlips(ends)).map(slipEdgeOf);
  const counts = (value: IndexValue) =>
    slipAt(slips, value.atMs) === undefined && isReading(value, { carrier, unit }, rulings);
  const need = { deviceId, registerIds: [id], counts };
  const found = await source.indexValuesBeyond(
    [fromMs, toMs].flatMap((atMs) => [
      { ...need, side: "before" as const, atMs: atMs + 1 },
      { ...need, side: "after" as const, atMs: atMs - 1 },
    ]),
  );
  const claims = found
    .flatMap((values) => values.get(id) ?? [])
    .filter(counts)
    .flatMap(({ atMs, clock, value }) => indexClaim(atMs, clock, value, unit) ?? []);
  const readings = withRulings(settleReadings(claims), rulings).filter(
    ({ atMs }) => slipAt(slips, atMs) === undefined,
  );
  const opening = endAt(readings, fromMs);
  const closing = endAt(readings, toMs);
  const isWithin = opening !== undefined && closing !== undefined && opening.atMs <= closing.atMs;
  return isWithin && opening.atMs >= fromMs && closing.atMs <= toMs
    ? { opening, closing }
    : { opening: undefined, closing: undefined };
}

/**
 * Beyond the readings that of the nearest. Of two at one instant, where a meter was swapped, the first: the step from one to the
 * other comes after it, and is told with the step that follows.
 */
function endAt(readings: readonly IndexReading[], atMs: number): AccountEnd | undefined {
  const before = readings.findLast((reading) => reading.atMs <= atMs);
  const after = readings.find((reading) => reading.atMs >= atMs);
  if (before !== undefined && after !== undefined && before.atMs < after.atMs)
    return { atMs, index: interpolatedUnits(before, after, atMs) };
  const nearest = after ?? readings.find((reading) => reading.atMs === before?.atMs);
  return nearest && { atMs: nearest.atMs, index: wholeUnits(nearest.milli) };
}

const floorTo = (instantMs: number, unitMs: number) => Math.floor(instantMs / unitMs) * unitMs;
const ceilTo = (instantMs: number, unitMs: number) => Math.ceil(instantMs / unitMs) * unitMs;
