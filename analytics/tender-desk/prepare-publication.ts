// What a publication would be about, and what hinders it, before anything is sized: the same for a preview and for the real one.
import { presentParticipants, type Db, type EnrollingPointRow, type LockedTender, type Scope } from "#store";
import type { SupplyPointCount } from "../tender/dossier.ts";
import { gridOperatorOf } from "../tender/grid-operator.ts";
import type { PublicationRefusal } from "../tender/privacy.ts";
import type { TenderPeriod } from "../tender/tender-calendar.ts";
import { publicationConditions, type Call } from "./conditions.ts";
import type { MissingCondition, PublicationFault } from "./desk.ts";
import type { MeasuredPoint } from "./measured-points.ts";

export type PreparedBuilding = {
  readonly buildingId: number;
  readonly supplyPointIds: readonly number[];
  readonly missing: readonly MissingCondition[];
};

/** `yearTo`: as in `SupplyPointSeries`. */
export type PreparedPoint = EnrollingPointRow & { readonly yearTo: string };

export type PreparedPublication = {
  /** All that have not left. */
  readonly buildings: readonly PreparedBuilding[];
  /** Their supply points that take part. */
  readonly points: readonly PreparedPoint[];
  readonly period: TenderPeriod | undefined;
  /** Empty: it may be sized, and goes on to the gate. */
  readonly faults: readonly PublicationFault[];
};

export async function prepare(
  db: Db,
  scope: Scope,
  call: Call & Pick<LockedTender, "minimumCohort">,
  atMs: number,
): Promise<PreparedPublication> {
  const buildingIds = await presentParticipants(db, call.id);
  const { conditions, period } = await publicationConditions(db, scope, call, buildingIds, atMs);
  const buildings = buildingIds.map((buildingId): PreparedBuilding => {
    const { points, missing } = conditions.get(buildingId) ?? NOT_SEEN;
    return { buildingId, supplyPointIds: points.map((point) => point.supplyPointId), missing };
  });
  const points = [...conditions.values()].flatMap((one) => one.points.flatMap(withYear));
  const faults: PublicationFault[] = [];
  if (buildingIds.length < call.minimumCohort) faults.push(tooFew(buildingIds));
  const participants = buildings.filter(({ missing }) => missing.length > 0);
  if (participants.length > 0) faults.push(conditionsMissing(participants));
  if (faults.length === 0 && period === undefined) faults.push(tooFew([]));
  return { buildings, points, period, faults };
}

/** Its own year ends with its own last measured day; without any there is nothing to size. */
function withYear<Point extends EnrollingPointRow & MeasuredPoint>(point: Point) {
  const { lastMeasuredDay } = point;
  if (lastMeasuredDay === null) return [];
  return [{ ...point, yearTo: Temporal.PlainDate.from(lastMeasuredDay).add({ days: 1 }).toString() }];
}

/** A building that went to another organisation is not seen any more: nothing of it can take part. */
const NOT_SEEN = { points: [], missing: [{ code: "supply_point_missing" }] } as const;

function conditionsMissing(buildings: readonly PreparedBuilding[]): PublicationFault {
  const participants = buildings.map(({ buildingId, missing }) => ({ buildingId, missing }));
  return { code: "conditions_missing", participants };
}

export function tooFew(participantIds: readonly number[]): PublicationRefusal {
  return { code: "cohort_too_small", scope: "publication", month: null, participantIds };
}

/** By grid operator and kind, never by code. */
export function countsOf(points: readonly EnrollingPointRow[]): SupplyPointCount[] {
  const groups = Map.groupBy(points, (point) => `${gridOperatorOf(point.code)}\n${point.scope}`);
  return [...groups.values()].flatMap(([first, ...rest]) =>
    first === undefined
      ? []
      : [{ gridOperator: gridOperatorOf(first.code), kind: first.scope, count: 1 + rest.length }],
  );
}
