// A building's findings as a list that can be read: those of one rule at one supply point together, the gravest first.
import { SEVERITIES, type Finding } from "#analytics";
import type { Direction } from "#devices/vocabulary";

export type PointFindings = {
  readonly supplyPointId: number;
  readonly direction: Direction;
  readonly findings: readonly Finding[];
};

export type FindingGroup = Pick<Finding, "rule" | "severity" | "fromMs" | "toMs"> & {
  readonly supplyPointId: number;
  readonly direction: Direction;
  readonly count: number;
  /** Of the gravest the latest: an example. */
  readonly latest: Finding;
};

const weight = ({ severity }: Pick<Finding, "severity">) => SEVERITIES.indexOf(severity);

/** By severity; then the latest first, by supply point. */
export function findingGroups(points: readonly PointFindings[]): FindingGroup[] {
  return points
    .flatMap(({ supplyPointId, direction, findings }) =>
      [...Map.groupBy(findings, ({ rule }) => rule)].map(([rule, alike]) => {
        const latest = alike.reduce((best, one) =>
          (weight(one) - weight(best) || one.toMs - best.toMs) > 0 ? one : best,
        );
        return {
          supplyPointId,
          direction,
          rule,
          severity: latest.severity,
          count: alike.length,
          fromMs: Math.min(...alike.map(({ fromMs }) => fromMs)),
          toMs: Math.max(...alike.map(({ toMs }) => toMs)),
          latest,
        };
      }),
    )
    .sort(
      (one, other) =>
        weight(other) - weight(one) || other.toMs - one.toMs || one.supplyPointId - other.supplyPointId,
    );
}
