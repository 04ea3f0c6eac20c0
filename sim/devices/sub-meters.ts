// Meters behind the meter: a Shelly around a cable in the switchboard, and a water meter in a flat that wmbusmeters hears.
import { encodeShelly, encodeWmbus } from "#devices/profiles/index";
import { MINUTE_MS, QUARTER_MS } from "#devices/time";
import type { IndexSeries } from "../world/index-series.ts";
import type { Speech } from "./speech.ts";

/** Counters on the full minute. It measures behind the main meter: a power of its own would be taken for another one of the building. */
export function createShellyMeter(serial: string, series: IndexSeries): Speech {
  const source = `shellypro3em-${serial}`;
  return {
    profile: "shelly-gen2",
    topic: `${source}/events/rpc`,
    liveStepMs: MINUTE_MS,
    historyStepMs: QUARTER_MS,
    messageAt: (observedAtMs) =>
      encodeShelly({
        source,
        observedAtMs,
        components: new Map([["emdata:0", new Map([["total_act", `${series.indexAt(observedAtMs)}.00`]])]]),
      }),
  };
}

/** Cold water; heard four times an hour. `meterId`: eight digits. */
export function createWaterMeter(meterId: string, litres: IndexSeries): Speech {
  return {
    profile: "wmbusmeters",
    topic: `wmbusmeters/${meterId}`,
    liveStepMs: QUARTER_MS,
    historyStepMs: QUARTER_MS,
    messageAt: (observedAtMs) =>
      encodeWmbus({
        media: "cold water",
        meter: "multical21",
        id: meterId,
        observedAtMs,
        values: new Map([["total_m3", (litres.indexAt(observedAtMs) / 1000).toFixed(3)]]),
      }),
  };
}
