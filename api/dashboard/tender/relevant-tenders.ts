// Which tenders a building's page tells about, and in which order.
import type { BuildingTender } from "../data/tenders.ts";

type View = Pick<BuildingTender, "joined" | "missing"> & {
  readonly tender: Pick<BuildingTender["tender"], "state" | "createdAt">;
};

/**
 * Those that it takes part in, running before over; then those that are open to it. A call for other regions, or one that it
 * did not join in time, is none of its business; a cancelled one is told to those who were in it.
 */
export function relevantTenders<Some extends View>(views: readonly Some[]): Some[] {
  return views
    .filter((view) => rankOf(view) < NONE)
    .sort(
      (left, right) =>
        rankOf(left) - rankOf(right) || right.tender.createdAt.localeCompare(left.tender.createdAt),
    );
}

const NONE = 4;

function rankOf({ joined, missing, tender }: View): number {
  const { state } = tender;
  if (joined) return state === "cancelled" ? 3 : state === "in_force" ? 1 : 0;
  const elsewhere = missing.some(({ code }) => code === "region_not_covered");
  return state === "enrolling" && !elsewhere ? 2 : NONE;
}
