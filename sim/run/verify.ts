// Asks the API, not the database, for everything that was told, and adds up what is right, late, lost, doubled or wrong.
import { DAY_MS, QUARTER_MS, SECOND_MS, type TimeSource } from "#devices/time";
import type { Direction } from "#devices/vocabulary";
import { pause } from "../devices/telling.ts";
import type { ApiClient } from "../portfolio/api-client.ts";
import type { RegisteredDevice, RegisteredSite } from "../portfolio/register-site.ts";
import type { SupplyPointPlan } from "../portfolio/site.ts";
import { judgeQuarters, type AnsweredPoint, type JudgedQuarter, type Verdict } from "./judge.ts";
import type { RunOptions } from "./options.ts";
import type { Published } from "./publish.ts";

export type Report = {
  readonly published: number;
  readonly acknowledged: number;
  /** Acknowledged readings that the API does not return. */
  readonly lost: number;
  /** Readings that it returns more than once. */
  readonly doubled: number;
  /** Readings that it returns with another value. */
  readonly altered: number;
  /** Sum of the differences of quarter-hours that claim to be right: Wh (water and gas: l). */
  readonly energyErrorWh: number;
  readonly quarters: Readonly<Record<Verdict, number>>;
  /** From the last acknowledgement until the profiles held everything that was told: ms. */
  readonly settledMs: number;
  /** The first quarter-hours that are late or wrong. */
  readonly differences: readonly Difference[];
};

export type Difference = Omit<JudgedQuarter, "fromMs"> & {
  readonly building: string;
  readonly supplyPoint: string;
  readonly direction: Direction;
  readonly from: string;
};

const DIFFERENCES_SHOWN = 10;
const ASK_AGAIN_MS = 2 * SECOND_MS;

export function isRight(report: Report): boolean {
  const { lost, doubled, altered, quarters } = report;
  return lost + doubled + altered + quarters.wrong + quarters.late === 0;
}

/** Waits until the profiles hold everything, or for `settleMs`. */
export async function verify(
  sites: readonly RegisteredSite[],
  published: Published,
  api: ApiClient,
  options: RunOptions,
  environment: { readonly time: TimeSource; readonly stop: AbortSignal; report(text: string): void },
): Promise<Report> {
  const { time, stop } = environment;
  const startMs = time.now();
  let differences = await compareLoads(sites, published, api, options);
  while (differences.tally.late > 0 && time.now() - startMs < options.settleMs && !stop.aborted) {
    environment.report(`${differences.tally.late} quarter-hours are not in the profiles yet`);
    await pause(ASK_AGAIN_MS, stop);
    differences = await compareLoads(sites, published, api, options);
  }
  const settledMs = time.now() - startMs;
  const readings = await compareReadings(sites, published, api, options);
  return {
    published: published.published,
    acknowledged: published.acknowledged,
    ...readings,
    energyErrorWh: differences.errorWh,
    quarters: differences.tally,
    settledMs,
    differences: differences.first,
  };
}

type Comparison = {
  readonly tally: Record<Verdict, number>;
  errorWh: number;
  readonly first: Difference[];
};

async function compareLoads(
  sites: readonly RegisteredSite[],
  published: Published,
  api: ApiClient,
  options: RunOptions,
): Promise<Comparison> {
  const sum: Comparison = {
    tally: { exact: 0, bracketed: 0, missing: 0, late: 0, wrong: 0 },
    errorWh: 0,
    first: [],
  };
  for (const site of sites) {
    for (const plan of site.site.supplyPoints) {
      const directions: Direction[] = plan.direction === "both" ? ["import", "export"] : ["import"];
      for (const direction of directions) {
        const judged = await judgeSupplyPoint(site, plan, direction, published, api, options);
        for (const quarter of judged) count(sum, quarter, site, plan, direction);
      }
    }
  }
  return sum;
}

