// What befalls a meter itself: it is replaced by another, or shows a number that is none.
import { DAY_MS, MINUTE_MS, QUARTER_MS } from "#devices/time";
import type { ElectricityOracle } from "../world/electricity.ts";
import type { IndexSeries } from "../world/index-series.ts";
import { chance, derive } from "../world/random.ts";
import type { Speech } from "./speech.ts";

/** Until the instant the old meter speaks, from then on the new one. */
export function replacedAt(instantMs: number, old: Speech, young: Speech): Speech {
  return { ...old, messageAt: (at) => (at < instantMs ? old : young).messageAt(at) };
}

/** A new meter on the same connection: it begins near zero at the instant, and counted nothing before. */
export function asOf(instantMs: number, electricity: ElectricityOracle, opening: number): ElectricityOracle {
  const begun = (series: IndexSeries): IndexSeries => ({
    ...series,
    indexAt: (at) => opening + Math.max(0, series.indexAt(at) - series.indexAt(instantMs)),
    quarter: (quarter) => (quarter * QUARTER_MS < instantMs ? 0 : series.quarter(quarter)),
  });
  return onEach(electricity, begun);
}

/** Some times a day, for five minutes, the registers show nothing, or the highest number that 32 bits hold. */
export function withGlitches(electricity: ElectricityOracle, seed: number): ElectricityOracle {
  const moods = derive(seed, "glitches");
  const glitching = (series: IndexSeries): IndexSeries => ({
    ...series,
    indexAt: (at) => glitchAt(moods, at) ?? series.indexAt(at),
  });
  return onEach(electricity, glitching);
}

const GLITCHES_PER_DAY = 3;
const GLITCH_MS = 5 * MINUTE_MS;
const SENTINEL_WH = 2 ** 32 - 1;

function glitchAt(moods: number, instantMs: number): number | undefined {
  const day = Math.floor(instantMs / DAY_MS);
  for (let number = 0; number < GLITCHES_PER_DAY; number++) {
    const drawn = chance(moods, day * GLITCHES_PER_DAY + number);
    const startMs = day * DAY_MS + Math.floor(drawn * (DAY_MS / GLITCH_MS)) * GLITCH_MS;
    if (instantMs >= startMs && instantMs < startMs + GLITCH_MS) return number === 0 ? SENTINEL_WH : 0;
  }
  return undefined;
}

const onEach = (
  electricity: ElectricityOracle,
  change: (series: IndexSeries) => IndexSeries,
): ElectricityOracle => ({
  ...electricity,
  importDay: change(electricity.importDay),
  importNight: change(electricity.importNight),
  exportDay: change(electricity.exportDay),
  exportNight: change(electricity.exportNight),
});
