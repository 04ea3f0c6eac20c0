// "Revised since": what the same supply points' year would be by the profiles of today, where telling it tells of nobody.
import { findDossier, loadTenderPoints, type Scope } from "#store";
import type { Db, DossierRow } from "#store";
import { revisionShare } from "../tender/dossier.ts";
import { participantMonths } from "../tender/participant-months.ts";
import { sizeGroup } from "../tender/sizing.ts";
import type { TenderPeriod } from "../tender/tender-calendar.ts";
import type { Desk, RevisionView } from "./desk.ts";
import { refusalsOf } from "./gate.ts";
import { measuredWithin } from "./measured-points.ts";
import { inSizingThread } from "./sizing-thread-call.ts";
import { loadSeries } from "./size-tender.ts";
import { tenderNotFound } from "./tender-step.ts";

/** @throws KoproError `not_found` without a dossier. */
export async function revisionOf(desk: Desk, scope: Scope, id: number): Promise<RevisionView> {
  const asOfMs = desk.time.now();
  const dossier = await findDossier(desk.pool, scope, id);
  if (dossier === undefined) throw tenderNotFound(id);
  const { presentWh = null } = await inSizingThread(desk, scope, { kind: "revise", id });
  const { annualWh: publishedWh } = lotOf(dossier);
  const revisedShare = presentWh === null ? null : revisionShare(publishedWh, presentWh);
  return { asOfMs, publishedWh, presentWh, revisedShare };
}

/**
 * `null` when it is withheld: a figure of today beside the published one is a publication of its own, and its difference may be
 * one building's correction; or who took part then does not consent any more.
 */
export async function reviseInThisThread(desk: Desk, scope: Scope, id: number): Promise<number | null> {
  const client = await desk.pool.connect();
  try {
    return await presentVolume(desk, client, scope, id);
  } finally {
    client.release();
  }
}

async function presentVolume(desk: Desk, db: Db, scope: Scope, id: number): Promise<number | null> {
  const dossier = await findDossier(db, scope, id);
  if (dossier === undefined) return null;
  const { period, carrier } = lotOf(dossier);
  const points = await loadTenderPoints(db, id, desk.time.now());
  if (points.some((point) => !point.counts)) return null;
  const series = await loadSeries(db, points, period);
  if (!(await everyoneMeasured(db, points, period))) return null;
  const request = { series, period, cohortMin: desk.cohortMin };
  const { group, profile } = sizeGroup(request);
  const months = participantMonths(request, profile);
  const refusals = await refusalsOf(db, carrier, months, desk.cohortMin);
  return refusals.length === 0 ? group.annualWh : null;
}

/** A volume needs a measured day of each: a device's removal may have taken them all. */
async function everyoneMeasured(
  db: Db,
  points: readonly { readonly supplyPointId: number }[],
  period: TenderPeriod,
): Promise<boolean> {
  const unknown = new Map(points.map((point) => [point.supplyPointId, { dates: [], lookedFrom: period.to }]));
  const within = await measuredWithin(db, unknown, period);
  return points.every((point) => (within.get(point.supplyPointId) ?? 0) > 0);
}

type PublishedLot = {
  readonly annualWh: number;
  readonly carrier: "electricity" | "gas" | "heat" | "water";
  readonly period: TenderPeriod;
};

/** Our own text, frozen by ourselves: its form is known. */
export function lotOf(dossier: DossierRow): PublishedLot {
  const { lots } = JSON.parse(dossier.text) as {
    lots: (TenderPeriod & Pick<PublishedLot, "annualWh" | "carrier">)[];
  };
  const [lot] = lots;
  if (lot === undefined) throw new RangeError(`The dossier of tender ${dossier.tenderId} has no lot.`);
  const { annualWh, carrier, from, to, timezone } = lot;
  return { annualWh, carrier, period: { from, to, timezone } };
}
