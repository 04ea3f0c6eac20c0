// Publication: the year of every participant, frozen; the figures made of it; the gate; and the bidding begins.
import {
  lockPublications,
  storeDossier,
  storePublication,
  storeSnapshot,
  type Scope,
  type SnapshotPoint,
  type TenderRow,
} from "#store";
import { canonicalJson } from "../tender/canonical-json.ts";
import { dossierOf, profileCsv, type Dossier } from "../tender/dossier.ts";
import { gridOperatorOf } from "../tender/grid-operator.ts";
import type { TenderPeriod } from "../tender/tender-calendar.ts";
import type { Desk } from "./desk.ts";
import { publicationRefused, sizeAndJudge, type JudgedGroup } from "./gate.ts";
import { countsOf, prepare, tooFew, type PreparedPoint } from "./prepare-publication.ts";
import { inSizingThread } from "./sizing-thread-call.ts";
import { firstDayOf, loadSeries, packedQuarters } from "./size-tender.ts";
import { inStep, RUNNERS, stateForbidden, tenderSeen, type TenderStep } from "./tender-step.ts";

/** @throws KoproError `conditions_missing`, `cohort_too_small`, `dominant_participant`; nothing is published then. */
export async function publishTender(desk: Desk, scope: Scope, id: number): Promise<TenderRow> {
  await inSizingThread(desk, scope, { kind: "publish", id });
  return tenderSeen(desk, scope, id);
}

/** All of it in one transaction, on the thread that does the computing: what it reads is what it keeps. */
export function publishInThisThread(desk: Desk, scope: Scope, id: number): Promise<null> {
  return inStep(desk, scope, id, RUNNERS, async (step) => {
    step.mustAllow("publish");
    // Published, it would bind the group's months for ever, and nobody could answer it.
    if (step.at >= step.tender.bidDeadline) throw stateForbidden(id, "publish", "deadline_passed");
    const { points, period, faults } = await prepare(step.client, scope, step.tender, step.atMs);
    const [fault] = faults;
    if (fault !== undefined || period === undefined) throw publicationRefused(id, fault ?? tooFew([]));
    const sized = await sizedForAll(desk, step, points, period);
    const dossier = dossierFor(step, points, period, sized);
    await keep(step, points, sized, dossier);
    await step.record("publish", {
      dossier: dossier.hash,
      participants: sized.sizing.group.participants,
      supplyPoints: sized.sizing.group.supplyPoints,
    });
    await step.record("open_bidding", {});
    return null;
  });
}

/** Loaded before the carrier's publications are locked; what of it may be shown depends on them. */
async function sizedForAll(
  { cohortMin }: Desk,
  { client, tender }: TenderStep,
  points: readonly PreparedPoint[],
  period: TenderPeriod,
): Promise<JudgedGroup> {
  const series = await loadSeries(client, points, period);
  await lockPublications(client, tender.carrier);
  const judged = await sizeAndJudge(client, tender.carrier, { series, period, cohortMin });
  const [refusal] = judged.refusals;
  if (refusal !== undefined) throw publicationRefused(tender.id, refusal);
  return judged;
}

function dossierFor(
  { tender, atMs }: TenderStep,
  points: readonly PreparedPoint[],
  period: TenderPeriod,
  { sizing }: JudgedGroup,
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

async function keep(
  { client, tender, at }: TenderStep,
  points: readonly PreparedPoint[],
  sized: JudgedGroup,
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
function* snapshotOf(points: readonly PreparedPoint[], sized: JudgedGroup): Generator<SnapshotPoint> {
  const series = new Map(sized.series.map((one) => [one.supplyPointId, one]));
  const volumes = new Map(sized.sizing.supplyPoints.map((one) => [one.supplyPointId, one]));
  for (const { supplyPointId, buildingId, code, scope, contract, yearTo } of points) {
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
      yearTo,
      contract,
    };
  }
}
