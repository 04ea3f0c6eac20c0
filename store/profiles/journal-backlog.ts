// How far the load profiles are behind: what waits in the journal, and for how long.
import { sqlText, type Db } from "../pool.ts";

export type JournalBacklog = {
  /** Counted up to `JOURNAL_COUNTED_MAX`. */
  readonly rowCount: number;
  /** Of these, rows that a worker could take now; likewise. */
  readonly dueCount: number;
  /** Since when the oldest of these could be taken, seconds; 0 where none could. */
  readonly lagS: number;
};

export const JOURNAL_COUNTED_MAX = 100_000;

const READ = sqlText(import.meta.url, "./journal-backlog.sql");

export async function readJournalBacklog(db: Db): Promise<JournalBacklog> {
  const { rows } = await db.query<JournalBacklog>({
    name: "journal-backlog",
    text: READ,
    values: [JOURNAL_COUNTED_MAX],
  });
  return rows[0] ?? { rowCount: 0, dueCount: 0, lagS: 0 };
}
