// The loads that a viewer may add up: supply points seen by themselves, and hidden ones where enough share a quarter-hour.
import { hideSmallCohorts } from "#analytics";
import type { Direction } from "#devices/vocabulary";
import { loadSupplyPointDays, type LoadSources, type RegisterDays } from "#store";
import type { Services } from "./services.ts";
import type { Span } from "./span.ts";

export type VisiblePoint = { readonly supplyPointId: number; readonly registers: readonly RegisterDays[] };

export type VisibleLoad = {
  readonly buildingId: number;
  readonly timezone: string;
  readonly country: string;
  readonly open: readonly VisiblePoint[];
  /** What enough of them do not share is missing from them already. */
  readonly hidden: readonly VisiblePoint[];
  readonly supplyPoints: SupplyPointCounts;
};
export type SupplyPointCounts = {
  readonly common: number;
  readonly private: number;
  readonly withheld: number;
};

/**
 * One query, however many buildings there are. `sources`: of `listLoadSources`, which knows the viewer; buildings without a
 * supply point of the carrier are not among them.
 */
export async function visibleLoads(
  { pool, config }: Services,
  sources: readonly LoadSources[],
  query: Span & { readonly direction: Direction },
): Promise<VisibleLoad[]> {
  const cohortMin = config.KOPROGO_COHORT_MIN;
  const groups = sources.map((one) => ({ ...one, enough: isEnough(one, cohortMin) }));
  const ids = groups.flatMap(({ open, hidden, enough }) => (enough ? [...open, ...hidden] : open));
  const all = await loadSupplyPointDays(pool, ids, query);
  const registers = Map.groupBy(all, ({ supplyPointId }) => supplyPointId);
  return groups.map((group) => {
    const { buildingId, timezone, country, open, hidden, enough } = group;
    const masked = enough
      ? hideSmallCohorts(
          hidden.flatMap((id) => registers.get(id) ?? []),
          cohortMin,
        )
      : [];
    const shown = Map.groupBy(masked, ({ supplyPointId }) => supplyPointId);
    return {
      buildingId,
      timezone,
      country,
      open: open.map((id) => ({ supplyPointId: id, registers: registers.get(id) ?? [] })),
      hidden: (enough ? hidden : []).map((id) => ({ supplyPointId: id, registers: shown.get(id) ?? [] })),
      supplyPoints: countsOf(group, cohortMin),
    };
  });
}

const isEnough = ({ hidden }: LoadSources, cohortMin: number) => hidden.length >= cohortMin;

/** What the viewer's load of a building is made of, and how many supply points of the carrier are not in it. */
export function countsOf(sources: LoadSources, cohortMin: number): SupplyPointCounts {
  const { open, openPrivate, hidden, closed } = sources;
  const enough = isEnough(sources, cohortMin);
  return {
    common: open.length - openPrivate,
    private: openPrivate + (enough ? hidden.length : 0),
    withheld: closed + (enough ? 0 : hidden.length),
  };
}

export function sumCounts(loads: readonly VisibleLoad[]): SupplyPointCounts {
  const of = (kind: keyof SupplyPointCounts) =>
    loads.reduce((sum, { supplyPoints }) => sum + supplyPoints[kind], 0);
  return { common: of("common"), private: of("private"), withheld: of("withheld") };
}

/** The zone that most of them are in; of as many, the first by name. */
export function commonTimezone(buildings: readonly { readonly timezone: string }[]): string {
  const counts = Map.groupBy(buildings, ({ timezone }) => timezone);
  const [first] = [...counts].sort(
    ([left, its], [right, others]) => others.length - its.length || left.localeCompare(right),
  );
  return first?.[0] ?? "UTC";
}
