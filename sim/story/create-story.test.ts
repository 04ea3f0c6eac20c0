// A story is a function of its seed, tells what its devices' decoders read, and does to them what its faults say.
import { expect, test } from "vitest";
import { decoderFor } from "#devices/profiles/index";
import { playMessages } from "#devices/profiles/play-messages";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#devices/time";
import { drawSites } from "../portfolio/drawn-sites.ts";
import { createSite, type Site } from "../portfolio/site.ts";
import type { SitePlan } from "../portfolio/site-plan.ts";
import type { Country } from "../world/absences.ts";
import { createStory } from "./create-story.ts";
import { STORY_FAULTS, usualRates, type FaultKind } from "./fault-kinds.ts";
import type { Delivery, Story } from "./story.ts";

const FROM = Date.UTC(2026, 1, 10);
const TO = FROM + DAY_MS;
const TIMED = new Set(["offset", "local", "server", "before"] as const);

/** As it is drawn from the seed; `country`: the first that is drawn there. */
function siteOf(seed: number, country?: Country, more: Partial<SitePlan> = {}): Site {
  const drawn = drawSites(country === undefined ? 1 : 20, seed, "story");
  const plan = drawn.find((one) => country === undefined || one.country === country);
  if (plan === undefined) throw new Error("no site was drawn");
  const firstDay = FROM / DAY_MS - 1;
  return createSite(
    { ...plan, measuredDwellings: Math.min(6, plan.dwellings), ...more },
    { seed, firstDay, contractStart: "2026-01-01" },
  );
}

function storyOf(seed: number, faults: readonly FaultKind[], rate?: number, site = siteOf(seed)): Story {
  const rates = new Map([...usualRates(faults)].map(([kind, usual]) => [kind, rate ?? usual]));
  return createStory(site, {
    seed,
    fromMs: FROM,
    toMs: TO,
    rates,
    times: TIMED,
    stepMs: 5 * MINUTE_MS,
  });
}

const textOf = (deliveries: Iterable<Delivery>) =>
  Array.from(deliveries, ({ payload, ...rest }) => JSON.stringify([payload.toString("hex"), rest]));

const ofDevice = (deliveries: readonly Delivery[], key: string) =>
  deliveries.filter(({ device }) => device === key);

/** As tellings are written, of what is metered for a supply point. */
function readings(profile: string, deliveries: readonly Delivery[], names: ReadonlySet<string>) {
  const decode = decoderFor(profile);
  if (decode === undefined) throw new Error(`nobody reads ${profile}`);
  const messages = deliveries.map(({ topic, payload }) => ({ topic, payload }));
  const receivedAtMs = TO + 10 * DAY_MS;
  return playMessages(decode, messages, {
    receivedAtMs,
    timezone: "Europe/Brussels",
    expectedIntervalS: 60,
  }).flatMap(({ observations }) =>
    observations
      .filter(({ register }) => names.has(register.name))
      .map(({ register, value, observedAtMs }) => `${register.name} ${observedAtMs} ${value}`),
  );
}

test.each([
  [1, "BE"],
  [2, "FR"],
  [3, "IT"],
  [4, "BE"],
] as const)(
  "seed %i in %s: what devices tell is what is read, whatever happens to it on the way",
  (seed, country) => {
    const faults = STORY_FAULTS.filter((kind) => kind !== "skew" && kind !== "step");
    const story = storyOf(seed, faults, undefined, siteOf(seed, country));
    const deliveries = [...story.deliveries()];
    for (const { key, profile } of story.devices) {
      const own = ofDevice(deliveries, key);
      const told = own.flatMap(({ tells }) => tells);
      const names = new Set(told.map(({ register }) => register));
      // A protobuf that was cut may hold a metric or two more than nothing.
      const legible = own.filter(({ marks }) => !marks.includes("corruption"));
      expect(readings(profile, legible, names)).toEqual(
        told.map(({ register, observedAtMs, value }) => `${register} ${observedAtMs} ${value}`),
      );
    }
  },
);

