// Takes messages out of quarantine to read them again: for a while, so that nothing is stuck with who died over it.
import { splitMounted } from "#devices/mounted-topic";
import { sqlText, type Db } from "../pool.ts";
import { loadDevices, type DeviceContext } from "../readings/index.ts";

export type ReplayMessage = {
  readonly id: number;
  /** As it is registered today; `null` where the topic names none that is. */
  readonly device: DeviceContext | null;
  readonly clientId: Buffer;
  /** Without its device's mount, where there is a device. */
  readonly topic: Buffer;
  readonly payload: Buffer;
  readonly retained: boolean;
  readonly receivedAtMs: number;
};

export type ClaimedReplays = {
  /** In the order in which they came in. */
  readonly messages: readonly ReplayMessage[];
  /** There was nothing else to take. */
  readonly last: boolean;
};

type Row = Omit<ReplayMessage, "receivedAtMs"> & { readonly receivedAt: Date; readonly readable: boolean };

const MESSAGES = sqlText(import.meta.url, "./claimed-messages.sql");
const CLAIM_MANY = `${sqlText(import.meta.url, "./claim-replays.sql")}${MESSAGES}`;
const CLAIM_ONE = `${sqlText(import.meta.url, "./claim-replay.sql")}${MESSAGES}`;
const ADOPT = sqlText(import.meta.url, "./adopt-known.sql");

/** Read again in far less, or its process is gone: then another one takes it. Twice is harmless. */
const LEASE_S = 60;

/** The next messages that somebody asked to read again; several processes get different ones. */
export async function claimReplays(
  db: Db,
  bounds: { readonly messagesMax: number; readonly bytesMax: number; readonly leaseS?: number },
): Promise<ClaimedReplays> {
  const { messagesMax, bytesMax, leaseS = LEASE_S } = bounds;
  const { rows } = await db.query<Row>(CLAIM_MANY, [messagesMax, bytesMax, leaseS]);
  return { messages: await messagesOf(db, rows), last: rows.length === 0 };
}

/** One message, whether or not it was asked for; `undefined` if it was read again already, or its device is gone. */
export async function claimReplay(db: Db, id: number): Promise<ReplayMessage | undefined> {
  const { rows } = await db.query<Row>(CLAIM_ONE, [id, LEASE_S]);
  return (await messagesOf(db, rows))[0];
}

async function messagesOf(db: Db, rows: readonly Row[]): Promise<ReplayMessage[]> {
  const messages = rows.filter(({ readable }) => readable).map(messageOf);
  const known = await adoptKnown(
    db,
    messages.filter(({ device }) => device === null),
  );
  return messages.map((message) => ({ ...message, ...known.get(message.id) }));
}

function messageOf(row: Row): ReplayMessage {
  const { id, device, clientId, topic, payload, retained, receivedAt } = row;
  return { id, device, clientId, topic, payload, retained, receivedAtMs: receivedAt.getTime() };
}

/** Messages of devices that have been registered since become theirs: by number, what is different of them now. */
async function adoptKnown(
  db: Db,
  unknown: readonly Pick<ReplayMessage, "id" | "topic">[],
): Promise<ReadonlyMap<number, Pick<ReplayMessage, "device" | "topic">>> {
  const mounted = unknown.flatMap(({ id, topic }) => {
    const split = splitMounted(topic.toString("utf8"));
    return split === undefined ? [] : [{ id, ...split }];
  });
  if (mounted.length === 0) return new Map();
  const ids = [...new Set(mounted.map(({ deviceId }) => deviceId))];
  const devices = new Map((await loadDevices(db, ids)).map((device) => [device.id, device]));
  const adopted = mounted.flatMap(({ id, deviceId, topic }) => {
    const device = devices.get(deviceId);
    return device === undefined ? [] : [{ id, device, topic: Buffer.from(topic) }];
  });
  if (adopted.length > 0) {
    await db.query(ADOPT, [
      adopted.map(({ id }) => id),
      adopted.map(({ device }) => device.id),
      adopted.map(({ topic }) => topic),
    ]);
  }
  return new Map(adopted.map(({ id, ...found }) => [id, found]));
}
