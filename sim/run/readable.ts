// What differs, for people: the quarter-hour, what was meant to be there, what befell, and the messages behind it. Pure.
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
    ...history.map(
      ({ leavesAt, observedAt, register, value: told, acknowledged, marks }) =>
        `  ${leavesAt} ${acknowledged ? "acknowledged" : "without answer"} ${register} = ${told} of ${observedAt}${
          marks.length === 0 ? "" : ` (${marks.join(", ")})`
        }`,
    ),
  ]);
}
