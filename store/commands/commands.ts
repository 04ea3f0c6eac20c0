// Commands as people see them: written for a device, listed with their outcome, withdrawn before they are sent.
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "../directory/scope.ts";
import type { Db, PoolClient } from "../pool.ts";

export type CommandState = "pending" | "sent" | "delivered" | "expired" | "cancelled";

export type DeviceCommand = {
  readonly id: number;
  readonly deviceId: number;
  /** The device's own, without its mount. */
  readonly topic: string;
  readonly payload: Buffer;
  readonly state: CommandState;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly sentAt: Date | null;
  readonly settledAt: Date | null;
  /** How often a broker has sent it. */
  readonly attempts: number;
};

export type CommandInput = {
  readonly topic: string;
  readonly payload: Buffer;
  readonly expiresAtMs: number;
};

/** Commands of one device that may wait at once. */
export const WAITING_COMMANDS_MAX = 100;

/** One that expired is shown so from that instant on, whenever it is written down. */
const COLUMNS = `
  c.id::float8 as id, c.device_id as "deviceId", c.topic, c.payload,
  case when c.state in ('pending', 'sent') and c.expires_at <= v.at then 'expired' else c.state end as state,
  c.created_at as "createdAt", c.expires_at as "expiresAt", c.sent_at as "sentAt",
  case when c.state in ('pending', 'sent') and c.expires_at <= v.at then c.expires_at else c.settled_at end as "settledAt",
  c.attempts`;

/** Newest first; `after` is the identifier before which the page begins, 0 for the newest. */
export async function listCommands(
  db: Db,
  scope: Scope,
  deviceId: number,
  page: PageRequest,
): Promise<Page<DeviceCommand>> {
  const rows = await scoped<DeviceCommand>(
    db,
    scope,
    `
    select ${COLUMNS}
    from device_command c
    join seen_device d on d.id = c.device_id
    cross join viewer v
    where c.device_id = $2
      and ($3::bigint = 0 or c.id < $3)
    order by c.id desc
    limit $4`,
    [deviceId, page.after, page.limit + 1],
  );
  return pageOf(rows, page.limit);
}

/** Writes a command down, within the caller's transaction; the brokers hear of it when that commits. */
export async function createCommand(
  client: PoolClient,
  scope: Scope,
  deviceId: number,
  input: CommandInput,
): Promise<DeviceCommand | "unknown_device" | "too_many"> {
  // One after the other for a device: two at once would each count one too few.
  await client.query("select 1 from device where id = $1 for no key update", [deviceId]);
  const [device] = await scoped<{ waiting: number }>(
    client,
    scope,
    `
    select
      (
        select count(*)::integer
        from device_command c
        where c.device_id = d.id
          and c.state in ('pending', 'sent')
          and c.expires_at > v.at
      ) as waiting
    from seen_device d
    cross join viewer v
    where d.id = $2`,
    [deviceId],
  );
  if (device === undefined) return "unknown_device";
  if (device.waiting >= WAITING_COMMANDS_MAX) return "too_many";
  const [created] = await scoped<DeviceCommand>(
    client,
    scope,
    `, created as (
      insert into device_command (device_id, topic, payload, created_by, created_at, expires_at)
      select $2, $3, $4, v.account_id, v.at, $5
      from viewer v
      returning *
    )
    select ${COLUMNS}
    from created c
    cross join viewer v`,
    [deviceId, input.topic, input.payload, new Date(input.expiresAtMs)],
  );
  return created ?? "unknown_device";
}

/** Withdraws a command that no broker has sent. */
export async function cancelCommand(
  db: Db,
  scope: Scope,
  deviceId: number,
  commandId: number,
): Promise<"cancelled" | "unknown_command" | "sent_or_settled"> {
  const [found] = await scoped<{ cancelled: boolean }>(
    db,
    scope,
    `, cancelled as (
      update device_command c
      set state = 'cancelled', settled_at = v.at
      from viewer v
      where c.id = $3
        and c.device_id = $2
        and c.device_id in (select id from seen_device)
        and c.state = 'pending'
        and c.expires_at > v.at
      returning c.id
    )
    select exists (select 1 from cancelled) as cancelled
    from device_command c
    join seen_device d on d.id = c.device_id
    where c.id = $3
      and c.device_id = $2`,
    [deviceId, commandId],
  );
  if (found === undefined) return "unknown_command";
  return found.cancelled ? "cancelled" : "sent_or_settled";
}
