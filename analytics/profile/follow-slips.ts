// Which days must follow a window that found other edges of slips than were known.
import { touchesSpan } from "./decisions.ts";
import { slipAt, type SlipEdge } from "./unit-slips.ts";

/**
 * `known` are all of the register, in order of time, `found` those that touch the window. From two bridges before the first edge that
 * differs to as far behind the last one; where the slip that the window leaves behind differs too, to the next edge, which may not
 * be one any more, or without end. `undefined`: nothing differs.
 */
export function slipFollowUp(
  known: readonly SlipEdge[],
  found: readonly SlipEdge[],
  window: { readonly fromMs: number; readonly toMs: number },
  bridgeMaxMs: number,
): { readonly fromMs: number; readonly toMs: number } | undefined {
  const were = known.filter((edge) => touchesSpan(edge, window));
  const differing = [
    ...were.filter((edge) => !found.some((one) => isSame(one, edge))),
    ...found.filter((edge) => !were.some((one) => isSame(one, edge))),
  ];
  if (differing.length === 0) return undefined;
  const before = slipAt(known, window.fromMs);
  const was = openIn(were, before);
  const is = openIn(found, before);
  const isLeftAlike = was === is || (was !== undefined && is !== undefined && isSame(was, is));
  const next = known.find((edge) => edge.toMs > window.toMs && !touchesSpan(edge, window));
  const ends = differing.map(({ toMs }) => toMs);
  const lastMs = isLeftAlike ? Math.max(...ends) : Math.max(...ends, next?.toMs ?? Infinity);
  return {
    fromMs: Math.min(...differing.map(({ fromMs }) => fromMs)) - 2 * bridgeMaxMs,
    toMs: lastMs + 2 * bridgeMaxMs,
  };
}

/** The slip that these edges leave open. */
function openIn(edges: readonly SlipEdge[], before: SlipEdge | undefined): SlipEdge | undefined {
  const last = edges.at(-1);
  if (last === undefined) return before;
  return last.opens ? last : undefined;
}

function isSame(one: SlipEdge, other: SlipEdge): boolean {
  return (
    one.fromMs === other.fromMs &&
    one.toMs === other.toMs &&
    one.opens === other.opens &&
    one.factor === other.factor
  );
}
