// The demo's portfolio is complete and what its devices say can be decoded.
import { expect, test } from "vitest";
import { decoderFor } from "#devices/profiles/index";
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { DEMO_SITES } from "./demo-sites.ts";
import { createSite } from "./site.ts";

const sites = DEMO_SITES.map((plan) =>
  createSite(plan, {
    seed: 1,
    firstDay: Date.UTC(2026, 0, 1) / DAY_MS,
    contractStart: "2026-01-01",
    swapAtMs: Date.UTC(2026, 1, 20, 9),
  }),
);

test("24 buildings in three regions and two abroad, with names, keys and codes of their own", () => {
  const inRegion = (wanted: string) => DEMO_SITES.filter(({ region }) => region === wanted).length;
  expect(["BE-BRU", "BE-WAL", "BE-VLG", "FR", "IT"].map(inRegion)).toEqual([8, 8, 8, 1, 1]);
  for (const field of ["name", "key", "address"] as const)
    expect(new Set(DEMO_SITES.map((plan) => plan[field])).size).toBe(26);
  const codes = sites.flatMap((site) => site.supplyPoints.flatMap(({ code }) => code ?? []));
  expect(new Set(codes).size).toBe(codes.length);
});

test("what a device says is decoded without a rejection, on the night of the change too", () => {
  for (const { plan, devices } of sites) {
    for (const { key, speech } of devices) {
      if (key === "cable") continue;
      for (const at of [Date.UTC(2026, 1, 3, 12), Date.UTC(2026, 2, 29, 1, 15)]) {
        const message = speech.messageAt(at);
        if (message === undefined) continue;
        const context = {
          topic: speech.topic,
          receivedAtMs: at,
          timezone: plan.timezone,
          expectedIntervalS: null,
        };
        const decoded = decoderFor(speech.profile)?.(message, context);
        expect(decoded?.rejections).toEqual([]);
        expect(decoded?.observations.length).toBeGreaterThanOrEqual(
          ["part", "water 0"].includes(key) ? 1 : 2,
        );
      }
    }
  }
});

test("a telegram's registers show the world's index, and M-Bus values carry their own time", () => {
  const site = sites[0];
  const main = site?.devices.find(({ key }) => key === "main");
  const at = Date.UTC(2026, 2, 4, 10, 17, 30);
  const context = { topic: "", receivedAtMs: at, timezone: "Europe/Brussels", expectedIntervalS: 10 };
  const decoded = decoderFor("dsmr-p1")?.(main?.speech.messageAt(at) ?? Buffer.alloc(0), context);
  const find = (name: string) => decoded?.observations.find(({ register }) => register.name === name);
  const wh = (site?.building.common.importDay.indexAt(at) ?? 0) / 1000;
  expect(find("1-0:1.8.1")).toMatchObject({ value: wh.toFixed(3), observedAtMs: at });
  const hour = Date.UTC(2026, 2, 4, 10);
  const gas = (site?.building.gas?.indexAt(hour) ?? 0) / 1000;
  expect(find("0-1:24.2.3")).toMatchObject({ value: gas.toFixed(3), observedAtMs: hour });
});

test("the history of a device falls on every quarter-hour, and its present is no slower", () => {
  for (const { speech } of sites.flatMap(({ devices }) => devices)) {
    if (speech.profile === "dsmr-p1" && speech.liveStepMs === 60_000) continue;
    expect(QUARTER_MS % speech.historyStepMs).toBe(0);
    expect(speech.historyStepMs % speech.liveStepMs).toBe(0);
  }
});

test("the weak reception leaves gaps longer than a line may bridge, and the damaged cable garbles most telegrams", () => {
  const weak = sites.find(({ plan }) => plan.weakReception)?.devices.find(({ key }) => key === "main");
  const from = Date.UTC(2026, 5, 1);
  const silent = Array.from(
    { length: 8 * 96 },
    (_, n) => weak?.speech.messageAt(from + n * 900_000) === undefined,
  );
  expect(silent.filter(Boolean).length).toBeGreaterThan(30);
  expect(silent.filter(Boolean).length).toBeLessThan(300);
  const cable = sites.flatMap(({ devices }) => devices).find(({ key }) => key === "cable");
  const refused = Array.from({ length: 100 }, (_, n) => {
    const at = from + n * 60_000;
    const context = { topic: "", receivedAtMs: at, timezone: "Europe/Brussels", expectedIntervalS: 60 };
    return decoderFor("dsmr-p1")?.(cable?.speech.messageAt(at) ?? Buffer.alloc(0), context).rejections.length;
  });
  expect(refused.filter((count) => count !== 0).length).toBeGreaterThan(50);
});

test("what the glitching meter shows is decoded as well, and is no index", () => {
  const main = sites.find(({ plan }) => plan.badData)?.devices.find(({ key }) => key === "main");
  const values: number[] = [];
  for (let at = Date.UTC(2026, 5, 1); at < Date.UTC(2026, 5, 4); at += 300_000) {
    const context = { topic: "", receivedAtMs: at, timezone: "Europe/Brussels", expectedIntervalS: 10 };
    const decoded = decoderFor("dsmr-p1")?.(main?.speech.messageAt(at) ?? Buffer.alloc(0), context);
    expect(decoded?.rejections).toEqual([]);
    values.push(Number(decoded?.observations.find(({ register }) => register.name === "1-0:1.8.1")?.value));
  }
  expect(values.filter((value) => value === 0).length).toBeGreaterThanOrEqual(3);
  expect(values.filter((value) => value > 4e6).length).toBeGreaterThanOrEqual(2);
});

test("a swapped meter has another serial from the instant on, begins near zero, and no energy is lost between the two", () => {
  const site = sites.find(({ plan }) => plan.swappedMeter);
  const swap = site?.swap;
  if (site === undefined || swap === undefined) throw new Error("no meter is swapped");
  const main = site.devices.find(({ key }) => key === "main");
  const told = (at: number) => {
    const context = { topic: "", receivedAtMs: at, timezone: "Europe/Brussels", expectedIntervalS: 10 };
    const decoded = decoderFor("dsmr-p1")?.(main?.speech.messageAt(at) ?? Buffer.alloc(0), context);
    const found = decoded?.observations.find(({ register }) => register.name === "1-0:1.8.1");
    return { serial: found?.register.equipmentId, kwh: Number(found?.value) };
  };
  const later = swap.atMs + DAY_MS;
  const [before, at, after] = [told(swap.atMs - 10_000), told(swap.atMs), told(later)];
  expect(before.serial).not.toBe(at.serial);
  expect(after.serial).toBe(at.serial);
  const read = swap.indices.get("1-0:1.8.1");
  expect(at.kwh).toBe(Number(read?.opening));
  const truth = site.building.common.importDay;
  expect(after.kwh - at.kwh).toBeCloseTo((truth.indexAt(later) - truth.indexAt(swap.atMs)) / 1000, 6);
  expect(Number(read?.closing)).toBe(truth.indexAt(swap.atMs) / 1000);
});
