// Which quarter-hour was the strongest: asked step by step, so that a year costs three small questions, not 35,040 points.
import type { Resolution, Span } from "../time/period.ts";
import { summarise, type Bar, type LoadSeries } from "./bars.ts";

const FINER = { month: "day", day: "quarter-hour", hour: "quarter-hour" } as const;

/** The strongest quarter-hour within a bar of a resolution. `read` asks the API for a span. */
export async function findPeakQuarter(
  bar: Bar,
  resolution: Resolution,
  read: (span: Span, resolution: Resolution) => Promise<LoadSeries>,
): Promise<Bar | undefined> {
  if (resolution === "quarter-hour") return bar;
  const finer = FINER[resolution];
  const { points, unit } = await read({ fromMs: bar.fromMs, toMs: bar.toMs }, finer);
  const { peak } = summarise(points, unit);
  return peak === undefined ? undefined : findPeakQuarter(peak, finer, read);
}
