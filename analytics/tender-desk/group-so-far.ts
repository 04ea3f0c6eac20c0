// The group of a tender that is not published yet: what each uses in a year, and the lot that a publication would show now.
import { createHash } from "node:crypto";
import { utcDay } from "#devices/time";
import {
  countPublications,
  enrollingBuildings,
  enrollingPoints,
  pendingSupplyPoints,
  presentParticipants,
  profileState,
  scopeOf,
  type Db,
  type Scope,
  type TenderRow,
} from "#store";
import { lotFigures, type LotFigures } from "../tender/dossier.ts";
import { transition } from "../tender/states.ts";
import type { SupplyPointVolume } from "../tender/supply-point-volume.ts";
import { monthBeginning } from "./conditions.ts";
import type { Desk, PreviewView, PublicationFault } from "./desk.ts";
import { sizeAndJudge, type JudgedGroup } from "./gate.ts";
import { countsOf, prepare, type PreparedBuilding, type PreparedPublication } from "./prepare-publication.ts";
import { memoryOfPools } from "./sizing-memory.ts";
import { inSizingThread } from "./sizing-thread-call.ts";
import { loadSeries } from "./size-tender.ts";
import { mustBeOf, RUNNERS, stateForbidden, stateOf, tenderNotFound, tenderSeen } from "./tender-step.ts";

/** Of everybody, for nobody: what of it a viewer is shown, its reader decides. */
export type GroupSoFar = {
  readonly buildings: readonly PreparedBuilding[];
  /** Of those supply points that have a measured day in the period. */
  readonly volumes: readonly SupplyPointVolume[];
  readonly lot: LotFigures | null;
  readonly refusals: readonly PublicationFault[];
};

/** A hundred kilobytes for a thousand supply points. */
const REMEMBERED = 32;
const memoryOf = memoryOfPools<GroupSoFar>(REMEMBERED);

/** @throws KoproError `state_forbidden` when it is not enrolling; `forbidden` for who does not run it. */
export async function previewOf(desk: Desk, scope: Scope, id: number): Promise<PreviewView> {
  const tender = await tenderSeen(desk, scope, id);
  mustBeOf(scope, RUNNERS);
  const asOfMs = desk.time.now();
  const event = { kind: "publish", atMs: asOfMs, by: null, reason: null } as const;
  const outcome = transition(stateOf(tender.state), event);
  if (!outcome.allowed) throw stateForbidden(id, "a preview", outcome.refusal);
  const { lot, refusals } = await groupSoFar(desk, scope, tender);
  return { asOfMs, lot, refusals };
}

/** As the tender's organisation sees it, whoever asks: the same for all, so it is computed once. */
export function groupSoFar(desk: Desk, scope: Scope, tender: TenderRow): Promise<GroupSoFar> {
  const own = organisationScope(scope, tender);
  return memoryOf(desk.pool).of(tender.id, async () => ({
    key: await keyOf(desk, own, tender),
    make: () => inSizingThread(desk, own, { kind: "group", id: tender.id }),
  }));
}

function organisationScope({ accountId: id, atMs }: Scope, { organisationId }: TenderRow): Scope {
  return scopeOf({ id, role: "coordinator", organisationId, unitId: null }, atMs);
}

/**
 * All that the group is made of. Profiles up to yesterday: of live meters the running UTC day changes every quarter-hour, and is in
 * no measured day before it is over.
 */
async function keyOf(desk: Desk, scope: Scope, tender: TenderRow): Promise<string> {
  const { pool, cohortMin } = desk;
  const nowMs = desk.time.now();
  const today = utcDay(nowMs);
  const buildingIds = await presentParticipants(pool, tender.id);
  const buildings = await enrollingBuildings(pool, scope, buildingIds);
  const points = await enrollingPoints(pool, scope, buildingIds, tender.carrier);
  const ids = points.map((point) => point.supplyPointId);
  const pending = await pendingSupplyPoints(pool, ids, monthBeginning(nowMs, tender.timezone));
  const profiles = await profileState(pool, ids, { beforeDay: today });
  const published = await countPublications(pool, tender.carrier);
  const facts = [
    cohortMin,
    today,
    buildingIds,
    buildings,
    points,
    [...pending].sort((left, right) => left - right),
    profiles,
    published,
  ];
  const asText = (_name: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
  return createHash("sha256").update(JSON.stringify(facts, asText)).digest("base64url");
}

export async function groupInThisThread(desk: Desk, scope: Scope, id: number): Promise<GroupSoFar> {
  const tender = await tenderSeen(desk, scope, id);
  const client = await desk.pool.connect();
  try {
    const prepared = await prepare(client, scope, tender, desk.time.now());
    const sized = await sizedSoFar(client, tender, prepared, desk.cohortMin);
    const { buildings, faults } = prepared;
    const volumes = sized?.sizing.supplyPoints ?? [];
    if (faults.length > 0 || sized === undefined) {
      return { buildings, volumes, lot: null, refusals: faults };
    }
    const { refusals } = sized;
    const lot = refusals.length > 0 ? null : lotSoFar(tender, prepared, sized);
    return { buildings, volumes, lot, refusals };
  } finally {
    client.release();
  }
}

/** Also of those that lack something, as far as a day of them is measured: without any there is no volume. */
async function sizedSoFar(
  db: Db,
  { carrier }: TenderRow,
  { points, period }: PreparedPublication,
  cohortMin: number,
): Promise<JudgedGroup | undefined> {
  if (period === undefined || points.length === 0) return undefined;
  const series = await loadSeries(db, points, period);
  return sizeAndJudge(db, carrier, { series, period, cohortMin });
}

function lotSoFar(
  { id, carrier }: TenderRow,
  { points, period }: PreparedPublication,
  { sizing }: JudgedGroup,
): LotFigures {
  if (period === undefined) throw tenderNotFound(id);
  return lotFigures({ carrier, period, figures: sizing.group, supplyPoints: countsOf(points) });
}
