// Takes the demo's tenders through their states as the people concerned would, from wherever they stand.
//
//   none ▶ enrolling ▶ bidding ▶ (deadline) evaluated ▶ awarded ▶ in_force
//            └────────────┴─ deadline missed: cancelled with a reason, and made anew with more time
import { SECOND_MS, type TimeSource } from "#devices/time";
import { ApiFailure, type ApiClient } from "../portfolio/api-client.ts";
import type { BidPlan, TenderPlan } from "./tender-plan.ts";

export type Cast = {
  readonly coordinator: ApiClient;
  readonly manager: ApiClient;
  readonly suppliers: readonly { readonly api: ApiClient; readonly bid: BidPlan }[];
  /** Identifiers by the key of the site. */
  readonly buildings: ReadonlyMap<string, string>;
};

export type Surroundings = {
  readonly time: TimeSource;
  readonly stop: AbortSignal;
  /** Ends early with `stop`. */
  pause(ms: number): Promise<void>;
};

type Tender = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly bidDeadline: string;
  readonly termMonths: number;
  readonly sealedBids: number | null;
};

const TIMEZONE = "Europe/Brussels";
/** Nobody wants to read a page of attempts: after so many the next start tries again. */
const ATTEMPTS_MAX = 4;
const ASK_AGAIN_MS = SECOND_MS;

/** Until the tender is in force. Steps that were taken before, by an earlier start or by people, are not taken again. */
export async function carryOut(plan: TenderPlan, cast: Cast, surroundings: Surroundings): Promise<void> {
  const { stop } = surroundings;
  while (!stop.aborted) {
    const tender = await presentOne(plan, cast, surroundings);
    if (tender.state === "in_force") return;
    const step = STEPS[tender.state];
    if (step === undefined) throw new Error(`The demo does not know what follows on ${tender.state}.`);
    await step(tender, plan, cast, surroundings);
  }
}

/** A tender that is open to join, and joined by the plan's buildings. */
export async function keepOpen(plan: TenderPlan, cast: Cast, surroundings: Surroundings): Promise<void> {
  const tender = await presentOne(plan, cast, surroundings);
  if (tender.state !== "enrolling") return;
  if (isLate(tender, surroundings)) {
    await cancel(tender, cast);
    return keepOpen(plan, cast, surroundings);
  }
  await joinAll(tender, plan, cast);
}

type Step = (tender: Tender, plan: TenderPlan, cast: Cast, surroundings: Surroundings) => Promise<void>;

const STEPS: Readonly<Record<string, Step>> = {
  draft: async ({ id }, _plan, { coordinator }) => {
    await coordinator.send("POST", `/v1/tenders/${id}/enrol`, {});
  },
  enrolling: async (tender, plan, cast, surroundings) => {
    if (isLate(tender, surroundings)) return cancel(tender, cast);
    await joinAll(tender, plan, cast);
    await publish(tender, cast, surroundings);
  },
  bidding: async (tender, _plan, cast, surroundings) => {
    const complete = (tender.sealedBids ?? 0) >= cast.suppliers.length;
    if (!complete && isLate(tender, surroundings)) return cancel(tender, cast);
    if (!complete) return bidAll(tender, cast);
    await open(tender, cast, surroundings);
  },
  evaluated: async ({ id }, _plan, { coordinator }) => {
    const { bids } = await coordinator.get<{ bids: { bidId: string; rank: number }[] }>(
      `/v1/tenders/${id}/evaluation`,
    );
    const first = bids.find(({ rank }) => rank === 1);
    await coordinator.send("POST", `/v1/tenders/${id}/award`, {
      bidId: first?.bidId,
      reason: "Coût annuel le plus bas pour le groupe",
    });
  },
  // Supply has begun already: the award puts it in force, the clock does where it was interrupted.
  awarded: (_tender, _plan, _cast, surroundings) => surroundings.pause(ASK_AGAIN_MS),
};

/** The one of this name that was not cancelled; made if there is none. */
async function presentOne(plan: TenderPlan, { coordinator }: Cast, { time }: Surroundings): Promise<Tender> {
  const named = (await coordinator.list<Tender>("/v1/tenders")).filter(({ name }) => name === plan.name);
  const found = named.find(({ state }) => state !== "cancelled");
  if (found !== undefined) return found;
  if (named.length >= ATTEMPTS_MAX) throw new Error(`"${plan.name}" was cancelled ${named.length} times.`);
  const nowMs = time.now();
  return coordinator.send<Tender>("POST", "/v1/tenders", {
    name: plan.name,
    carrier: plan.carrier,
    regions: plan.regions,
    deliveryStart: deliveryStart(plan, nowMs),
    termMonths: plan.termMonths,
    bidDeadline: new Date(nowMs + plan.openForMs * 2 ** named.length).toISOString(),
  });
}

function deliveryStart({ deliveryMonths }: TenderPlan, nowMs: number): string {
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(TIMEZONE).toPlainDate();
  return today.with({ day: 1 }).add({ months: deliveryMonths }).toString();
}

const isLate = ({ bidDeadline }: Tender, { time }: Surroundings) => time.now() >= Date.parse(bidDeadline);

async function cancel({ id }: Tender, { coordinator }: Cast): Promise<void> {
  const reason = "Échéance passée avant que tout soit prêt";
  await coordinator.send("POST", `/v1/tenders/${id}/cancel`, { reason });
}

async function joinAll({ id }: Tender, plan: TenderPlan, { manager, buildings }: Cast): Promise<void> {
  const present = await manager.list<{ buildingId: string; leftAt: string | null }>(
    `/v1/tenders/${id}/participants`,
  );
  const joined = new Set(present.filter(({ leftAt }) => leftAt === null).map((one) => one.buildingId));
  for (const key of plan.buildings) {
    const buildingId = buildings.get(key);
    if (buildingId === undefined || joined.has(buildingId)) continue;
    await manager.send("POST", `/v1/tenders/${id}/join`, { buildingId });
  }
}

/** Meters speak all the time: a profile that is being computed is up to date a moment later. */
async function publish({ id }: Tender, { coordinator }: Cast, surroundings: Surroundings): Promise<void> {
  try {
    await coordinator.send("POST", `/v1/tenders/${id}/publish`, {});
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.code !== "conditions_missing") throw error;
    await surroundings.pause(ASK_AGAIN_MS);
  }
}

async function bidAll({ id, termMonths }: Tender, { suppliers }: Cast): Promise<void> {
  for (const { api, bid } of suppliers) {
    const path = `/v1/tenders/${id}/bids`;
    if ((await api.list(path)).length > 0) continue;
    const { pricePerKwh, annualFee, greenShare } = bid;
    await api.send("POST", path, {
      pricePerKwh,
      annualFee,
      greenShare,
      currency: "EUR",
      vat: "excluded",
      termMonths,
    });
  }
}

/** The server's clock decides: ours only says how long it is not worth asking. */
async function open(tender: Tender, { coordinator }: Cast, surroundings: Surroundings): Promise<void> {
  const leftMs = Date.parse(tender.bidDeadline) - surroundings.time.now();
  await surroundings.pause(Math.max(ASK_AGAIN_MS, leftMs));
  if (surroundings.stop.aborted) return;
  try {
    await coordinator.send("POST", `/v1/tenders/${tender.id}/open`, {});
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.code !== "state_forbidden") throw error;
  }
}
