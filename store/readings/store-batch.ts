// The way of a batch, whoever commits it: every message of it ends as readings or in quarantine.
//
//   straight ──23505──▶ merging            a row is there already: only this batch pays for it
//      │ 22, 23, 54        │
//      ├──────────────────▶┴─▶ halves ─▶ … ─▶ one message ─▶ quarantine `refused_by_store`
//      └─ anything else ─▶ the same attempt again, for as long as `retry` allows
import type { Rejection } from "#devices/reading";
import { traceId } from "#devices/trace";
import type { JournalTouch } from "./journal.ts";
import type { QuarantineRow, RawMessage } from "./quarantine.ts";
import type { RowBuffer } from "./row-buffer.ts";
import { storeFailureOf } from "./store-failure.ts";

/** Messages in order of arrival; the arrays `messages`, `rowEnds` and `rejections` are parallel. */
export type ReadingBatch = {
  /** Which run of which process its trace ids name. */
  readonly instance?: string;
  readonly rows: RowBuffer;
  readonly messages: readonly RawMessage[];
  /** The rows of message i are those from `rowEnds[i - 1]` (or 0) up to `rowEnds[i]`. */
  readonly rowEnds: readonly number[];
  /** Why a message, or a part of it, goes to quarantine. */
  readonly rejections: readonly (Rejection | undefined)[];
  readonly touches: readonly JournalTouch[];
  /** Some of its messages come out of quarantine. */
  readonly replays?: boolean;
};

export type StoredBatch = {
  /** The messages whose rows the store refused: they are in quarantine, whole, and nothing of them is a reading. */
  readonly refused: readonly { readonly message: number; readonly cause: unknown }[];
  readonly transactions: number;
  readonly mergedTransactions: number;
  /** Whether any profile became stale. */
  readonly journalled: boolean;
};

/** Waits before the next attempt, or throws to give up: nothing of the part that was tried is then committed for sure. */
export type Retry = (error: unknown, attempt: number) => Promise<void>;

/** `merging`: a row of it may be there already, and then counts as not new. */
export type Path = "straight" | "merging";

/** Each call is one transaction. One whose answer was lost may have happened: the next attempt must find that out. */
export type BatchCommitter = {
  /** The messages `[from, to)`; whether any profile became stale. */
  readonly commitPart: (batch: ReadingBatch, from: number, to: number, path: Path) => Promise<boolean>;
  readonly keepRefused: (row: QuarantineRow) => Promise<void>;
};

/** Returns once every message of the batch is committed, as readings or in quarantine. */
export async function storeBatchBy(
  committer: BatchCommitter,
  batch: ReadingBatch,
  retry: Retry,
): Promise<StoredBatch> {
  const run: Run = { committer, batch, retry, refused: [], transactions: 0, merged: 0, journalled: false };
  if (batch.messages.length > 0) await storePart(run, 0, batch.messages.length, "straight");
  return {
    refused: run.refused,
    transactions: run.transactions,
    mergedTransactions: run.merged,
    journalled: run.journalled,
  };
}

type Run = {
  readonly committer: BatchCommitter;
  readonly batch: ReadingBatch;
  readonly retry: Retry;
  readonly refused: { message: number; cause: unknown }[];
  transactions: number;
  merged: number;
  journalled: boolean;
};

/** Stores the messages `[from, to)`. */
async function storePart(run: Run, from: number, to: number, firstPath: Path): Promise<void> {
  let path = firstPath;
  for (let attempt = 1; ; attempt++) {
    try {
      const journalled = await run.committer.commitPart(run.batch, from, to, path);
      run.transactions += 1;
      if (path === "merging") run.merged += 1;
      run.journalled ||= journalled;
      return;
    } catch (error) {
      const failure = storeFailureOf(error);
      if (failure === "store") await run.retry(error, attempt);
      else if (failure === "duplicate" && path === "straight") path = "merging";
      else if (to - from > 1) {
        const middle = (from + to) >>> 1;
        await storePart(run, from, middle, path);
        return storePart(run, middle, to, path);
      } else return refuse(run, from, error);
    }
  }
}

/** A message that the store refuses on its own goes to quarantine, and its rows nowhere. */
async function refuse(run: Run, message: number, cause: unknown): Promise<void> {
  const refused = run.batch.messages[message];
  if (refused === undefined) return;
  const detail = `The store refused this message: ${cause instanceof Error ? cause.message : String(cause)}`;
  const earlier = run.batch.rejections[message];
  const rejection: Rejection = {
    reason: "refused_by_store",
    detail: earlier === undefined ? detail : `${detail}; ${earlier.detail}`,
  };
  // The device may be what is refused (its row is gone): the second form names none, and is kept all the same.
  let anonymous = false;
  for (let attempt = 1; ; attempt++) {
    try {
      const trace = traceId(run.batch.instance, refused.trace);
      await run.committer.keepRefused({ message: refused, rejection, anonymous, traceId: trace });
      break;
    } catch (error) {
      if (storeFailureOf(error) === "store" || anonymous) await run.retry(error, attempt);
      else anonymous = true;
    }
  }
  run.transactions += 1;
  run.refused.push({ message, cause });
}

/** What goes to quarantine of the messages `[from, to)`. */
export function rejectedRows(batch: ReadingBatch, from: number, to: number): QuarantineRow[] {
  const rows: QuarantineRow[] = [];
  for (let i = from; i < to; i++) {
    const rejection = batch.rejections[i];
    const message = batch.messages[i];
    if (rejection === undefined || message === undefined) continue;
    rows.push({ message, rejection, anonymous: false, traceId: traceId(batch.instance, message.trace) });
  }
  return rows;
}