test("the same seed is the same story, and another one is another", () => {
  const text = textOf(storyOf(5, STORY_FAULTS).deliveries());
  expect(textOf(storyOf(5, STORY_FAULTS).deliveries())).toEqual(text);
  expect(textOf(storyOf(6, STORY_FAULTS).deliveries())).not.toEqual(text);
});

test("without faults every boundary of a quarter-hour is told exactly by meters that speak every five minutes", () => {
  const story = storyOf(7, [], undefined, siteOf(7, "BE"));
  const series = story.series.get("electricity import");
  const atMs = FROM + 9.25 * HOUR_MS;
  const wh = [...story.deliveries()]
    .flatMap(({ tells }) => tells)
    .filter(({ series: key, observedAtMs }) => key === series?.key && observedAtMs === atMs)
    .map(({ value }) => Math.round(1000 * Number(value)));
  expect(wh).toHaveLength(2);
  expect(wh.reduce((sum, one) => sum + one, 0)).toBe(series?.indexAt(atMs));
  expect(story.mishaps).toEqual([]);
});

test.each([
  ["BE", "dsmr-p1", ["chain2-sinapsi", "linky-tic"]],
  ["FR", "linky-tic", ["chain2-sinapsi", "dsmr-p1", "dsmr-topics"]],
  ["IT", "chain2-sinapsi", ["dsmr-p1", "dsmr-topics", "linky-tic"]],
] as const)(
  "in %s the common parts have %s, and nobody has a meter of another country",
  (country, main, others) => {
    const story = storyOf(12, [], undefined, siteOf(12, country));
    const profiles = story.devices.map(({ profile }) => profile);
    expect(story.devices.find(({ key }) => key === "electricity")?.profile).toBe(main);
    expect(profiles.filter((profile) => (others as readonly string[]).includes(profile))).toEqual([]);
    expect(new Set(profiles).size).toBeGreaterThan(3);
  },
);

test("what panels feed in is told, in every country", () => {
  for (const country of ["BE", "FR", "IT"] as const) {
    const story = storyOf(13, [], undefined, siteOf(13, country, { panelsKwp: 20 }));
    const told = [...story.deliveries()].flatMap(({ tells }) => tells.map(({ series }) => series));
    expect(told).toContain("electricity export");
  }
});

test("deliveries are in the order of time, with every fault", () => {
  const times = [...storyOf(8, STORY_FAULTS).deliveries()].map(({ leavesAtMs }) => leavesAtMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

/** What is told, once each. */
const toldIn = (deliveries: Iterable<Delivery>) =>
  new Set([...deliveries].flatMap(({ tells }) => tells.map((one) => JSON.stringify(one))));

test.each(["duplicates", "reorder", "late"] as const)("%s lose nothing and invent nothing", (kind) => {
  const plain = [...storyOf(9, []).deliveries()];
  const faulty = [...storyOf(9, [kind]).deliveries()];
  expect(toldIn(faulty)).toEqual(toldIn(plain));
  expect(faulty.filter(({ marks }) => marks.includes(kind)).length).toBeGreaterThan(0);
});

test.each(["loss", "gaps", "corruption"] as const)("%s only takes away", (kind) => {
  const plain = toldIn(storyOf(10, []).deliveries());
  const faulty = toldIn(storyOf(10, [kind]).deliveries());
  expect(faulty.size).toBeLessThan(plain.size);
  expect(faulty.isSubsetOf(plain)).toBe(true);
});

test.each(["reset", "rollover", "glitch", "sentinel", "swap", "slip", "skew", "step"] as const)(
  "%s is a mishap of its series, and changes what is told of no other",
  (kind) => {
    const story = storyOf(11, [kind], 1);
    expect(story.mishaps.map((mishap) => mishap.kind)).toContain(kind);
    const struck = new Set(story.mishaps.map(({ series }) => series));
    const plain = toldIn(storyOf(11, []).deliveries());
    const differing = [...story.deliveries()]
      .flatMap(({ tells }) => tells)
      .filter((one) => !plain.has(JSON.stringify(one)));
    expect(differing.length).toBeGreaterThan(0);
    expect(differing.filter(({ series }) => !struck.has(series))).toEqual([]);
  },
);
