// The geometry of the live curve: samples in, an SVG path out, with its scale.
import type { PowerSample } from "./live-state.ts";

export type Sparkline = {
  /** Path data of the line in a box of `width` × `height`, y downwards. */
  readonly line: string;
  /** The same, closed down to the zero line. */
  readonly area: string;
  /** Where zero lies, in the box. */
  readonly zeroY: number;
  readonly last: { readonly x: number; readonly y: number };
  readonly minW: number;
  readonly maxW: number;
};

/** A silence longer than this breaks the line: an outage is never drawn over. */
const BREAK_MS = 3 * 60_000;

/** `undefined` with fewer than two samples: there is no line yet. */
export function sparklineOf(
  samples: readonly PowerSample[],
  window: { readonly fromMs: number; readonly toMs: number },
  box: { readonly width: number; readonly height: number },
): Sparkline | undefined {
  const last = samples.at(-1);
  if (samples.length < 2 || last === undefined) return undefined;
  const powers = samples.map(({ netW }) => netW);
  const minW = Math.min(...powers);
  const maxW = Math.max(...powers);
  // A flat line sits in the middle of a range of a tenth of its height, not on the edge.
  const low = Math.min(0, minW);
  const high = Math.max(0, maxW) || 1;
  const x = (atMs: number): number =>
    round(((atMs - window.fromMs) / (window.toMs - window.fromMs)) * box.width);
  const y = (netW: number): number => round(box.height - ((netW - low) / (high - low)) * box.height);
  const zeroY = y(0);
  const runs = runsOf(samples).map((run) => run.map(({ atMs, netW }) => `${x(atMs)} ${y(netW)}`));
  return {
    line: runs.map((points) => `M${points.join("L")}`).join(""),
    area: runsOf(samples)
      .map((run, index) => {
        const startX = x(run[0]?.atMs ?? 0);
        const endX = x(run.at(-1)?.atMs ?? 0);
        return `M${startX} ${zeroY}L${runs[index]?.join("L")}L${endX} ${zeroY}Z`;
      })
      .join(""),
    zeroY,
    last: { x: x(last.atMs), y: y(last.netW) },
    minW,
    maxW,
  };
}

function runsOf(samples: readonly PowerSample[]): PowerSample[][] {
  const runs: PowerSample[][] = [];
  for (const sample of samples) {
    const run = runs.at(-1);
    const previous = run?.at(-1);
    if (run !== undefined && previous !== undefined && sample.atMs - previous.atMs <= BREAK_MS)
      run.push(sample);
    else runs.push([sample]);
  }
  return runs;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
