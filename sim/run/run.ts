// A run: registers buildings drawn from the seed, publishes their stories, strikes meanwhile, and verifies what became of it all.
import { DAY_MS, utcDay, type TimeSource } from "#devices/time";
import { TOLD_TIMES, type ToldTime } from "../devices/voices/index.ts";
import type { FaultBed } from "../faults/bed.ts";
import type { ApiClient } from "../portfolio/api-client.ts";
import { drawSites } from "../portfolio/drawn-sites.ts";
import { findOrAdd, registerSite } from "../portfolio/register-site.ts";
import type { DevicePlan } from "../portfolio/site-plan.ts";
import { createSite } from "../portfolio/site.ts";
import { createStory } from "../story/create-story.ts";
import type { StoryDevice } from "../story/story.ts";
import { clocksChange } from "../world/calendar.ts";
import { createRandom, derive } from "../world/random.ts";
import type { RunOptions } from "./options.ts";
import { publish, type Progress, type Published, type Told } from "./publish.ts";
import { strikeUntil } from "./strike.ts";
import { verify, type Report } from "./verify.ts";

export type RunEnvironment = {
  readonly api: ApiClient;
  readonly mqttUrls: readonly string[];
  readonly ca?: string;
  readonly time: TimeSource;
  readonly stop: AbortSignal;
  /** What may be struck, if anything. */
  readonly bed?: FaultBed;
  /** Progress, for people. */
  report(text: string): void;
};

export type RunReport = Report & {
  /** Profiles that spoke. */
  readonly families: readonly string[];
  /** What befell, by kind: messages, mishaps, strikes. */
  readonly befell: Readonly<Record<string, number>>;
};

export async function run(options: RunOptions, environment: RunEnvironment): Promise<RunReport> {
  const tolds = await registerStories(options, environment.api);
  const families = [...new Set(tolds.flatMap(({ story }) => story.devices.map(({ profile }) => profile)))];
  const count = tolds.reduce((sum, { story }) => sum + story.devices.length, 0);
  environment.report(
    `${tolds.length} buildings with ${count} devices are registered: ${families.join(", ")}`,
  );
  const over = new AbortController();
  const { bed } = environment;
  const random = createRandom(derive(options.seed, "strikes"));
  let progress: Progress = { acknowledged: 0, of: 0 };
  const odds = { rates: options.faults, random };
  const tell = (text: string) => environment.report(text);
  const strikes = bed === undefined ? undefined : strikeUntil(over.signal, bed, odds, () => progress, tell);
  // Its failure is seen below.
  strikes?.catch(() => undefined);
  const onProgress = (now: Progress) => (progress = now);
  const published = await publish(tolds, options, { ...environment, onProgress }).finally(() => over.abort());
  const struck = (await strikes) ?? [];
  const report = await verify(tolds, published, environment.api, options, environment);
  return { ...report, families, befell: befellIn(tolds, published, struck) };
}

/** Meters with which a run's dwellings speak: neighbours each in another family. */
const MEASURED_DWELLINGS = 5;

/** Its own buildings per seed and start, so that a second run with another start does not contradict the first. */
export async function registerStories(options: RunOptions, api: ApiClient): Promise<Told[]> {
  const organisation = await findOrAdd(api, "/v1/organisations", "Simulation", () => ({
    name: "Simulation",
    kind: "coordinator",
  }));
  const label = `${options.seed} ${utcDay(options.fromMs)}`;
  const tolds: Told[] = [];
  for (const drawn of drawSites(options.buildings, options.seed, label)) {
    const plan = { ...drawn, measuredDwellings: Math.min(drawn.dwellings, MEASURED_DWELLINGS) };
    const site = createSite(plan, {
      seed: options.seed,
      firstDay: Math.floor(options.fromMs / DAY_MS) - 1,
      contractStart: utcDay(options.fromMs),
    });
    const story = createStory(site, {
      seed: options.seed,
      fromMs: options.fromMs,
      toMs: options.fromMs + options.spanMs,
      rates: options.faults,
      times: timesOf(options, plan.timezone),
      stepMs: options.stepMs,
      ownQos: true,
    });
    const registered = await registerSite(
      { ...site, devices: story.devices.map(devicePlan) },
      {
        api,
        organisationId: organisation.id,
        consentFrom: new Date(options.fromMs).toISOString(),
        knownSecret: () => undefined,
      },
    );
    tolds.push({ site: registered, story });
  }
  return tolds;
}

/** Registered like any other; what it says is the story's. */
function devicePlan({ profile, ...device }: StoryDevice): DevicePlan {
  const stepMs = 1000 * device.expectedIntervalS;
  const speech = {
    profile,
    topic: "",
    liveStepMs: stepMs,
    historyStepMs: stepMs,
    messageAt: () => undefined,
  };
  return { ...device, speech };
}

/**
 * What bears no time belongs to the present: told at another speed, or later, it would be dated wrong. So would what leans on a
 * message before it, should the broker die between the two. Local time without a zone is told apart by its arrival in the hour that
 * autumn repeats, so that night belongs to the present too.
 */
function timesOf({ fromMs, spanMs, live, faults }: RunOptions, timezone: string): ReadonlySet<ToldTime> {
  if (live) return new Set(TOLD_TIMES);
  const changes = clocksChange({ fromMs: fromMs - DAY_MS, toMs: fromMs + spanMs + DAY_MS }, timezone);
  return new Set<ToldTime>([
    "offset",
    "server",
    ...(changes ? [] : ["local" as const]),
    ...(faults.has("kill") ? [] : ["before" as const]),
  ]);
}

function befellIn(
  tolds: readonly Told[],
  { sent, births }: Published,
  struck: readonly string[],
): Record<string, number> {
  const befell: Record<string, number> = {};
  const add = (kind: string) => (befell[kind] = (befell[kind] ?? 0) + 1);
  for (const { story } of tolds) for (const { kind } of story.mishaps) add(kind);
  const ofTheWay = new Set(["duplicates", "reorder", "corruption", "late", "gaps"]);
  for (const deliveries of sent.values()) {
    for (const { marks } of deliveries) for (const mark of marks) if (ofTheWay.has(mark)) add(mark);
  }
  for (const fault of struck) add(fault);
  if (births > 0) befell["rebirth"] = births;
  return befell;
}
