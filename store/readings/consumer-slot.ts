// Which of the consumers of an external broker this process is: a number that no other holds, given back when it dies.
import type { Pool, PoolClient } from "../pool.ts";

export type ConsumerSlot = {
  /** From 1. */
  readonly number: number;
  /** Whether the database still keeps it for us: it does until the connection behind it ends. */
  readonly held: () => boolean;
  readonly release: () => void;
};

/** More consumers of one group than this are a mistake. */
const SLOTS_MAX = 256;

/**
 * Takes the lowest number that nobody else of `group` holds, or `preferred` if that is free. It is a lock of a session
 * of its own, so a process that dies leaves its number, and with it the MQTT session of that name, to its successor.
 * @throws RangeError when all are taken.
 */
export async function takeConsumerSlot(pool: Pool, group: string, preferred = 1): Promise<ConsumerSlot> {
  const client = await pool.connect();
  try {
    for (let tried = 0; tried <= SLOTS_MAX; tried++) {
      const number = tried === 0 ? preferred : tried;
      if (await tryLock(client, group, number)) return slotOf(client, number);
    }
    throw new RangeError(`all ${SLOTS_MAX} consumer slots of the group ${group} are taken`);
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function tryLock(client: PoolClient, group: string, number: number): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    "select pg_try_advisory_lock(hashtext('consumer slot of ' || $1), $2) as taken",
    [group, number],
  );
  return rows[0]?.taken === true;
}

function slotOf(client: PoolClient, number: number): ConsumerSlot {
  let held = true;
  let released = false;
  client.once("end", () => (held = false));
  client.once("error", () => (held = false));
  return {
    number,
    held: () => held,
    release: () => {
      if (released) return;
      released = true;
      held = false;
      // The lock ends with its session.
      client.release(true);
    },
  };
}
