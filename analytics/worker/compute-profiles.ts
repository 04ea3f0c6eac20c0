// From stale days to profiles: fetches the readings of each stretch once, then computes register by register.
import { DAY_MS } from "#devices/time";
import type {
  BeyondNeed,
  IndexValue,
  ProfileTransaction,
  StaleDay,
  StoredRuling,
  ValuesByRegister,
} from "#store";
import { toMilli } from "#devices/units";
import { isReading, profileOf, type Profile } from "../profile/profile-of.ts";
import { effectiveRulings, type Ruling } from "../profile/rulings.ts";
import {
  deviceStretches,
  registerWindows,
  type DeviceStretch,
  type RegisterWindow,
} from "./device-stretches.ts";

/** What a profile is computed from. */
type Readings = Pick<ProfileTransaction, "indexValues" | "indexValuesBeyond" | "listRulings">;

export type ComputedWindow = RegisterWindow & Profile;
export type FailedWindow = RegisterWindow & { readonly error: unknown };
export type ComputedProfiles = { readonly computed: ComputedWindow[]; readonly failed: FailedWindow[] };

/** Stretches read by one query: a minute meter's day is about 250 kB. */
const STRETCHES_PER_QUERY = 24;

/** A register whose computation throws is reported and leaves the others alone; an error of the store passes on. */
export async function computeProfiles(
  readings: Readings,
  stale: readonly StaleDay[],
): Promise<ComputedProfiles> {
  const result: ComputedProfiles = { computed: [], failed: [] };
  const stretches = deviceStretches(stale);
  for (let first = 0; first < stretches.length; first += STRETCHES_PER_QUERY) {
    await computeStretches(readings, stretches.slice(first, first + STRETCHES_PER_QUERY), result);
  }
  return result;
}

async function computeStretches(
  readings: Readings,
  stretches: readonly DeviceStretch[],
  result: ComputedProfiles,
): Promise<void> {
  const registerIds = [...new Set(stretches.flatMap(({ stale }) => stale.map((pair) => pair.registerId)))];
  const values = await readings.indexValues(stretches, registerIds);
  const said = Map.groupBy(await readings.listRulings(registerIds), (ruling) => ruling.registerId);
  const jobs = stretches.flatMap((stretch) =>
    registerWindows(stretch.stale).map((window) => ({
      stretch,
      window,
      values: within(values.get(window.register.registerId) ?? [], stretch),
      rulings: rulingsOf(said.get(window.register.registerId) ?? [], window.register),
    })),
  );
  const needs = jobs.map((job) => beyondNeeds(job.stretch, job.window, job.values, job.rulings));
  const beyond = await readings.indexValuesBeyond(needs.flat());
  let place = 0;
  for (const [at, { window, values, rulings }] of jobs.entries()) {
    const count = needs[at]?.length ?? 0;
    const more = beyond.slice(place, place + count);
    place += count;
    try {
      result.computed.push(computeWindow(window, values, more, rulings));
    } catch (error) {
      result.failed.push({ ...window, error });
    }
  }
}

function rulingsOf(stored: readonly StoredRuling[], { unit }: StaleDay): readonly Ruling[] {
  const milli = (index: string | null) => (index === null ? null : Number(toMilli(index, unit)));
  return effectiveRulings(
    stored.map(({ id, kind, fromMs, toMs, closingIndex, openingIndex }) => ({
      id,
      kind,
      fromMs,
      toMs,
      closingMilli: milli(closingIndex),
      openingMilli: milli(openingIndex),
    })),
  );
}

/** A device may have several stretches: each window sees its own, as between them readings were not fetched. */
function within(values: readonly IndexValue[], stretch: DeviceStretch): IndexValue[] {
  return values.filter((value) => value.atMs >= stretch.fromMs && value.atMs <= stretch.toMs);
}

/**
 * A window wants two readings before it and two from its end on; where the stretch has fewer, from beyond it. What is no
 * reading does not count, here nor there.
 */
function beyondNeeds(
  stretch: DeviceStretch,
  { register, fromDay, toDay }: RegisterWindow,
  values: readonly IndexValue[],
  rulings: readonly Ruling[],
): BeyondNeed[] {
  const counts = (value: IndexValue) => isReading(value, register, rulings);
  const before = new Set<number>();
  const after = new Set<number>();
  for (const value of values) {
    const { atMs } = value;
    const side = atMs < fromDay * DAY_MS ? before : atMs >= toDay * DAY_MS ? after : undefined;
    if (side !== undefined && side.size < 2 && counts(value)) side.add(atMs);
  }
  const { deviceId } = stretch;
  const registerIds = [register.registerId];
  const needs: BeyondNeed[] = [];
  if (before.size < 2) needs.push({ deviceId, side: "before", atMs: stretch.fromMs, registerIds, counts });
  if (after.size < 2) needs.push({ deviceId, side: "after", atMs: stretch.toMs, registerIds, counts });
  return needs;
}

function computeWindow(
  window: RegisterWindow,
  values: readonly IndexValue[],
  beyond: readonly ValuesByRegister[],
  rulings: readonly Ruling[],
): ComputedWindow {
  const { register, fromDay, toDay } = window;
  const more = beyond.flatMap((found) => found.get(register.registerId) ?? []);
  const span = { fromMs: fromDay * DAY_MS, toMs: toDay * DAY_MS };
  return { ...window, ...profileOf([...values, ...more], register, rulings, span) };
}
