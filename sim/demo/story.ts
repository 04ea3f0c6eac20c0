// What happened before the demo's present: a year of history, a tender that was awarded, and one that is open.
import { SECOND_MS, type TimeSource } from "#devices/time";
import { pause } from "../devices/telling.ts";
import { ApiFailure, signIn, type ApiClient } from "../portfolio/api-client.ts";
import { emailOf } from "./accounts.ts";
import { carryOut, keepOpen, type Cast } from "./carry-out.ts";
import { ensureHistory, type HistoryPart } from "./history.ts";
import type { DemoAccount } from "./memory.ts";
import type { DemoPortfolio } from "./portfolio.ts";
import { ensureSwaps } from "./swap.ts";
import { AWARDED_TENDER, DEMO_BIDS, OPEN_TENDER } from "./tender-plan.ts";

export type StoryOptions = {
  readonly apiUrl: string;
  /** Of the administrator. */
  readonly api: ApiClient;
  /** The meters tell from here on themselves. */
  readonly historyToMs: number;
  readonly time: TimeSource;
  readonly stop: AbortSignal;
  /** Progress, for people. */
  report(text: string): void;
};

const TRY_AGAIN_MS = 2 * SECOND_MS;

/** Everything is looked for first: it goes on where an earlier start stopped, and does nothing when all is there. */
export async function ensureStory(portfolio: DemoPortfolio, options: StoryOptions): Promise<void> {
  await reaching(options, () => history("common-electricity", portfolio, options));
  const others = reaching(options, () => history("gas-and-dwellings", portfolio, options));
  await Promise.all([others, tenders(portfolio, options)]);
}

/** Beside the story, and for as long as the devices have not told of both meters. */
export async function ensureSwapsRecorded(
  { sites, accounts }: DemoPortfolio,
  options: StoryOptions,
): Promise<void> {
  const { apiUrl, stop } = options;
  const recorded = await reaching(options, async () => {
    const { email, password } = accountNamed("coordinator", accounts);
    return ensureSwaps(sites, await signIn(apiUrl, email, password, stop), stop);
  });
  for (const name of recorded ?? []) options.report(`The meter of "${name}" is recorded as swapped`);
}

async function tenders(portfolio: DemoPortfolio, options: StoryOptions): Promise<void> {
  const { time, stop } = options;
  const surroundings = { time, stop, pause: (ms: number) => pause(ms, stop) };
  const cast = await reaching(options, () => castOf(portfolio, options));
  if (cast === undefined) return;
  await reaching(options, () => carryOut(AWARDED_TENDER, cast, surroundings));
  await reaching(options, () => keepOpen(OPEN_TENDER, cast, surroundings));
  if (!stop.aborted) options.report(`"${AWARDED_TENDER.name}" is in force, "${OPEN_TENDER.name}" is open`);
}

async function history(
  part: HistoryPart,
  { sites, seed, historyFromMs }: DemoPortfolio,
  options: StoryOptions,
): Promise<void> {
  const { api, stop, time } = options;
  const startedMs = time.now();
  const plans = sites.map(({ site }) => site.plan);
  const span = { fromMs: historyFromMs, toMs: options.historyToMs };
  const rows = await ensureHistory({ api, plans, part, seed, span, stop });
  if (rows === 0 || stop.aborted) return;
  const seconds = ((time.now() - startedMs) / SECOND_MS).toFixed(0);
  options.report(`A year of history (${part}) is imported: ${rows} intervals in ${seconds} s`);
}

/** Everybody signs in as himself: what the demo shows, its people were allowed to do. */
async function castOf({ sites, accounts }: DemoPortfolio, { apiUrl, stop }: StoryOptions): Promise<Cast> {
  const as = (name: string) => {
    const { email, password } = accountNamed(name, accounts);
    return signIn(apiUrl, email, password, stop);
  };
  const suppliers = DEMO_BIDS.map(async (bid) => ({ bid, api: await as(bid.account) }));
  return {
    coordinator: await as("coordinator"),
    manager: await as("syndic"),
    suppliers: await Promise.all(suppliers),
    buildings: new Map(sites.map(({ site, buildingId }) => [site.plan.key, buildingId])),
  };
}

function accountNamed(name: string, accounts: readonly DemoAccount[]): DemoAccount {
  const found = accounts.find(({ email }) => email === emailOf(name));
  if (found === undefined) throw new Error(`the demo has no account ${name}`);
  return found;
}

/** As often as it takes while the API is away or fails; every step may be begun again. `undefined` when told to stop. */
async function reaching<T>({ stop }: StoryOptions, work: () => Promise<T>): Promise<T | undefined> {
  while (!stop.aborted) {
    try {
      return await work();
    } catch (error) {
      if (stop.aborted) return undefined;
      if (!(error instanceof ApiFailure) || (error.status !== 0 && error.status < 500)) throw error;
      await pause(TRY_AGAIN_MS, stop);
    }
  }
  return undefined;
}
