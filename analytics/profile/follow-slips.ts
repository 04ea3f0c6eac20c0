// Which days must follow a window that found other edges of slips than were known.
import { touchesSpan } from "./decisions.ts";
import { slipAt, type SlipEdge } from "./unit-slips.ts";

/**
 * `known` are those of the register around the window, in order of time, `found` those that touch it. From two bridges before the
 * first edge that differs to as far behind the last one; from before the slip that an edge ends, as what counts behind it bears
 * witness about the steps before. Where the window leaves another slip open, or none any more, to the next edge, which may not be
 * one then, or without end. `undefined`: nothing differs.
 */
export function slipFollowUp(
  known: readonly SlipEdge[],
  found: readonly SlipEdge[],
  window: { readonly fromMs: number; readonly toMs: number },
  bridgeMaxMs: number,
): { readonly fromMs: number; readonly toMs: number } | undefined {
  const were = known.filter((edge) => touchesSpan(edge, window));
  const [wereKeys, foundKeys] = [new Set(were.map(keyOf)), new Set(found.map(keyOf))];
  const differing = [
    ...were.filter((edge) => !foundKeys.has(keyOf(edge))),
    ...found.filter((edge) => !wereKeys.has(keyOf(edge))),
  ];
  if (differing.length === 0) return undefined;
  const before = slipAt(known, window.fromMs);
  const was = openIn(were, before);
  const is = openIn(found, before);
  const isLeftAlike = was?.factor === is?.factor;
  const next = known.find((edge) => edge.toMs > window.toMs && !touchesSpan(edge, window));
  const behindMs = isLeftAlike ? -Infinity : (next?.toMs ?? Infinity);
  const lastMs = differing.reduce((last, { toMs }) => Math.max(last, toMs), behindMs);
  const now = [...known.filter(({ toMs }) => toMs <= window.fromMs), ...found];
  const firstMs = differing.reduce(
    (first, { fromMs }) =>
      Math.min(first, fromMs, ...[known, now].map((edges) => slipAt(edges, fromMs)?.fromMs ?? Infinity)),
    Infinity,
  );
  return { fromMs: firstMs - 2 * bridgeMaxMs, toMs: lastMs + 2 * bridgeMaxMs };
}

/** The slip that these edges leave open. */
function openIn(edges: readonly SlipEdge[], before: SlipEdge | undefined): SlipEdge | undefined {
  const last = edges.at(-1);
  if (last === undefined) return before;
  return last.opens ? last : undefined;
}

function keyOf({ fromMs, toMs, opens, factor }: SlipEdge): string {
  return `${fromMs} ${toMs} ${opens} ${factor}`;
}
