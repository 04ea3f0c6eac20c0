// Devices that speak SenML: a room sensor in the hall, and the inverter of the panels on the roof.
import { encodeSenml } from "#devices/profiles/index";
import { MINUTE_MS, QUARTER_MS } from "#devices/time";
import type { SimulatedBuilding } from "../world/building.ts";
import type { IndexSeries } from "../world/index-series.ts";
import type { Speech } from "./speech.ts";

export function createRoomSensor(serial: string, building: SimulatedBuilding): Speech {
  return {
    profile: "senml",
    topic: "room/hall",
    liveStepMs: MINUTE_MS,
    historyStepMs: QUARTER_MS,
    messageAt: (observedAtMs) =>
      encodeSenml({
        baseName: `urn:dev:ow:${serial}:`,
        observedAtMs,
        records: [
          { name: "temperature", unit: "Cel", value: building.roomC(observedAtMs).toFixed(1) },
          { name: "humidity", unit: "%RH", value: building.humidity(observedAtMs).toFixed(1) },
          { name: "outside", unit: "Cel", value: building.outsideC(observedAtMs).toFixed(1) },
        ],
      }),
  };
}

/** `production` counts what the panels gave, export included: it belongs to no supply point's load. */
export function createInverter(serial: string, production: IndexSeries): Speech {
  return {
    profile: "senml",
    topic: "inverter",
    liveStepMs: MINUTE_MS,
    historyStepMs: QUARTER_MS,
    messageAt: (observedAtMs) =>
      encodeSenml({
        baseName: `urn:dev:mac:${serial}:`,
        observedAtMs,
        records: [
          { name: "pv-power", unit: "W", value: String(Math.round(production.rateAt(observedAtMs))) },
          { name: "pv-production", unit: "Wh", value: String(production.indexAt(observedAtMs)), sum: true },
        ],
      }),
  };
}
