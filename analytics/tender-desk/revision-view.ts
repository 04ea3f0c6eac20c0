// "Revised since": what the same supply points' year would be by the profiles of today, where telling it tells of nobody.
import {
  countPublications,
  findDossier,
  loadTenderPoints,
  profileState,
  type Db,
  type DossierRow,
  type Scope,
} from "#store";
import { revisionShare } from "../tender/dossier.ts";
import type { TenderPeriod } from "../tender/tender-calendar.ts";
import type { Desk, RevisionView } from "./desk.ts";
import { sizeAndJudge } from "./gate.ts";
import { measuredWithin, utcDaysOf } from "./measured-points.ts";
import { memoryOfPools } from "./sizing-memory.ts";
import { inSizingThread } from "./sizing-thread-call.ts";
import { loadSeries } from "./size-tender.ts";
import { runsTender, tenderNotFound } from "./tender-step.ts";

/**
 * `null`: somebody who took part then does not any more, or nothing of him is measured. `tellable`: beside everything published
 * it tells of nobody.
 */
export type PresentVolume = { readonly annualWh: number; readonly tellable: boolean } | null;

/** A number each. */
const REMEMBERED = 256;
const memoryOf = memoryOfPools<PresentVolume>(REMEMBERED);

/** To the percent: what a single correction moves mostly stays below it, so that a series of revisions shows none. */
const PERCENT = 100;

/** @throws KoproError `not_found` without a dossier. */
export async function revisionOf(desk: Desk, scope: Scope, id: number): Promise<RevisionView> {
  const asOfMs = desk.time.now();
  const dossier = await findDossier(desk.pool, scope, id);
  if (dossier === undefined) throw tenderNotFound(id);
  const lot = lotOf(dossier);
  const present = await memoryOf(desk.pool).of(id, async () => ({
    key: await keyOf(desk, id, lot),
    make: () => inSizingThread(desk, scope, { kind: "revise", id }),
  }));
  const { annualWh: publishedWh } = lot;
  if (present === null) return { asOfMs, publishedWh, presentWh: null, revisedShare: null };
  const exact = revisionShare(publishedWh, present.annualWh);
  // Who runs the tender knows what each participant uses.
  if (runsTender(scope)) return { asOfMs, publishedWh, presentWh: present.annualWh, revisedShare: exact };
  const percent = Math.round(exact * PERCENT);
  const revisedShare = !present.tellable ? null : percent === 0 ? 0 : percent / PERCENT;
  return { asOfMs, publishedWh, presentWh: null, revisedShare };
}

/** All that the volume of today is made of, and whether it is withheld: the same for everybody who sees the dossier. */
async function keyOf(desk: Desk, id: number, { carrier, period }: PublishedLot): Promise<string> {
  const { pool, cohortMin } = desk;
  const points = await loadTenderPoints(pool, id, desk.time.now());
  const ids = points.map((point) => point.supplyPointId);
  const to = points.reduce((latest, { yearTo }) => (yearTo > latest ? yearTo : latest), period.to);
  const { fromDay, toDay: beforeDay } = utcDaysOf({ from: period.from, to });
  const profiles = await profileState(pool, ids, { fromDay, beforeDay });
  const counting = points.every((point) => point.counts);
  return [cohortMin, counting, profiles, await countPublications(pool, carrier)].join(" ");
}

export async function reviseInThisThread(desk: Desk, scope: Scope, id: number): Promise<PresentVolume> {
  const client = await desk.pool.connect();
  try {
    return await presentVolume(desk, client, scope, id);
  } finally {
    client.release();
  }
}

/** A figure of today beside the published one is a publication of its own: the gate judges it as one. */
async function presentVolume(desk: Desk, db: Db, scope: Scope, id: number): Promise<PresentVolume> {
  const dossier = await findDossier(db, scope, id);
  // Not `null`, which would be remembered for everybody.
  if (dossier === undefined) throw tenderNotFound(id);
  const { period, carrier } = lotOf(dossier);
  const points = await loadTenderPoints(db, id, desk.time.now());
  if (points.some((point) => !point.counts)) return null;
  const series = await loadSeries(db, points, period);
  if (!(await everyoneMeasured(db, points, period))) return null;
  const judged = await sizeAndJudge(db, carrier, { series, period, cohortMin: desk.cohortMin });
  return { annualWh: judged.sizing.group.annualWh, tellable: judged.refusals.length === 0 };
}

/** A volume needs a measured day of each: a device's removal may have taken them all. */
async function everyoneMeasured(
  db: Db,
  points: readonly { readonly supplyPointId: number; readonly yearTo: string }[],
  { from, timezone }: TenderPeriod,
): Promise<boolean> {
  for (const [to, some] of Map.groupBy(points, ({ yearTo }) => yearTo)) {
    const unknown = new Map(some.map((point) => [point.supplyPointId, { dates: [], lookedFrom: to }]));
    const within = await measuredWithin(db, unknown, { from, to, timezone });
    if (some.some((point) => (within.get(point.supplyPointId) ?? 0) === 0)) return false;
  }
  return true;
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
