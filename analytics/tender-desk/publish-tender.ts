// Publication: the year of every participant, frozen; the figures made of it; the gate; and the bidding begins.
import { KoproError } from "#devices/error";
import {
  lockPublications,
  presentParticipants,
  storeDossier,
  storePublication,
  storeSnapshot,
  type EnrollingPointRow,
  type Scope,
  type SnapshotPoint,
  type TenderRow,
} from "#store";
import { canonicalJson } from "../tender/canonical-json.ts";
import { dossierOf, profileCsv, type Dossier, type SupplyPointCount } from "../tender/dossier.ts";
import { gridOperatorOf } from "../tender/grid-operator.ts";
import type { TenderPeriod } from "../tender/tender-calendar.ts";
import { publicationConditions, shownMissing, type PublicationConditions } from "./conditions.ts";
import type { Desk } from "./desk.ts";
import { publicationRefused, refusalsOf } from "./gate.ts";
import { inSizingThread } from "./sizing-thread-call.ts";
import { firstDayOf, packedQuarters, sizeTender, type SizedTender } from "./size-tender.ts";
import { inStep, RUNNERS, tenderSeen, type TenderStep } from "./tender-step.ts";

/** @throws KoproError `conditions_missing`, `cohort_too_small`, `dominant_participant`; nothing is published then. */
export async function publishTender(desk: Desk, scope: Scope, id: number): Promise<TenderRow> {
  await inSizingThread(desk, scope, { kind: "publish", id });
  return tenderSeen(desk, scope, id);
}

/** All of it in one transaction, on the thread that does the computing: what it reads is what it keeps. */
export function publishInThisThread(desk: Desk, scope: Scope, id: number): Promise<void> {
  return inStep(desk, scope, id, RUNNERS, async (step) => {
    step.mustAllow("publish");
    const { points, period } = await publishable(step, scope);
    const sized = await sizeTender(step.client, points, period, desk.cohortMin);
    await mustPassGate(desk, step, sized);
    const dossier = dossierFor(step, points, period, sized);
    await keep(step, points, sized, dossier);
    await step.record("publish", {
      dossier: dossier.hash,
      participants: sized.sizing.group.participants,
      supplyPoints: sized.sizing.group.supplyPoints,
    });
    await step.record("open_bidding", {});
  });
}

type Publishable = { readonly points: readonly EnrollingPointRow[]; readonly period: TenderPeriod };

async function publishable(step: TenderStep, scope: Scope): Promise<Publishable> {
  const { client, tender, atMs } = step;
  const buildingIds = await presentParticipants(client, tender.id);
  if (buildingIds.length < tender.minimumCohort) throw tooFew(tender.id, buildingIds);
  const found = await publicationConditions(client, scope, tender, buildingIds, atMs);
  mustBeReady(tender.id, buildingIds, found);
  const { conditions, period } = found;
  if (period === undefined) throw tooFew(tender.id, []);
  return { points: [...conditions.values()].flatMap((one) => one.points), period };
}

function mustBeReady(
  id: number,
  buildingIds: readonly number[],
  { conditions }: PublicationConditions,
): void {
  const participants = buildingIds
    // A building that went to another organisation is not seen any more: nothing of it can take part.
    .map((buildingId) => ({
      buildingId,
      missing: conditions.get(buildingId)?.missing ?? [{ code: "supply_point_missing" as const }],
    }))
    .filter(({ missing }) => missing.length > 0);
  if (participants.length === 0) return;
  throw new KoproError(
    "conditions_missing",
    `Tender ${id} cannot be published: ${participants.length} participants lack something.`,
    {
      extra: {
        participants: participants.map(({ buildingId, missing }) => ({
          buildingId: String(buildingId),
          missing: shownMissing(missing),
        })),
      },
    },
  );
}

function tooFew(id: number, participantIds: readonly number[]): KoproError {
  return publicationRefused(id, {
    code: "cohort_too_small",
    scope: "publication",
    month: null,
    participantIds,
  });
}

async function mustPassGate(desk: Desk, step: TenderStep, { months }: SizedTender): Promise<void> {
  const { client, tender } = step;
  await lockPublications(client, tender.carrier);
  const [refusal] = await refusalsOf(client, tender.carrier, months, desk.cohortMin);
  if (refusal !== undefined) throw publicationRefused(tender.id, refusal);
}

function dossierFor(
  { tender, atMs }: TenderStep,
  points: readonly EnrollingPointRow[],
  period: TenderPeriod,
  { sizing }: SizedTender,
): Dossier {
  return dossierOf(atMs, [
    {
      carrier: tender.carrier,
      period,
      figures: sizing.group,
      profile: sizing.profile,
      supplyPoints: countsOf(points),
    },
  ]);
}

function countsOf(points: readonly EnrollingPointRow[]): SupplyPointCount[] {
  const groups = Map.groupBy(points, (point) => `${gridOperatorOf(point.code)}\n${point.scope}`);
  return [...groups.values()].flatMap(([first, ...rest]) =>
    first === undefined
      ? []
      : [{ gridOperator: gridOperatorOf(first.code), kind: first.scope, count: 1 + rest.length }],
  );
}

async function keep(
  { client, tender, at }: TenderStep,
  points: readonly EnrollingPointRow[],
  sized: SizedTender,
  dossier: Dossier,
): Promise<void> {
  await storeDossier(client, {
    tenderId: tender.id,
    publishedAt: at,
    hash: dossier.hash,
    text: canonicalJson(dossier),
    profileCsv: profileCsv(sized.sizing.profile),
  });
  await storeSnapshot(client, tender.id, snapshotOf(points, sized));
  await storePublication(client, tender.id, sized.months);
}

/** Made one by one while they are stored. */
function* snapshotOf(points: readonly EnrollingPointRow[], sized: SizedTender): Generator<SnapshotPoint> {
  const series = new Map(sized.series.map((one) => [one.supplyPointId, one]));
  const volumes = new Map(sized.sizing.supplyPoints.map((one) => [one.supplyPointId, one]));
  for (const { supplyPointId, buildingId, code, scope, contract } of points) {
    const packed = series.get(supplyPointId);
    const volume = volumes.get(supplyPointId);
    if (packed === undefined || volume === undefined || contract === null) {
      throw new RangeError(`Supply point ${supplyPointId} was not sized.`);
    }
    yield {
      supplyPointId,
      buildingId,
      gridOperator: gridOperatorOf(code),
      kind: scope,
      firstDay: firstDayOf(packed),
      quarters: packedQuarters(packed),
      statuses: Buffer.from(packed.statuses),
      measuredWh: volume.measuredWh,
      annualWh: volume.annualWh,
      basisDays: volume.basisDays,
      contract,
    };
  }
}
