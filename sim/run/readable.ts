// What is not right, for people: the quarter-hour or the reading, what was meant to be there, what befell, and the messages behind
// it; the accounts that do not close; and the devices of which too little arrived. Pure.
import type { HistoryLine } from "./history.ts";
import type { ReadingFinding } from "./judge-readings.ts";
import type { Difference } from "./judge-story.ts";

export function readable(differences: readonly Difference[]): string[] {
  return differences.flatMap(({ series, from, verdict, truth, value, mishaps, history }) => [
    `${verdict}: ${series} at ${from} is ${value ?? "missing"}, in truth ${truth}`,
    ...mishaps.map(
      ({ kind, fromMs, toMs, shiftMs }) =>
        `  ${kind} from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}${
          shiftMs === undefined ? "" : `, ${shiftMs / 1000} s ahead`
        }`,
    ),
    ...history.map(lineOf),
  ]);
}

export function readableReadings(findings: readonly ReadingFinding[]): string[] {
  return findings.flatMap(({ kind, register, observedAt, value, history }) => [
    `${kind}: ${register} = ${value} of ${observedAt}`,
    ...history.map(lineOf),
  ]);
}

export function readableAccounts(open: readonly string[]): string[] {
  return open.map((line) => `not accounted for: ${line}`);
}

export function readableUnheard(unheard: readonly string[]): string[] {
  return unheard.map((line) => `sent with QoS 0 and not there: ${line}`);
}

function lineOf({ leavesAt, observedAt, register, value, acknowledged, marks }: HistoryLine): string {
  const what =
    observedAt === undefined ? "nothing that can be read" : `${register} = ${value} of ${observedAt}`;
  const befell = marks.length === 0 ? "" : ` (${marks.join(", ")})`;
  return `  ${leavesAt} ${acknowledged ? "acknowledged" : "without answer"} ${what}${befell}`;
}
