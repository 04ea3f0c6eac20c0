// What buildings lack to take part, and to be published: asked at joining, on the board, and again before publication.
import {
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
import type { TenderPeriod } from "../tender/tender-calendar.ts";
import type { MissingCondition } from "./desk.ts";
import { measuredPoints, measuredWithin, NOT_MEASURED, type MeasuredPoint } from "./measured-points.ts";

/** Four weeks: every day of the week four times. */
const MEASURED_DAYS_MIN = 28;
/** A month and some days: whoever sends by the month is not late. */
const STALE_AFTER_DAYS = 35;

/** The call, as far as conditions depend on it. */
export type Call = Pick<LockedTender, "id" | "carrier" | "regions" | "currency" | "timezone">;

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
  const points = candidates.map((point) => ({
    ...point,
    ...(measured.get(point.supplyPointId) ?? NOT_MEASURED),
  }));
  const byBuilding = Map.groupBy(points, (point) => point.buildingId);
  return new Map(
    buildings.map((building) => [
      building.buildingId,
      judged(call, building, byBuilding.get(building.buildingId) ?? []),
    ]),
  );
}

function judged(
  call: Call,
  building: EnrollingBuildingRow,
  points: readonly (EnrollingPointRow & MeasuredPoint)[],
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
  return { building, points, missing };
}

export type PublicationConditions = {
  readonly conditions: ReadonlyMap<number, BuildingConditions>;
  /** The dossier's year; `undefined` while no participant is without fault. */
  readonly period: TenderPeriod | undefined;
};

/**
 * Beyond what joining asks: enough measured days within the year that all participants share, and nothing that waits to be
 * computed in a month that is over (the running one is in no dossier, and of live meters something always waits).
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
  if (lastDays.length === 0) return { conditions, period: undefined };
  const period = dossierPeriod(lastDays, call.timezone);
  const points = new Map(ready.flatMap((one) => one.points.map((point) => [point.supplyPointId, point])));
  const within = await measuredWithin(db, points, period);
  const pending = await pendingSupplyPoints(db, [...points.keys()], monthBeginning(atMs, call.timezone));
  const completed = [...conditions].map(([id, one]): [number, BuildingConditions] => {
    if (one.missing.length > 0) return [id, one];
    return [id, { ...one, missing: one.points.flatMap((point) => missingOf(point, within, pending)) }];
  });
  return { conditions: new Map(completed), period };
}

function missingOf(
  { supplyPointId }: EnrollingPointRow,
  within: ReadonlyMap<number, number>,
  pending: ReadonlySet<number>,
): MissingCondition[] {
  const measuredDays = within.get(supplyPointId) ?? 0;
  const missing: MissingCondition[] = [];
  if (measuredDays < MEASURED_DAYS_MIN) {
    missing.push({ code: "profile_too_short", supplyPointId, measuredDays, neededDays: MEASURED_DAYS_MIN });
  }
  if (pending.has(supplyPointId)) missing.push({ code: "profile_pending", supplyPointId });
  return missing;
}

function monthBeginning(atMs: number, timezone: string): string {
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
