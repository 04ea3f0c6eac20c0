// Connectors as people see them: set up, looked at with how it goes there, removed.
import { lockDevice } from "../directory/device-access.ts";
import { scoped, type Page, type PageRequest, type Scope } from "../directory/scope.ts";
import type { Db, PoolClient } from "../pool.ts";

export const CONNECTOR_KINDS = ["the-things-stack", "chirpstack", "sinapsi", "custom"] as const;
export type ConnectorKind = (typeof CONNECTOR_KINDS)[number];

/** `waiting`: no process has it, or not yet as it was set up last. */
export const CONNECTOR_STATES = ["waiting", "connecting", "connected", "refused", "unreachable"] as const;
export type ConnectorState = (typeof CONNECTOR_STATES)[number];

export type Connector = {
  readonly deviceId: number;
  readonly kind: ConnectorKind;
  readonly url: string;
  readonly username: string;
  readonly hasPassword: boolean;
  readonly topics: readonly string[];
  /** PEM; null: the public authorities. */
  readonly caPem: string | null;
  readonly state: ConnectorState;
  readonly since: Date;
  readonly nextAttemptAt: Date | null;
  /** The last one, also after it is over; `code` is the consumer's. */
  readonly errorCode: string | null;
  readonly errorDetail: string | null;
  readonly errorAt: Date | null;
  readonly lastMessageAt: Date | null;
  readonly messages: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
};

export type ConnectorInput = {
  readonly kind: ConnectorKind;
  readonly url: string;
  readonly username: string;
  /** `undefined`: as it is, which only the same url and username may ask for. */
  readonly passwordSealed: Buffer | null | undefined;
  readonly topics: readonly string[];
  readonly caPem: string | null;
  /** Names our session there, where this is another one than before: 1 to 23 letters and digits [MQTT-3.1.3-5]. */
  readonly newClientId: string;
};

/** What a password is sealed for: moved to another device, or to somebody else's address, it does not open. */
export function passwordBelongsTo(of: {
  readonly deviceId: number;
  readonly url: string;
  readonly username: string;
}): string {
  return JSON.stringify(["connector", of.deviceId, of.url, of.username]);
}

const SEEN = `
  select
    c.device_id as "deviceId", c.kind, c.url, c.username, c.password_sealed is not null as "hasPassword", c.topics,
    c.ca_pem as "caPem",
    case when held.now then s.state else 'waiting' end as state,
    case when held.now then s.since else greatest(c.changed_at, h.held_until) end as since,
    case when held.now then s.next_attempt_at end as "nextAttemptAt",
    s.error_code as "errorCode", s.error_detail as "errorDetail", s.error_at as "errorAt",
    s.last_message_at as "lastMessageAt", coalesce(s.messages, 0)::float8 as messages,
    c.created_at as "createdAt", c.changed_at as "changedAt"
  from connector c
  join seen_device d on d.id = c.device_id
  left join connector_state s on s.device_id = c.device_id
  left join connector_holder h on h.id = s.holder
  cross join lateral (
    select coalesce(s.revision = c.revision and h.held_until > now(), false) as now
  ) held`;

export async function findConnector(db: Db, scope: Scope, deviceId: number): Promise<Connector | undefined> {
  const [row] = await scoped<Connector>(db, scope, `${SEEN}\nwhere c.device_id = $2`, [deviceId]);
  return row;
}

/** Those of a building's devices, in the order of the devices. */
export async function listConnectors(
  db: Db,
  scope: Scope,
  buildingId: number,
  { after, limit }: PageRequest,
): Promise<Page<Connector>> {
  const rows = await scoped<Connector>(
    db,
    scope,
    `${SEEN}\nwhere d.building_id = $2 and c.device_id > $3\norder by c.device_id\nlimit $4`,
    [buildingId, after, limit + 1],
  );
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? items.at(-1)?.deviceId : undefined };
}

/**
 * Sets a connector up, or another way, within the caller's transaction. `password_missing`: it was to stay as it is, and
 * url or username are others, so that nobody can have a password that they do not know sent to an address of their own.
 */
export async function putConnector(
  client: PoolClient,
  scope: Scope,
  deviceId: number,
  input: ConnectorInput,
): Promise<"put" | "unknown_device" | "behind_gateway" | "password_missing"> {
  if (!(await lockDevice(client, scope, deviceId))) return "unknown_device";
  const { rows } = await client.query<{ behind: boolean; same: boolean | null }>(
    `select d.parent_id is not null as behind, c.url = $2 and c.username = $3 as same
     from device d
     left join connector c on c.device_id = d.id
     where d.id = $1`,
    [deviceId, input.url, input.username],
  );
  const [before] = rows;
  if (before === undefined) return "unknown_device";
  if (before.behind) return "behind_gateway";
  const keeps = input.passwordSealed === undefined;
  if (keeps && before.same === false) return "password_missing";
  await client.query(
    `insert into connector as c (
       device_id, kind, url, username, password_sealed, topics, ca_pem, client_id, created_at, changed_at
     )
     values ($1, $2, $3, $4, $5, $6, $7, $8, $10, $10)
     on conflict (device_id) do update
     set kind = excluded.kind,
       url = excluded.url,
       username = excluded.username,
       password_sealed = case when $9 then c.password_sealed else excluded.password_sealed end,
       topics = excluded.topics,
       ca_pem = excluded.ca_pem,
       client_id = case
         when (c.url, c.username, c.topics) = (excluded.url, excluded.username, excluded.topics) then c.client_id
         else excluded.client_id
       end,
       revision = c.revision + 1,
       changed_at = excluded.changed_at`,
    [
      deviceId,
      input.kind,
      input.url,
      input.username,
      input.passwordSealed ?? null,
      input.topics,
      input.caPem,
      input.newClientId,
      keeps,
      new Date(scope.atMs),
    ],
  );
  return "put";
}

/** Whoever holds it gives the subscription back within a second or two. The password is gone at once. */
export async function removeConnector(client: PoolClient, scope: Scope, deviceId: number): Promise<boolean> {
  if (!(await lockDevice(client, scope, deviceId))) return false;
  const { rowCount } = await client.query("delete from connector where device_id = $1", [deviceId]);
  return rowCount === 1;
}