function count(
  sum: Comparison,
  { fromMs, ...judged }: JudgedQuarter,
  site: RegisteredSite,
  plan: SupplyPointPlan,
  direction: Direction,
): void {
  sum.tally[judged.verdict]++;
  if (judged.verdict === "wrong") sum.errorWh += Math.abs((judged.value ?? 0) - judged.truth);
  if (judged.verdict !== "wrong" && judged.verdict !== "late") return;
  if (sum.first.length >= DIFFERENCES_SHOWN) return;
  const building = site.site.plan.name;
  sum.first.push({
    building,
    supplyPoint: plan.key,
    direction,
    from: new Date(fromMs).toISOString(),
    ...judged,
  });
}

async function judgeSupplyPoint(
  site: RegisteredSite,
  plan: SupplyPointPlan,
  direction: Direction,
  { toldAtMs }: Published,
  api: ApiClient,
  options: RunOptions,
): Promise<JudgedQuarter[]> {
  const device = site.devices.find(({ plan: { key } }) => key === plan.toldBy.device);
  const { everyMs } = plan.toldBy;
  const told = [...(toldAtMs.get(device?.id ?? "") ?? [])].map((at) => Math.floor(at / everyMs) * everyMs);
  const truth = {
    indexAt: (instantMs: number) => plan.indexAt(direction, instantMs),
    toldAtMs: [...new Set(told)].toSorted((a, b) => a - b),
  };
  const id = site.supplyPointIds.get(plan.key) ?? "";
  const judged: JudgedQuarter[] = [];
  const endMs = Math.floor((options.fromMs + options.spanMs) / QUARTER_MS) * QUARTER_MS;
  for (let fromMs = options.fromMs; fromMs < endMs; fromMs += 7 * DAY_MS) {
    const query = new URLSearchParams({
      from: new Date(fromMs).toISOString(),
      to: new Date(Math.min(endMs, fromMs + 7 * DAY_MS)).toISOString(),
      direction,
      resolution: "quarter-hour",
    });
    const answer = await api.get<{ points: AnsweredPoint[] }>(`/v1/supply-points/${id}/load?${query}`);
    judged.push(...judgeQuarters(answer.points, truth));
  }
  return judged;
}

type Tally = { lost: number; doubled: number; altered: number };

/** The first import register of every electricity meter stands for its telegrams: all its values share a row. */
async function compareReadings(
  sites: readonly RegisteredSite[],
  published: Published,
  api: ApiClient,
  options: RunOptions,
): Promise<Tally> {
  const tally = { lost: 0, doubled: 0, altered: 0 };
  for (const site of sites) {
    for (const device of site.devices) {
      if (device.plan.supplyPoints.electricity !== undefined) {
        await compareDevice(device, published.toldAtMs.get(device.id) ?? new Set(), api, options, tally);
      }
    }
  }
  return tally;
}

async function compareDevice(
  device: RegisteredDevice,
  told: ReadonlySet<number>,
  api: ApiClient,
  options: RunOptions,
  tally: Tally,
): Promise<void> {
  const registers = await api.list<{ id: string; name: string }>(`/v1/devices/${device.id}/registers`);
  const register = registers.find(({ name }) => name === "1-0:1.8.1");
  const found = new Map<number, string[]>();
  if (register !== undefined) {
    const query = new URLSearchParams({
      from: new Date(options.fromMs).toISOString(),
      to: new Date(options.fromMs + options.spanMs + 1000).toISOString(),
    });
    const path = `/v1/registers/${register.id}/readings?${query}`;
    for (const { observedAt, value } of await api.list<{ observedAt: string; value: string }>(path)) {
      const at = Date.parse(observedAt);
      found.set(at, [...(found.get(at) ?? []), value]);
    }
  }
  for (const at of told) {
    const values = found.get(at) ?? [];
    if (values.length === 0 && isKept(at, options.stepMs)) tally.lost++;
    if (values.length > 1) tally.doubled += values.length - 1;
    if (
      values.some((value) => !device.plan.speech.messageAt(at)?.includes(`1-0:1.8.1(${padded(value)}*kWh)`))
    ) {
      tally.altered++;
    }
  }
}

/** Between the boundaries of quarter-hours, the storage policy keeps one telegram a minute. */
const isKept = (at: number, stepMs: number) => stepMs >= 60 * SECOND_MS || at % QUARTER_MS === 0;

const padded = (value: string) => value.padStart(10, "0");
