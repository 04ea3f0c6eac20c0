// What a freshly computed window changes among the unallocated pieces that are stored, and which days must follow.
import { DAY_MS } from "#devices/time";
import type { ProfileWindow, UnallocatedPiece } from "./profile-window.ts";

export type PieceChanges = {
  /** Stored pieces that are no longer so: by their beginning and cause, which identify them. */
  readonly remove: readonly Pick<UnallocatedPiece, "fromMs" | "cause">[];
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
    toMs: Math.max(toMs, ...window.unallocated.slice(-2).map((piece) => piece.toMs)),
  };
}

/**
 * `stored` are the register's pieces that overlap `pieceSpan`. What is stored, touches the window and was not computed is stale.
 * What lies beyond it, under a silence or the turn of a counter that reaches there, is for its own day to keep or to drop.
 */
export function replacePieces(
  stored: readonly UnallocatedPiece[],
  window: ProfileWindow,
  toMs: number,
  bridgeMaxMs: number,
): PieceChanges {
  const known = new Map(stored.map((piece) => [keyOf(piece), piece]));
  const add = window.unallocated.filter((piece) => !isSame(piece, known.get(keyOf(piece))));
  const fresh = new Map(window.unallocated.map((piece) => [keyOf(piece), piece]));
  const remove = stored
    .filter((piece) => {
      const now = fresh.get(keyOf(piece));
      if (now !== undefined) return !isSame(piece, now);
      return piece.fromMs < toMs && piece.toMs > window.fromMs;
    })
    .map(({ fromMs, cause }) => ({ fromMs, cause }));
  const followUpDays = new Set<number>();
  for (const piece of add) {
    if (piece.toMs - piece.fromMs <= bridgeMaxMs) continue;
    addDays(followUpDays, piece.fromMs - bridgeMaxMs, piece.fromMs);
    addDays(followUpDays, piece.toMs, piece.toMs + bridgeMaxMs);
  }
  const outside = [...followUpDays].filter((day) => day * DAY_MS < window.fromMs || day * DAY_MS >= toMs);
  return { remove, add, followUpDays: outside };
}

function keyOf({ fromMs, cause }: UnallocatedPiece): string {
  return `${fromMs} ${cause}`;
}

/** Of two with one key. */
function isSame(left: UnallocatedPiece, right: UnallocatedPiece | undefined): boolean {
  return left.toMs === right?.toMs && left.energy === right.energy;
}

function addDays(days: Set<number>, fromMs: number, toMs: number): void {
  for (let day = Math.floor(fromMs / DAY_MS); day * DAY_MS <= toMs; day++) days.add(day);
}
