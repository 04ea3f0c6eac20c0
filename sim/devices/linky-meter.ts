// A French Linky behind a gateway that publishes its customer port: standard mode, one frame a message.
import { encodeTic } from "#devices/profiles/index";
import { SECOND_MS } from "#devices/time";
import type { ElectricityOracle } from "../world/electricity.ts";
import type { Speech } from "./speech.ts";

export type LinkyOptions = {
  /** Its address: twelve digits. */
  readonly meterId: string;
  readonly electricity: ElectricityOracle;
  readonly produces: boolean;
  readonly historyStepMs: number;
};

const LIVE_STEP_MS = 30 * SECOND_MS;

export function createLinkyMeter({ meterId, electricity, produces, historyStepMs }: LinkyOptions): Speech {
  const { importDay, importNight, exportDay, exportNight } = electricity;
  return {
    profile: "linky-tic",
    topic: "teleinfo/data",
    liveStepMs: LIVE_STEP_MS,
    historyStepMs,
    messageAt: (observedAtMs) => {
      const [full, offPeak] = [importDay.indexAt(observedAtMs), importNight.indexAt(observedAtMs)];
      const apparentVa = Math.round(
        (importDay.rateAt(observedAtMs) + importNight.rateAt(observedAtMs)) * 1.04,
      );
      const whole = (label: string, value: number) => ({ label, value: String(value) });
      const injected = exportDay.indexAt(observedAtMs) + exportNight.indexAt(observedAtMs);
      return encodeTic({
        mode: "standard",
        meter: meterId,
        observedAtMs,
        entries: [
          whole("EAST", full + offPeak),
          whole("EASF01", offPeak),
          whole("EASF02", full),
          ...(produces ? [whole("EAIT", injected)] : []),
          whole("SINSTS", apparentVa),
        ],
      });
    },
  };
}
