// From stale days to profiles: fetches the readings of each stretch once, then computes register by register.
import { DAY_MS } from "#devices/time";
import type {
  BeyondNeed,
  IndexValue,
  ProfileTransaction,
  RegisterSpan,
  StaleDay,
  ValuesByRegister,
} from "#store";
import { slipEdgeOf } from "../profile/decisions.ts";
import { isReading, profileOf, type Profile } from "../profile/profile-of.ts";
import { effectiveRulings, rulingsOf, type Ruling } from "../profile/rulings.ts";
import { slipAt, type SlipEdge } from "../profile/unit-slips.ts";
import {
  deviceStretches,
  registerWindows,
  type DeviceStretch,
  type RegisterWindow,
} from "./device-stretches.ts";

/** What a profile is computed from. */
type Readings = Pick<
  ProfileTransaction,
  "indexValues" | "indexValuesBeyond" | "listRulings" | "listUnitSlips"
>;

/** `slips`: the register's edges around the stretch as they were known. */
export type ComputedWindow = RegisterWindow & Profile & { readonly slips: readonly SlipEdge[] };
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
  const slipped = Map.groupBy(
    await readings.listUnitSlips(stretches.flatMap(spansOf)),
    (decision) => decision.registerId,
  );
  const jobs: Job[] = [];
  for (const stretch of stretches) {
    for (const window of registerWindows(stretch.stale)) {
      const { registerId, unit } = window.register;
      try {
        jobs.push({
          stretch,
          window,
          values: within(values.get(registerId) ?? [], stretch),
          slips: (slipped.get(registerId) ?? []).map(slipEdgeOf),
          ...judgedBy(window, effectiveRulings(rulingsOf(said.get(registerId) ?? [], unit))),
        });
      } catch (error) {
        result.failed.push({ ...window, error });
      }
    }
  }
  const found = await readBeyond(readings, jobs);
  for (const [at, job] of jobs.entries()) {
    try {
      result.computed.push(computeWindow(job, found[at] ?? []));
    } catch (error) {
      result.failed.push({ ...job.window, error });
    }
  }
}

/** One for each register. */
function spansOf({ stale, fromMs, toMs }: DeviceStretch): RegisterSpan[] {
  return [...new Set(stale.map(({ registerId }) => registerId))].map((registerId) => ({
    registerId,
    fromMs,
    toMs,
  }));
}

type Job = {
  readonly stretch: DeviceStretch;
  readonly window: RegisterWindow;
  readonly values: readonly IndexValue[];
  readonly slips: readonly SlipEdge[];
  readonly rulings: readonly Ruling[];
  /** Whether a value is a reading, by its unit and these rulings. */
  readonly isTold: (value: Pick<IndexValue, "atMs" | "value">) => boolean;
};

/** A unit that nobody knows throws here, where it holds up its own register alone. */
function judgedBy({ register }: RegisterWindow, rulings: readonly Ruling[]): Pick<Job, "rulings" | "isTold"> {
  const isTold: Job["isTold"] = (value) => isReading(value, register, rulings);
  isTold({ atMs: 0, value: "0" });
  return { rulings, isTold };
}

/** A device may have several stretches: each window sees its own, as between them readings were not fetched. */
function within(values: readonly IndexValue[], stretch: DeviceStretch): IndexValue[] {
  return values.filter((value) => value.atMs >= stretch.fromMs && value.atMs <= stretch.toMs);
}

/**
 * What each job wants from beyond its stretch. A register may have shown no reading for months, and looking back over all of them
 * takes seconds: where none lies in the window, nothing leads into it unless one lies behind it, so that side is asked first.
 */
