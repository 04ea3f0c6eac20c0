// The demo's portfolio through the API: its organisations, 26 buildings with everything in them, and the accounts.
import { DAY_MS, HOUR_MS } from "#devices/time";
import { findOrAdd, registerSite, type RegisteredSite } from "../portfolio/register-site.ts";
import type { ApiClient } from "../portfolio/api-client.ts";
import { DEMO_SITES } from "../portfolio/demo-sites.ts";
import { createSite } from "../portfolio/site.ts";
import { ensureAccounts, type AccountPlan } from "./accounts.ts";
import type { DemoAccount, Memory } from "./memory.ts";
import { DEMO_SUPPLIERS } from "./tender-plan.ts";

export type DemoPortfolio = {
  readonly sites: readonly RegisteredSite[];
  readonly accounts: readonly DemoAccount[];
  readonly seed: number;
  /** Before the meters: from here on their grid operator knows the history. */
  readonly historyFromMs: number;
};

export const DEMO_SEED = 20_260_101;
/** So long before the demo was registered were its meters put in: the history of month peaks begins there. */
const METERED_MONTHS_BEFORE = 3;
/** So long before does history begin: a year of whole months behind any day of the present one. */
const HISTORY_MONTHS_BEFORE = 13;
const SWAPPED_HOURS_BEFORE = 20;
/** Buildings that are registered at the same time. */
const LANES = 4;

/** Everything is looked for first, so it can be called after any interruption. */
export async function ensurePortfolio(
  apiUrl: string,
  api: ApiClient,
  memory: Memory,
): Promise<DemoPortfolio> {
  const organisation = (name: string, kind: string) =>
    findOrAdd<Organisation>(api, "/v1/organisations", name, () => ({ name, kind }));
  const coordinator = await organisation("Coordination Achats Groupés (démo)", "coordinator");
  const syndic = await organisation("Syndic Démo", "syndic");
  const suppliers: (AccountPlan & { role: "supplier" })[] = [];
  for (const { name, account } of DEMO_SUPPLIERS) {
    const { id } = await organisation(name, "supplier");
    suppliers.push({ role: "supplier", name: account, organisationId: id });
  }

  const meteredFrom = monthsBefore(coordinator, METERED_MONTHS_BEFORE);
  const historyFrom = monthsBefore(coordinator, HISTORY_MONTHS_BEFORE);

  const sites = await inLanes(DEMO_SITES, async (plan) => {
    const site = createSite(plan, {
      seed: DEMO_SEED,
      firstDay: Math.floor(meteredFrom.getTime() / DAY_MS),
      contractStart: historyFrom.toISOString().slice(0, 10),
      swapAtMs: swapAtMs(coordinator),
    });
    const registered = await registerSite(site, {
      api,
      organisationId: coordinator.id,
      consentFrom: historyFrom.toISOString(),
      knownSecret: (deviceId) => memory.content.devices[deviceId]?.secret,
    });
    remember(memory, registered);
    return registered;
  });
  const [first] = sites;
  const unitId = first?.unitIds.values().next().value;
  const accounts = await ensureAccounts(apiUrl, api, memory, [
    { role: "coordinator", name: "coordinator", organisationId: coordinator.id },
    {
      role: "manager",
      name: "syndic",
      organisationId: syndic.id,
      buildingIds: sites.map(({ buildingId }) => buildingId),
    },
    {
      role: "resident",
      name: "resident",
      organisationId: coordinator.id,
      ...(unitId === undefined ? {} : { unitId }),
    },
    ...suppliers,
  ]);
  return { sites, accounts, seed: DEMO_SEED, historyFromMs: historyFrom.getTime() };
}

type Organisation = { readonly id: string; readonly name: string; readonly createdAt: string };

/**
 * The world is a function of its seed and time, and an index also of the day on which its register was put in. That day follows
 * from when the portfolio was registered, which only the API knows: after a restart, even one that lost the memory, an
 * index goes on where it stood.
 */
function monthsBefore({ createdAt }: Organisation, months: number): Date {
  const registered = new Date(createdAt);
  return new Date(Date.UTC(registered.getUTCFullYear(), registered.getUTCMonth() - months, 1));
}

/** On the day before the demo was registered: the device itself tells of both meters. */
function swapAtMs({ createdAt }: Organisation): number {
  return Math.floor((Date.parse(createdAt) - SWAPPED_HOURS_BEFORE * HOUR_MS) / HOUR_MS) * HOUR_MS;
}

/** Some at a time, since each waits for its own answers; the results in the order of the items. */
async function inLanes<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const lane = async () => {
    for (const [place, item] of waiting) results[place] = await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

/** Saved building by building: a secret is shown once. */
function remember(memory: Memory, { devices }: RegisteredSite): void {
  for (const { id, secret, isNew } of devices) {
    const before = isNew ? undefined : memory.content.devices[id]?.toldUntilMs;
    memory.content.devices[id] = { secret, ...(before === undefined ? {} : { toldUntilMs: before }) };
  }
  memory.save();
}
