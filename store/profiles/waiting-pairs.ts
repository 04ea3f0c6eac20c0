// Which stale days wait in which row of the journal, as this process put them back: what is told of them meanwhile needs no
// row of its own. A hint, never the truth: whoever uses it locks the row first, and the row's absence is an answer.
import { STALE_CAUSES, type StaleCause } from "./stale-cause.ts";

/** A register's UTC day, counted from 1970. */
export type Pair = { readonly registerId: number; readonly day: number };
/** How urgent it is, and why. */
export type Urgency = { readonly late: boolean; readonly cause: StaleCause };

type Row = Urgency & { readonly id: string };

const DAYS = 0x1_0000;
/** Some 30 MB; beyond it everything is forgotten, which costs a row of the journal for each pair that is told again. */
const PAIRS_MAX = 500_000;

export class WaitingPairs {
  readonly #rows = new Map<number, Row>();

  /** These wait in this row from now on. */
  note(row: Row, pairs: readonly Pair[]): void {
    if (this.#rows.size + pairs.length > PAIRS_MAX) this.#rows.clear();
    for (const pair of pairs) this.#rows.set(keyOf(pair), row);
  }

  /** The row in which it waits and is at least as urgent, by its number. */
  rowOf(pair: Pair, { late, cause }: Urgency): string | undefined {
    const row = this.#rows.get(keyOf(pair));
    if (row === undefined || (late && !row.late)) return undefined;
    return STALE_CAUSES.indexOf(cause) > STALE_CAUSES.indexOf(row.cause) ? undefined : row.id;
  }

  /** It does not wait in this row any more. */
  forget(pair: Pair, rowId: string): void {
    const key = keyOf(pair);
    if (this.#rows.get(key)?.id === rowId) this.#rows.delete(key);
  }
}

const keyOf = ({ registerId, day }: Pair): number => registerId * DAYS + day;
