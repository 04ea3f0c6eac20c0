// One seed in virtual time: a building's story told to the real product, everything settled, then the verdict.
//
//   seed ─▶ site, story ─▶ deliveries ─▶ lines ─▶ ingest ─▶ store in memory ◀─ workers
//       └▶ process faults ──────────── cut, kill, slow ──────────┘    └─▶ load, readings ─▶ verdict; profiles from raw ─▶ the same?
import { DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS } from "#devices/time";
import type { DeviceContext } from "#store";
import { SparkplugNode } from "../devices/sparkplug-node.ts";
import { TOLD_TIMES } from "../devices/voices/index.ts";
import { drawSites } from "../portfolio/drawn-sites.ts";
import { createSite, type Site } from "../portfolio/site.ts";
import { isRightStory, judgeStory, type StoryVerdict } from "../run/judge-story.ts";
import { unaccountedIn } from "../run/judge-account.ts";
import type { ReadingVerdict } from "../run/judge-readings.ts";
import { quarantineKey, splitQuarantined } from "../run/quarantined.ts";
import { createStory } from "../story/create-story.ts";
import { drawSome, type FaultKind, type FaultRates } from "../story/fault-kinds.ts";
import type { Delivery, Story } from "../story/story.ts";
import { createRandom, derive, type Random } from "../world/random.ts";
import { judgedReadingsOf, loadsOf } from "./answers.ts";
import { DeviceLine } from "./device-line.ts";
import { drawProcessFaults, type ProcessFaults } from "./process-faults.ts";
import { accountsOf } from "./look-inside.ts";
import { settle } from "./settle.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { VirtualProduct } from "./virtual-product.ts";

export type SeedReport = {
  readonly seed: number;
  /** Those that it drew. */
  readonly faults: readonly FaultKind[];
  readonly published: number;
  readonly acknowledged: number;
  /** Messages in quarantine that can be read. */
  readonly refused: number;
  readonly readings: ReadingVerdict;
  readonly verdict: StoryVerdict;
  /** Day rows, pieces and decisions that differ from those computed anew from raw readings. */
  readonly unrepeatable: readonly string[];
  /** Registers whose quarter-hours and pieces do not add up to what their index went by. */
  readonly unaccounted: readonly string[];
  /** What the product said of faults of its own. */
  readonly failures: readonly string[];
  /** Messages that were never acknowledged, though the device said them again and again. */
  readonly unacknowledged: number;
  /** How often a Sparkplug node was born because it was asked to be. */
  readonly births: number;
};

export function isRightSeed(report: SeedReport): boolean {
  const { lost, doubled, altered } = report.readings;
  const { unrepeatable, unaccounted: accounts, failures } = report;
  const wrong = lost + doubled + altered + unrepeatable.length + accounts.length + failures.length;
  return wrong + report.refused + report.unacknowledged === 0 && isRightStory(report.verdict);
}

/** Around a night in which the clocks change, where the seed's faults say so. */
const CHANGES = [Date.UTC(2026, 2, 28), Date.UTC(2026, 9, 24)];
const FIRST_DAY_MS = Date.UTC(2026, 0, 5);
/** So late a message may be, at most. */
const LATE_MAX_MS = 4 * DAY_MS;
/** How many stories last for two days: what passes from day to day shows in these. */
const TWO_DAYS = 0.3;
const TIMES = new Set(TOLD_TIMES);
/** Few speak each minute: a day of it is 1,440 messages. */
const STEPS_MS = [MINUTE_MS, ...Array<number>(6).fill(5 * MINUTE_MS), QUARTER_MS];
const WORK_EVERY_MS = [10 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 8 * HOUR_MS];

/** `bounds`: the faults that it may draw. */
export async function playSeed(seed: number, bounds: FaultRates): Promise<SeedReport> {
  const rates = drawSome(bounds, derive(seed, "faults"));
  const random = createRandom(derive(seed, "virtual"));
  const startDayMs = (rates.get("dst") ?? 0) > random.next() ? chosen(random, CHANGES) : dayOf(random);
  const span = { fromMs: startDayMs, toMs: startDayMs + (random.next() < TWO_DAYS ? 2 : 1) * DAY_MS };
  const site = siteOf(seed, span.fromMs, random);
  const stepMs = chosen(random, STEPS_MS);
  const story = createStory(site, { ...span, seed, rates, times: TIMES, stepMs });
  const faults = drawProcessFaults(rates, { ...span, stepMs }, derive(seed, "processes"));
  const clock = new VirtualClock(span.fromMs - HOUR_MS);
  const product = new VirtualProduct({
    clock,
    seed,
    spells: faults.spells,
    workEveryMs: chosen(random, WORK_EVERY_MS),
    workers: 1 + random.below(2),
  });
  const { devices, supplyPoints } = register(product, site, story);
  const told = await tell({ story, seed, clock, product, devices, faults });
  const unrepeatable = await settle(product, clock);
  const loads = loadsOf(product, story, supplyPoints, site.plan.timezone);
  const { sent } = told;
  const { readable, refused } = splitQuarantined(told.acknowledged, quarantinedIn(product, devices));
  return {
    seed,
    faults: [...rates.keys()],
    published: sent.length,
    acknowledged: told.acknowledged.size,
    refused: refused.length,
    readings: judgedReadingsOf(product, story, devices, readable, sent),
    verdict: judgeStory(story, { acknowledged: readable, sent, loads }),
    unrepeatable,
    unaccounted: [...devices].flatMap(([key, { id }]) =>
      unaccountedIn(key, accountsOf(product.database, id), sent),
    ),
    failures: product.failures,
    unacknowledged: told.unacknowledged,
    births: told.births,
  };
}

