// Month peaks of the simulated meter against all quarter-hours of the month.
import { expect, test } from "vitest";
import { decoderFor } from "#devices/profiles/index";
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { createBuilding } from "../world/building.ts";
import { createP1Meter } from "./p1-meter.ts";

const building = createBuilding(
  3,
  {
    key: "peaks",
    country: "BE",
    timezone: "Europe/Brussels",
    latitudeDeg: 50.85,
    longitudeDeg: 4.35,
    dwellings: 6,
    lift: false,
    panelsKwp: 0,
    heating: "gas",
    chargers: 1,
  },
  Date.UTC(2026, 0, 1) / DAY_MS,
);
const meter = createP1Meter({
  seed: 1,
  meterId: "1SIM0000000001",
  timezone: "Europe/Brussels",
  electricity: building.common,
  phases: 3,
  historyStepMs: QUARTER_MS,
  mbus: [],
});

function peakIn(fromMs: number, toMs: number): string {
  let peakW = 0;
  for (let quarter = fromMs / QUARTER_MS; quarter < toMs / QUARTER_MS; quarter++) {
    peakW = Math.max(
      peakW,
      4 * (building.common.importDay.quarter(quarter) + building.common.importNight.quarter(quarter)),
    );
  }
  return (peakW / 1000).toFixed(3);
}

test("the month peak is the highest quarter-hour of the civil month so far, the history those of the months before", () => {
  const at = Date.UTC(2026, 2, 20, 9, 7, 10);
  const march = Date.UTC(2026, 1, 28, 23);
  const february = Date.UTC(2026, 0, 31, 23);
  const context = { topic: "", receivedAtMs: at, timezone: "Europe/Brussels", expectedIntervalS: 10 };
  // A later question first: what was remembered of it must not leak into an earlier month.
  meter.messageAt(Date.UTC(2026, 4, 20));
  const { observations } = decoderFor("dsmr-p1")?.(meter.messageAt(at) ?? Buffer.alloc(0), context) ?? {};
  const values = (quantity: string) =>
    (observations ?? []).filter(({ register }) => register.quantity === quantity).map(({ value }) => value);
  const until = Math.floor(at / QUARTER_MS) * QUARTER_MS;
  expect(values("max-demand")).toContain(peakIn(march, until));
  expect(values("max-demand")).toContain(peakIn(february, march));
});
