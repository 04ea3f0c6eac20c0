// One journal row per commit: which registers' days the readings in it made stale.
import { DAY_MS, utcDay } from "#devices/time";
import { sqlText, type PoolClient } from "../pool.ts";

/** The days `[fromDay, toDay]` of these registers, touched by a reading of `rowDay`. Days count from 1970, UTC. */
export type JournalTouch = {
  readonly layoutId: number;
  readonly registerIds: readonly number[];
  readonly rowDay: number;
  readonly fromDay: number;
  readonly toDay: number;
  /** The reading is older than a quarter-hour: quarters already shown change, not only the head of the day. */
  readonly late: boolean;
};

const WRITE = sqlText(import.meta.url, "./write-journal.sql");

/** Of a merge, the touches of what was new: rows by layout and day. */
export function touchesOf(
  fresh: readonly { readonly layoutId: number; readonly day: number }[],
  touches: readonly JournalTouch[],
): JournalTouch[] {
  const keys = new Set(fresh.map((row) => `${row.layoutId} ${row.day}`));
  return touches.filter((touch) => keys.has(`${touch.layoutId} ${touch.rowDay}`));
}

/** Each register once a day, by days as they were touched first. */
export function registersByDay(touches: readonly JournalTouch[]): Map<number, Set<number>> {
  const byDay = new Map<number, Set<number>>();
  for (const touch of touches) {
    for (let day = touch.fromDay; day <= touch.toDay; day++) {
      let registers = byDay.get(day);
      if (registers === undefined) byDay.set(day, (registers = new Set()));
      for (const id of touch.registerIds) registers.add(id);
    }
  }
  return byDay;
}

/** Returns whether there was anything to write. */
export async function writeJournal(client: PoolClient, touches: readonly JournalTouch[]): Promise<boolean> {
  if (touches.length === 0) return false;
  const byDay = registersByDay(touches);
  const groups = [...byDay.values()];
  // Array literals of integers and dates: nothing in them needs quoting.
  await client.query({
    name: "write-journal",
    text: WRITE,
    values: [
      `{${groups.map((registers) => [...registers].join(",")).join(",")}}`,
      `{${[...byDay.keys()].map((day) => utcDay(day * DAY_MS)).join(",")}}`,
      `{${groups.map((registers) => registers.size).join(",")}}`,
      touches.some((touch) => touch.late),
    ],
  });
  return true;
}
