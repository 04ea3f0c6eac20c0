// What a freshly computed window changes among the unallocated pieces that are stored, and which days must follow.
import { DAY_MS } from "#devices/time";
import type { ProfileWindow, UnallocatedPiece } from "./profile-window.ts";

export type PieceChanges = {
  /** Stored pieces that are no longer so: by their beginning, which identifies them. */
  readonly remove: readonly number[];
  readonly add: readonly UnallocatedPiece[];
  /**
   * UTC days since 1970, outside the window, to compute again: a silence got another end, and the reading at its one end
   * bears witness about the step at the other (judge-steps.ts), however long the silence.
   */
  readonly followUpDays: readonly number[];
};

/** The span whose stored pieces must be known: the window, and as far as its own pieces reach. */
export function pieceSpan(
  window: ProfileWindow,
  toMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  return {
    fromMs: Math.min(window.fromMs, window.unallocated[0]?.fromMs ?? Infinity),
    toMs: Math.max(toMs, window.unallocated.at(-1)?.toMs ?? -Infinity),
  };
}

/**
 * `stored` are the register's pieces that overlap `pieceSpan`. What is stored and not computed is stale: within the window
 * because it was computed anew, beyond it because a silence of the window covers it.
 */
export function replacePieces(
  stored: readonly UnallocatedPiece[],
  window: ProfileWindow,
  toMs: number,
  bridgeMaxMs: number,
): PieceChanges {
  const known = new Map(stored.map((piece) => [piece.fromMs, piece]));
  const add = window.unallocated.filter((piece) => !isSame(piece, known.get(piece.fromMs)));
  const fresh = new Map(window.unallocated.map((piece) => [piece.fromMs, piece]));
  const remove = stored
    .filter((piece) => !isSame(piece, fresh.get(piece.fromMs)))
    .map((piece) => piece.fromMs);
  const followUpDays = new Set<number>();
  for (const piece of add) {
    if (piece.toMs - piece.fromMs <= bridgeMaxMs) continue;
    addDays(followUpDays, piece.fromMs - bridgeMaxMs, piece.fromMs);
    addDays(followUpDays, piece.toMs, piece.toMs + bridgeMaxMs);
  }
  const outside = [...followUpDays].filter((day) => day * DAY_MS < window.fromMs || day * DAY_MS >= toMs);
  return { remove, add, followUpDays: outside };
}

function isSame(left: UnallocatedPiece, right: UnallocatedPiece | undefined): boolean {
  return left.toMs === right?.toMs && left.energy === right.energy && left.cause === right.cause;
}

function addDays(days: Set<number>, fromMs: number, toMs: number): void {
  for (let day = Math.floor(fromMs / DAY_MS); day * DAY_MS <= toMs; day++) days.add(day);
}