async function readBeyond(readings: Readings, jobs: readonly Job[]): Promise<ValuesByRegister[][]> {
  const needs = jobs.map(beyondNeeds);
  const found = needs.map((): ValuesByRegister[] => []);
  const read = async (isAsked: (need: BeyondNeed, at: number) => boolean) => {
    const asked = needs.flatMap((list, at) =>
      list.filter((need) => isAsked(need, at)).map((need) => ({ at, need })),
    );
    if (asked.length === 0) return;
    const answers = await readings.indexValuesBeyond(asked.map(({ need }) => need));
    for (const [place, { at }] of asked.entries()) found[at]?.push(answers[place] ?? new Map());
  };
  const mute = jobs.map(isMute);
  await read(({ side }, at) => side === "after" || mute[at] !== true);
  const tells = jobs.map(
    ({ window, isTold }, at) =>
      found[at]?.some((values) => values.get(window.register.registerId)?.some(isTold)) === true,
  );
  await read(({ side }, at) => side === "before" && mute[at] === true && tells[at] === true);
  return found;
}

/** Neither a reading nor a person's index lies in the window or, in the stretch, behind it; and no slip is near. */
function isMute({ window, values, slips, rulings, isTold }: Job): boolean {
  const fromMs = window.fromDay * DAY_MS;
  return (
    slips.length === 0 &&
    !rulings.some(
      ({ toMs, closingMilli, openingMilli }) =>
        toMs >= fromMs && (closingMilli !== null || openingMilli !== null),
    ) &&
    !values.some((value) => value.atMs >= fromMs && isTold(value))
  );
}

/**
 * A window wants two readings before it and two from its end on; where the stretch has fewer, from beyond it. What is no
 * reading does not count, here nor there. Of a slip that reaches beyond the stretch it wants two readings, and two from beyond the slip.
 */
function beyondNeeds({ stretch, window, values, slips, isTold }: Job): BeyondNeed[] {
  const { register, fromDay, toDay } = window;
  const counts = (value: IndexValue) => slipAt(slips, value.atMs) === undefined && isTold(value);
  const seen = { before: sideOf(), after: sideOf() };
  for (const value of values) {
    const { atMs } = value;
    const side = atMs < fromDay * DAY_MS ? seen.before : atMs >= toDay * DAY_MS ? seen.after : undefined;
    if (side === undefined || (side.told.size >= 2 && side.counting.size >= 2)) continue;
    if (isTold(value)) side.told.add(atMs);
    if (counts(value)) side.counting.add(atMs);
  }
  const need = { deviceId: stretch.deviceId, registerIds: [register.registerId] };
  const needs: BeyondNeed[] = [];
  const [into, outOf] = [slipAt(slips, stretch.fromMs), slipAt(slips, stretch.toMs)];
  if (into !== undefined && seen.before.told.size < 2)
    needs.push({ ...need, side: "before", atMs: stretch.fromMs, counts: isTold });
  if (seen.before.counting.size < 2)
    needs.push({ ...need, side: "before", atMs: into?.toMs ?? stretch.fromMs, counts });
  if (outOf !== undefined && seen.after.told.size < 2)
    needs.push({ ...need, side: "after", atMs: stretch.toMs, counts: isTold });
  const over = slips.find(({ opens, toMs }) => !opens && toMs > stretch.toMs);
  // One that is not over yet has nothing beyond it.
  const afterMs = outOf === undefined ? stretch.toMs : over && over.toMs - 1;
  if (seen.after.counting.size < 2 && afterMs !== undefined)
    needs.push({ ...need, side: "after", atMs: afterMs, counts });
  return needs;
}

const sideOf = () => ({ told: new Set<number>(), counting: new Set<number>() });

function computeWindow(
  { window, values, rulings, slips }: Job,
  beyond: readonly ValuesByRegister[],
): ComputedWindow {
  const { register, fromDay, toDay } = window;
  const more = beyond.flatMap((found) => found.get(register.registerId) ?? []);
  const span = { fromMs: fromDay * DAY_MS, toMs: toDay * DAY_MS };
  return { ...window, slips, ...profileOf([...values, ...more], register, rulings, span, slips) };
}
