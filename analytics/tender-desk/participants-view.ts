// Who takes part, as far as the viewer sees the buildings, and what keeps each from publication.
import {
  listParticipants,
  loadTenderPoints,
  seenTenderPoints,
  type ParticipantRow,
  type Scope,
  type TenderPointRow,
  type TenderRow,
} from "#store";
import { publicationConditions } from "./conditions.ts";
import type { Desk, MissingCondition, ParticipantView } from "./desk.ts";
import { tenderSeen } from "./tender-step.ts";

type Figures = Pick<ParticipantView, "supplyPoints" | "annualWh" | "basisDays" | "missing">;
const NONE: Figures = { supplyPoints: 0, annualWh: null, basisDays: null, missing: [] };

/** Volumes are those of the snapshot: before publication there are none. */
export async function participantsOf(desk: Desk, scope: Scope, id: number): Promise<ParticipantView[]> {
  const tender = await tenderSeen(desk, scope, id);
  const participants = await listParticipants(desk.pool, scope, id);
  const present = participants.filter((one) => one.leftAt === null);
  const figures =
    tender.publishedAt === null
      ? await beforePublication(desk, scope, tender, present)
      : await sincePublication(desk, scope, tender);
  return participants.map((participant) => ({
    ...participant,
    ...(participant.leftAt === null ? (figures.get(participant.buildingId) ?? NONE) : NONE),
  }));
}

async function beforePublication(
  desk: Desk,
  scope: Scope,
  tender: TenderRow,
  present: readonly ParticipantRow[],
): Promise<Map<number, Figures>> {
  const ids = present.map((one) => one.buildingId);
  const { conditions } = await publicationConditions(desk.pool, scope, tender, ids, desk.time.now());
  return new Map(
    [...conditions].map(([id, { points, missing }]) => [
      id,
      { ...NONE, supplyPoints: points.length, missing },
    ]),
  );
}

async function sincePublication(desk: Desk, scope: Scope, tender: TenderRow): Promise<Map<number, Figures>> {
  const points = await loadTenderPoints(desk.pool, tender.id, desk.time.now());
  const seen = await seenTenderPoints(
    desk.pool,
    scope,
    points.map((point) => point.supplyPointId),
  );
  const byBuilding = Map.groupBy(points, (point) => point.buildingId);
  return new Map([...byBuilding].map(([id, own]) => [id, figuresOf(own, seen)]));
}

function figuresOf(points: readonly TenderPointRow[], seen: ReadonlySet<number>): Figures {
  const shown = points.filter((point) => point.counts && seen.has(point.supplyPointId));
  const missing = points
    .filter((point) => !point.counts)
    .map(({ supplyPointId }): MissingCondition => ({ code: "consent_missing", supplyPointId }));
  if (shown.length === 0) return { ...NONE, supplyPoints: points.length, missing };
  return {
    supplyPoints: points.length,
    annualWh: shown.reduce((sum, point) => sum + point.annualWh, 0),
    basisDays: shown.reduce((least, point) => Math.min(least, point.basisDays), Infinity),
    missing,
  };
}
