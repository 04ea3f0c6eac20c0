// Judges each step from one reading to the next: whether a line may join them, and if not, why.
//
//   verdict      the step u → v                                                      what becomes of its energy
//   index_drop   v < u: reset, swap, rollover, or a glitch's way down                unallocated, negative
//   implausible  rises faster than the register's bound, or belongs to a glitch:     unallocated
//                it climbs back over a level left less than one bridge ago, or
//                climbs to a level that is left again within one bridge
//   gap          plausible, but silent for too long                                  unallocated
//   bridged      everything else                                                     in quarter-hours, by a line
//
// A glitch (100, 0.0, 100.1) is a drop and a rise over 100 again: both unallocated, they cancel out, and no quarter-hour is
// booked. A reset (100, 0.0, 0.1 …) is a drop alone. Where a small index climbs over its old level within one bridge after a
// reset, the step that crosses the level stays unallocated: the two cannot be told apart.
import { wholeUnits, type IndexReading } from "./index-reading.ts";
import type { StepRules } from "./step-rules.ts";

export type StepVerdict = "bridged" | "gap" | "index_drop" | "implausible";

/** As many readings are witnesses on either side of a step: two hours of one a minute. Bounds the work on a noisy meter. */
const WITNESSES_MAX = 120;

/** `verdicts[i]` judges the step from reading i to reading i + 1. Depends on nothing but the readings and the rules. */
export function judgeSteps(readings: readonly IndexReading[], rules: StepRules): StepVerdict[] {
  const verdicts: StepVerdict[] = [];
  let dropped = false;
  for (let at = 1; at < readings.length; at++) {
    const verdict = judgeAlone(readings[at - 1], readings[at], rules);
    dropped ||= verdict === "index_drop";
    verdicts.push(verdict);
  }
  // Without a drop there is no glitch: the rest is for the rare day that has one.
  if (!dropped) return verdicts;
  const dropsBefore = [0];
  for (const verdict of verdicts)
    dropsBefore.push((dropsBefore.at(-1) ?? 0) + (verdict === "index_drop" ? 1 : 0));
  const dropsIn = (from: number, to: number) =>
    (dropsBefore[Math.min(to, verdicts.length)] ?? 0) - (dropsBefore[Math.max(from, 0)] ?? 0);
  return verdicts.map((verdict, step) =>
    verdict === "bridged" &&
    dropsIn(step - WITNESSES_MAX, step + 1 + WITNESSES_MAX) > 0 &&
    isOfGlitch(readings, step, rules)
      ? "implausible"
      : verdict,
  );
}

function judgeAlone(
  from: IndexReading | undefined,
  to: IndexReading | undefined,
  rules: StepRules,
): StepVerdict {
  if (from === undefined || to === undefined) throw new RangeError("a step has two ends");
  if (to.milli < from.milli) return "index_drop";
  const elapsedMs = to.atMs - from.atMs;
  const quantumMilli = Math.max(from.quantumMilli, to.quantumMilli);
  if (to.milli - from.milli > rules.milliPerMsMax * elapsedMs + quantumMilli) return "implausible";
  return elapsedMs > rules.bridgeMaxMs ? "gap" : "bridged";
}

/**
 * The direct neighbours always bear witness, others within one bridge. Levels are compared in whole Wh or l, as unallocated
 * pieces show them: a neighbour across a long silence that changes this verdict also changes the piece between (see
 * replace-pieces.ts).
 */
function isOfGlitch(readings: readonly IndexReading[], step: number, rules: StepRules): boolean {
  const from = readings[step];
  const to = readings[step + 1];
  if (from === undefined || to === undefined) return false;
  const low = wholeUnits(from.milli);
  const high = wholeUnits(to.milli);
  for (let at = step - 1; at >= Math.max(0, step - WITNESSES_MAX); at--) {
    const before = readings[at];
    if (before === undefined || (at < step - 1 && from.atMs - before.atMs > rules.bridgeMaxMs)) break;
    const level = wholeUnits(before.milli);
    if (level > low && level <= high) return true;
  }
  for (let at = step + 2; at <= step + 1 + WITNESSES_MAX; at++) {
    const after = readings[at];
    if (after === undefined || (at > step + 2 && after.atMs - to.atMs > rules.bridgeMaxMs)) break;
    const level = wholeUnits(after.milli);
    if (level >= low && level < high) return true;
  }
  return false;
}
