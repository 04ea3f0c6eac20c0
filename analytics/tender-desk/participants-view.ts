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
import type { SupplyPointVolume } from "../tender/supply-point-volume.ts";
import type { Desk, MissingCondition, ParticipantView } from "./desk.ts";
import { groupSoFar } from "./group-so-far.ts";
import { seenMissingOfEach } from "./seen-missing.ts";
import { tenderSeen } from "./tender-step.ts";

type Figures = Pick<ParticipantView, "supplyPoints" | "annualWh" | "basisDays" | "missing">;
const NONE: Figures = { supplyPoints: 0, annualWh: null, basisDays: null, missing: [] };

/** Volumes: since the publication those of its snapshot, before it those that a publication of now would have. */
export async function participantsOf(desk: Desk, scope: Scope, id: number): Promise<ParticipantView[]> {
  const tender = await tenderSeen(desk, scope, id);
  const participants = await listParticipants(desk.pool, scope, id);
  const present = participants.filter((one) => one.leftAt === null);
  const figures =
    tender.publishedAt === null
      ? await beforePublication(desk, scope, tender, present)
      : await sincePublication(desk, scope, tender);
  const views = participants.map((participant) => ({
    ...participant,
    ...(participant.leftAt === null ? (figures.get(participant.buildingId) ?? NONE) : NONE),
  }));
  const missing = await seenMissingOfEach(
    desk.pool,
    scope,
    views.map((view) => view.missing),
  );
  return views.map((view, index) => ({ ...view, missing: missing[index] ?? [] }));
}

async function beforePublication(
  desk: Desk,
  scope: Scope,
  tender: TenderRow,
  present: readonly ParticipantRow[],
): Promise<Map<number, Figures>> {
  // Who sees nobody of the group does not have it computed.
  if (present.length === 0) return new Map();
  const { buildings, volumes } = await groupSoFar(desk, scope, tender);
  const seen = await seenTenderPoints(
    desk.pool,
    scope,
    buildings.flatMap((building) => building.supplyPointIds),
  );
  const byPoint = new Map(volumes.map((volume) => [volume.supplyPointId, volume]));
  return new Map(
    buildings.map(({ buildingId, supplyPointIds, missing }) => {
      const shown = supplyPointIds.filter((id) => seen.has(id)).map((id) => byPoint.get(id));
      return [buildingId, { supplyPoints: supplyPointIds.length, ...sumOf(shown), missing }];
    }),
  );
}

/** Half of a building's supply points are not its volume: `null` unless that of each is known. */
function sumOf(
  volumes: readonly (Pick<SupplyPointVolume, "annualWh" | "basisDays"> | undefined)[],
): Pick<Figures, "annualWh" | "basisDays"> {
  const known = volumes.filter((volume) => volume !== undefined);
  if (known.length === 0 || known.length < volumes.length) return { annualWh: null, basisDays: null };
  return {
    annualWh: known.reduce((sum, { annualWh }) => sum + annualWh, 0),
    basisDays: known.reduce((least, { basisDays }) => Math.min(least, basisDays), Infinity),
  };
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
  return { supplyPoints: points.length, ...sumOf(shown), missing };
}
