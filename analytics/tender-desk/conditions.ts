// What buildings lack to take part, and to be published: asked at joining, on the board, and again before publication.
import type { Carrier } from "#devices/vocabulary";
import {
  conflictingContracts,
  enrollingBuildings,
  enrollingPoints,
  pendingSupplyPoints,
  type Db,
  type EnrollingBuildingRow,
  type EnrollingPointRow,
  type LockedTender,
  type Scope,
} from "#store";
import { dossierPeriod } from "../tender/dossier-period.ts";
import { enrolmentOf } from "../tender/enrolment.ts";
import { YEAR_DAYS, type TenderPeriod } from "../tender/tender-calendar.ts";
import type { MissingCondition } from "./desk.ts";
import { measuredPoints, measuredWithin, NOT_MEASURED, type MeasuredPoint } from "./measured-points.ts";

/** Four weeks: every day of the week four times. */
const MEASURED_DAYS_MIN = 28;
/** A month and some days: whoever sends by the month is not late. */
const STALE_AFTER_DAYS = 35;

/** The call, as far as conditions depend on it. */
export type Call = Pick<
  LockedTender,
  "id" | "carrier" | "regions" | "currency" | "timezone" | "deliveryStartsOn" | "termMonths"
>;

export type BuildingConditions = {
  readonly building: EnrollingBuildingRow;
  /** Those that take part, or would. */
  readonly points: readonly (EnrollingPointRow & MeasuredPoint)[];
  readonly missing: readonly MissingCondition[];
};

/** Of the buildings that the viewer sees, by identifier. */
export async function conditionsOf(
  db: Db,
  scope: Scope,
  call: Call,
  buildingIds: readonly number[],
): Promise<Map<number, BuildingConditions>> {
  const buildings = await enrollingBuildings(db, scope, buildingIds);
  const candidates = (await enrollingPoints(db, scope, buildingIds, call.carrier)).filter(
    (point) => point.direction !== "export" && (point.scope === "common" || point.tenderConsent),
  );
  const measured = await measuredPoints(
    db,
    candidates.map((point) => point.supplyPointId),
    call.timezone,
  );
  const following = await contractsFollowing(db, call, candidates);
  const points = candidates.map((point) => ({
    ...point,
    ...(measured.get(point.supplyPointId) ?? NOT_MEASURED),
  }));
  const byBuilding = Map.groupBy(points, (point) => point.buildingId);
  return new Map(
    buildings.map((building) => [
      building.buildingId,
      judged(call, building, byBuilding.get(building.buildingId) ?? [], following),
    ]),
  );
}

/** What would refuse the award in the end is told before anybody relies on it. */
async function contractsFollowing(
  db: Db,
  { deliveryStartsOn, termMonths }: Call,
  points: readonly EnrollingPointRow[],
): Promise<Set<number>> {
  const ids = points.map((point) => point.supplyPointId);
  const endsOn = Temporal.PlainDate.from(deliveryStartsOn).add({ months: termMonths }).toString();
  return new Set(await conflictingContracts(db, ids, deliveryStartsOn, endsOn));
}

/** Litres until a calorific value makes energy of them. */
const COUNTED_IN_LITRES: readonly Carrier[] = ["gas", "water"];

function missingBesides(point: EnrollingPointRow, following: ReadonlySet<number>): MissingCondition[] {
  const { supplyPointId, carrier, fedByDevice } = point;
  const missing: MissingCondition[] = [];
  if (following.has(supplyPointId)) missing.push({ code: "contract_follows", supplyPointId });
  if (fedByDevice && COUNTED_IN_LITRES.includes(carrier)) {
    missing.push({ code: "energy_unknown", supplyPointId });
  }
  return missing;
}

