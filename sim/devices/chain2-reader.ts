// An Italian second-generation meter, read over the power line by a Sinapsi Alfa in the cellar.
import { encodeSinapsi } from "#devices/profiles/index";
import { MINUTE_MS } from "#devices/time";
import type { ElectricityOracle } from "../world/electricity.ts";
import type { Speech } from "./speech.ts";

export type Chain2Options = {
  /** Of the reader, not of the meter. */
  readonly serial: string;
  readonly pod: string;
  readonly electricity: ElectricityOracle;
  readonly historyStepMs: number;
};

const LIVE_STEP_MS = MINUTE_MS;

export function createChain2Reader({ serial, pod, electricity, historyStepMs }: Chain2Options): Speech {
  const { importDay, importNight, exportDay, exportNight } = electricity;
  return {
    profile: "chain2-sinapsi",
    topic: "sinapsi/iomtsgdata/alfa",
    liveStepMs: LIVE_STEP_MS,
    historyStepMs,
    messageAt: (observedAtMs) => {
      const sum = (...parts: readonly number[]) =>
        String(Math.round(parts.reduce((all, part) => all + part, 0)));
      const values = new Map([
        ["1-0:1.8.0", sum(importDay.indexAt(observedAtMs), importNight.indexAt(observedAtMs))],
        ["1-0:2.8.0", sum(exportDay.indexAt(observedAtMs), exportNight.indexAt(observedAtMs))],
        ["1-0:1.7.0", sum(importDay.rateAt(observedAtMs), importNight.rateAt(observedAtMs))],
      ]);
      return encodeSinapsi({ du: serial, pod, readings: [{ observedAtMs, values }] });
    },
  };
}
