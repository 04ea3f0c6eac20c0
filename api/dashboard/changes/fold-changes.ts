// Why a number changed, folded so that a person can read it: by civil day, supply point and cause, before and after. Pure.
import type { LoadChange } from "../data/meters.ts";
import { civilDateAt, type CivilDate } from "../time/civil.ts";

export type QuarterStatus = LoadChange["before"]["status"];

export type FoldedChange = {
  readonly key: string;
  /** Of the quarter-hours, in the building's zone. */
  readonly day: CivilDate;
  readonly supplyPointId: string;
  readonly cause: LoadChange["cause"];
  /** The latest time at which one of them changed. */
  readonly changedMs: number;
  readonly quarters: number;
  /** From the first of them to the end of the last. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Sums in the unit of the answer; `undefined`: of none of them anything is known. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** The quarter-hour that changed most: all there is to say where the sums are the same. */
  readonly largest: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly before: number;
    readonly after: number;
  };
  /** The most frequent first. */
  readonly beforeStatuses: readonly QuarterStatus[];
  readonly afterStatuses: readonly QuarterStatus[];
};

/** What one quarter-hour of one register, or of imported history, was at first and is at last. */
type Step = { readonly first: LoadChange; readonly last: LoadChange };

/** The latest change first. Quarter-hours that came back to what they were are left out. */
export function foldChanges(changes: readonly LoadChange[], zone: string): FoldedChange[] {
  const days = new Map<string, { day: CivilDate; steps: Map<string, Step> }>();
  const inOrder = changes.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  for (const change of inOrder) {
    const day = civilDateAt(Date.parse(change.from), zone);
    const key = `${day} ${change.supplyPointId} ${change.cause}`;
    const group = days.get(key) ?? { day, steps: new Map<string, Step>() };
    days.set(key, group);
    const quarter = `${change.from} ${change.registerId ?? "import"}`;
    group.steps.set(quarter, { first: group.steps.get(quarter)?.first ?? change, last: change });
  }
  return [...days]
    .flatMap(([key, { day, steps }]) => folded(key, day, [...steps.values()]))
    .toSorted((one, other) => other.changedMs - one.changedMs || other.fromMs - one.fromMs);
}

function folded(key: string, day: CivilDate, all: readonly Step[]): FoldedChange[] {
  const steps = all.filter(({ first, last }) => first.before.value !== last.after.value);
  const [one] = steps;
  if (one === undefined) return [];
  const lasts = steps.map(({ last }) => last);
  return [
    {
      key,
      day,
      supplyPointId: one.last.supplyPointId,
      cause: one.last.cause,
      changedMs: Math.max(...lasts.map(({ at }) => Date.parse(at))),
      quarters: new Set(lasts.map(({ from }) => from)).size,
      fromMs: Math.min(...lasts.map(({ from }) => Date.parse(from))),
      toMs: Math.max(...lasts.map(({ to }) => Date.parse(to))),
      before: sumOf(steps.map(({ first }) => first.before.value)),
      after: sumOf(steps.map(({ last }) => last.after.value)),
      largest: largestOf(steps),
      beforeStatuses: frequent(steps.map(({ first }) => first.before.status)),
      afterStatuses: frequent(steps.map(({ last }) => last.after.status)),
    },
  ];
}

function largestOf(steps: readonly Step[]): FoldedChange["largest"] {
  const quarters = steps.map(({ first, last }) => ({
    fromMs: Date.parse(last.from),
    toMs: Date.parse(last.to),
    before: first.before.value ?? 0,
    after: last.after.value ?? 0,
  }));
  const moved = ({ before, after }: FoldedChange["largest"]): number => Math.abs(after - before);
  return quarters.reduce((most, one) =>
    moved(one) > moved(most) || (moved(one) === moved(most) && one.fromMs < most.fromMs) ? one : most,
  );
}

function sumOf(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
}

function frequent(statuses: readonly QuarterStatus[]): QuarterStatus[] {
  const counts = new Map<QuarterStatus, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].toSorted(([, one], [, other]) => other - one).map(([status]) => status);
}