function judged(
  call: Call,
  building: EnrollingBuildingRow,
  points: readonly (EnrollingPointRow & MeasuredPoint)[],
  following: ReadonlySet<number>,
): BuildingConditions {
  const { missing } = enrolmentOf(
    {
      region: building.region,
      supplyPoints: points,
      otherOpenTenderIds: building.activeIn
        .filter(({ tenderId, carrier }) => carrier === call.carrier && tenderId !== call.id)
        .map(({ tenderId }) => tenderId),
    },
    {
      carrier: call.carrier,
      regions: call.regions,
      currency: call.currency,
      measuredDaysMin: MEASURED_DAYS_MIN,
      staleAfterDays: STALE_AFTER_DAYS,
      today: building.today,
    },
  );
  return {
    building,
    points,
    missing: [...missing, ...points.flatMap((point) => missingBesides(point, following))],
  };
}

export type PublicationConditions = {
  readonly conditions: ReadonlyMap<number, BuildingConditions>;
  /** The dossier's year; `undefined` while no participant is without fault. */
  readonly period: TenderPeriod | undefined;
};

/**
 * Beyond what joining asks: a measured day within the months that all participants share, a profile that ends less than a year
 * before the newest of them, and nothing that waits to be computed in a month that is over (the running one is in no dossier, and of live meters something always waits).
 */
export async function publicationConditions(
  db: Db,
  scope: Scope,
  call: Call,
  buildingIds: readonly number[],
  atMs: number,
): Promise<PublicationConditions> {
  const conditions = await conditionsOf(db, scope, call, buildingIds);
  const ready = [...conditions.values()].filter(({ missing }) => missing.length === 0);
  const lastDays = ready
    .flatMap(({ points }) => points.map((point) => point.lastMeasuredDay))
    .filter((day) => day !== null);
  const newest = lastDays.toSorted().at(-1);
  if (newest === undefined) return { conditions, period: undefined };
  const oldest = Temporal.PlainDate.from(newest).subtract({ days: YEAR_DAYS }).toString();
  const period = dossierPeriod(
    lastDays.filter((day) => day > oldest),
    call.timezone,
  );
  const points = [...conditions.values()].flatMap((one) => one.points);
  const byId = new Map(points.map((point) => [point.supplyPointId, point]));
  const within = await measuredWithin(db, byId, period);
  const pending = await pendingSupplyPoints(db, [...byId.keys()], monthBeginning(atMs, call.timezone));
  const completed = [...conditions].map(([id, one]): [number, BuildingConditions] => {
    if (one.missing.length > 0) return [id, one];
    const missing = one.points.flatMap((point) => missingOf(point, oldest, within, pending));
    return [id, { ...one, missing }];
  });
  return { conditions: new Map(completed), period };
}

function missingOf(
  { supplyPointId, lastMeasuredDay }: EnrollingPointRow & MeasuredPoint,
  oldest: string,
  within: ReadonlyMap<number, number>,
  pending: ReadonlySet<number>,
): MissingCondition[] {
  const measuredDays = within.get(supplyPointId) ?? 0;
  const missing: MissingCondition[] = [];
  if (lastMeasuredDay !== null && lastMeasuredDay <= oldest) {
    missing.push({ code: "profile_stale", supplyPointId, lastMeasuredDay });
  } else if (measuredDays === 0) {
    missing.push({ code: "profile_too_short", supplyPointId, measuredDays, neededDays: 1 });
  }
  if (pending.has(supplyPointId)) missing.push({ code: "profile_pending", supplyPointId });
  return missing;
}

/** The first day of the running month: what waits from there on hinders nobody. */
export function monthBeginning(atMs: number, timezone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(atMs)
    .toZonedDateTimeISO(timezone)
    .toPlainDate()
    .with({ day: 1 })
    .toString();
}

/** As the API shows them: identifiers are text. */
export function shownMissing(missing: readonly MissingCondition[]): Record<string, unknown>[] {
  return missing.map((one) => {
    const shown: Record<string, unknown> = { ...one };
    for (const name of ["supplyPointId", "tenderId"]) {
      if (name in shown) shown[name] = String(shown[name]);
    }
    return shown;
  });
}