type Telling = {
  readonly story: Story;
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly product: VirtualProduct;
  readonly devices: ReadonlyMap<string, DeviceContext>;
  readonly faults: ProcessFaults;
};

/** Lets the story happen, with what befalls processes and connections meanwhile. */
async function tell({ story, seed, clock, product, devices, faults }: Telling) {
  const sent: Delivery[] = [];
  const acknowledged = new Set<Delivery>();
  const lines = new Map<string, DeviceLine>();
  const nodes = new Map(story.devices.map(({ key }) => [key, new SparkplugNode()]));
  for (const { key, supplyPoints } of story.devices) {
    const context = devices.get(key);
    if (context === undefined) continue;
    const own = Object.values(supplyPoints);
    const series = [...story.series.values()].filter(({ supplyPoint }) => own.includes(supplyPoint));
    const options = {
      clock,
      random: createRandom(derive(seed, `line ${key}`)),
      accept: () => product.acceptOf(context),
      datedWithinMs: Math.max(0, ...series.map(({ datedWithinMs }) => datedWithinMs)),
      onAcknowledged: (delivery: Delivery) => void acknowledged.add(delivery),
    };
    lines.set(key, new DeviceLine(options));
  }
  const cutAll = () => {
    for (const line of lines.values()) line.cut();
  };
  for (const { atMs } of faults.storms) clock.at(atMs, cutAll);
  for (const { atMs, target, downMs, atStatement } of faults.kills) {
    clock.at(atMs, () => {
      if (target === "worker") return product.killWorker(atStatement, downMs);
      product.killIngest(downMs);
      cutAll();
    });
  }
  for (const delivery of story.deliveries()) {
    // The broker refuses a secret that was revoked.
    if (delivery.marks.includes("revoked")) continue;
    clock.at(delivery.leavesAtMs, () => {
      const node = nodes.get(delivery.device);
      if (product.takeCommands(devices.get(delivery.device)?.id ?? 0).length > 0) node?.ask();
      const spoken = node?.spoken(delivery) ?? delivery;
      sent.push(spoken);
      lines.get(delivery.device)?.send(spoken);
    });
  }
  await clock.runUntil(story.toMs + LATE_MAX_MS);
  const unacknowledged = [...lines.values()].reduce((sum, line) => sum + line.waiting, 0);
  const births = [...nodes.values()].reduce((sum, node) => sum + node.births, 0);
  return { sent, acknowledged, unacknowledged, births };
}

function quarantinedIn(
  { database }: VirtualProduct,
  devices: ReadonlyMap<string, DeviceContext>,
): Set<string> {
  const keys = new Map(Array.from(devices, ([key, { id }]) => [id, key]));
  return new Set(
    database.quarantine.rows.map(({ deviceId, payload }) =>
      quarantineKey(keys.get(deviceId ?? 0) ?? "", payload),
    ),
  );
}

function chosen<T>(random: Random, list: readonly T[]): T {
  const found = list[random.below(list.length)];
  if (found === undefined) throw new Error("there is nothing to choose from");
  return found;
}

const DAYS_OF_A_YEAR = 300;

function dayOf(random: Random): number {
  return FIRST_DAY_MS + random.below(DAYS_OF_A_YEAR) * DAY_MS;
}

const DWELLINGS_MAX = 3;
/** Meters hang long enough for an index to be far from that of a new one: else a swap without a serial cannot be told from consumption. */
const USED_DAYS = 20;

function siteOf(seed: number, fromMs: number, random: Random): Site {
  const [plan] = drawSites(1, seed, "virtual");
  if (plan === undefined) throw new Error("no building was drawn");
  const measuredDwellings = 1 + random.below(DWELLINGS_MAX);
  return createSite(
    { ...plan, measuredDwellings },
    { seed, firstDay: fromMs / DAY_MS - USED_DAYS, contractStart: "2025-01-01" },
  );
}

function register({ database }: VirtualProduct, site: Site, story: Story) {
  const { directory } = database;
  const supplyPoints = new Map(
    site.supplyPoints.map(({ key, carrier, direction, connectionKva = null }) => [
      key,
      directory.addSupplyPoint({ carrier, direction, connectionKva }),
    ]),
  );
  const devices = new Map<string, DeviceContext>();
  for (const { key, profile, expectedIntervalS, supplyPoints: told } of story.devices) {
    const supplyPointIds = Object.values(told).flatMap((point) => supplyPoints.get(point) ?? []);
    const { timezone, country } = site.plan;
    devices.set(key, directory.addDevice({ profile, supplyPointIds, expectedIntervalS, timezone, country }));
  }
  return { supplyPoints, devices };
}
