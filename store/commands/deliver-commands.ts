// Commands as a broker sees them: claimed for a device that listens, settled by its acknowledgement, released when it left.
//
//   pending ──claim──▶ sent ──PUBACK──▶ delivered      A broker that fell silent releases through the others.
//      ▲                │ └──expires_at──▶ expired     A device has at most one command in flight, in the order of
//      └────release─────┘                              their numbers, so far as it subscribed to their topics.
import { inTransaction, sqlText, type Db, type Pool } from "../pool.ts";

/** What waits for a device; `sentBy`: the broker that tries it now, or null. */
export type WaitingCommand = {
  readonly id: number;
  readonly deviceId: number;
  readonly topic: string;
  readonly sentBy: string | null;
};

export type ClaimedCommand = {
  readonly id: number;
  readonly deviceId: number;
  readonly topic: string;
  readonly payload: Buffer;
  readonly expiresAtMs: number;
};

const WAITING = sqlText(import.meta.url, "./waiting-commands.sql");
const RELEASE = sqlText(import.meta.url, "./release-commands.sql");

/**
 * Claims for `broker` what `choose` picks of the commands that wait for these devices. Other brokers wait meanwhile, so
 * what is seen as untried is. If the answer to the commit is lost, the broker finds the command as its own next time.
 */
export function claimCommands(
  pool: Pool,
  broker: string,
  deviceIds: readonly number[],
  nowMs: number,
  choose: (waiting: readonly WaitingCommand[]) => readonly number[],
): Promise<ClaimedCommand[]> {
  return inTransaction(pool, async (client) => {
    const waiting = await client.query<WaitingCommand>({
      name: "waiting-commands",
      text: WAITING,
      values: [deviceIds, new Date(nowMs)],
    });
    const chosen = choose(waiting.rows);
    if (chosen.length === 0) return [];
    const claimed = await client.query<Omit<ClaimedCommand, "expiresAtMs"> & { expiresAt: Date }>(
      `update device_command
       set state = 'sent', sent_by = $2, sent_at = $3, attempts = attempts + 1
       where id = any($1::bigint[])
       returning id::float8 as id, device_id as "deviceId", topic, payload, expires_at as "expiresAt"`,
      [chosen, broker, new Date(nowMs)],
    );
    return claimed.rows.map(({ expiresAt, ...command }) => ({
      ...command,
      expiresAtMs: expiresAt.getTime(),
    }));
  });
}

/**
 * The device acknowledged these. One that expired while it was on its way was delivered all the same, and so was one
 * that waits again because its broker was taken for dead.
 */
export async function settleCommands(db: Db, ids: readonly number[], nowMs: number): Promise<void> {
  await db.query(
    `update device_command
     set state = 'delivered', settled_at = $2
     where id = any($1::bigint[])
       and state in ('pending', 'sent', 'expired')`,
    [ids, new Date(nowMs)],
  );
}

/** These went to a subscription of QoS 0: nobody will acknowledge them, and nobody may send them a second time. */
export async function parkCommands(db: Db, broker: string, ids: readonly number[]): Promise<void> {
  await db.query(
    "update device_command set sent_by = null where id = any($1::bigint[]) and sent_by = $2 and state = 'sent'",
    [ids, broker],
  );
}

/** Lets others try what `broker` sent and will not hear of any more: these commands, or all of it. */
export async function releaseCommands(db: Db, broker: string, ids: readonly number[] | null): Promise<void> {
  await db.query(RELEASE, [broker, ids]);
}

/** Ends what was not acknowledged in time; answers how many. */
export async function expireCommands(db: Db, nowMs: number): Promise<number> {
  const { rowCount } = await db.query(
    `update device_command
     set state = 'expired', settled_at = expires_at
     where state in ('pending', 'sent')
       and expires_at <= $1`,
    [new Date(nowMs)],
  );
  return rowCount ?? 0;
}
