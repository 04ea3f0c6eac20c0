// Devices as people see them: where they are, what they measure, when they last spoke, and their secrets.
import { CARRIERS, type Carrier, type ProfileId } from "#devices/vocabulary";
import { sqlText, type Db } from "../pool.ts";
import { returnToGateway } from "../quarantine/request-replay.ts";
import { addCredential, lockDevice, revokeCredentials } from "./device-access.ts";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "./scope.ts";

export type Device = {
  readonly id: number;
  readonly buildingId: number;
  readonly name: string;
  readonly profile: ProfileId;
  readonly expectedIntervalS: number | null;
  readonly supplyPoints: Readonly<Partial<Record<Carrier, number>>>;
  readonly lastSeenAt: Date | null;
  /** A broker holds its connection. */
  readonly connected: boolean;
  readonly disconnectedAt: Date | null;
  /** The gateway that it speaks through, and how that one calls it; `null`: it connects itself. */
  readonly parentId: number | null;
  readonly externalId: string | null;
  readonly parentLastSeenAt: Date | null;
  readonly parentIntervalS: number | null;
  readonly parentConnected: boolean | null;
  readonly parentDisconnectedAt: Date | null;
  readonly createdAt: Date;
  /** How far its clock runs ahead of ours, ms, and when that was measured; `null`: it never gave a time of its own. */
  readonly clockAheadMs: number | null;
  readonly clockMeasuredAt: Date | null;
};

const CHANGE = sqlText(import.meta.url, "./change-device.sql");
const COLUMNS = `
  d.id, d.building_id as "buildingId", d.name, d.profile, d.expected_interval_s as "expectedIntervalS",
  (
    select coalesce(jsonb_object_agg(s.carrier, s.id), '{}')
    from device_supply_point ds
    join supply_point s on s.id = ds.supply_point_id
    where ds.device_id = d.id
  ) as "supplyPoints",
  d.last_seen_at as "lastSeenAt", d.connected_by is not null as connected, d.disconnected_at as "disconnectedAt",
  d.parent_id as "parentId", d.external_id as "externalId", p.last_seen_at as "parentLastSeenAt",
  p.expected_interval_s as "parentIntervalS", p.connected_by is not null as "parentConnected",
  p.disconnected_at as "parentDisconnectedAt", d.created_at as "createdAt",
  d.clock_skew_ms as "clockAheadMs", d.clock_skew_at as "clockMeasuredAt"`;

export async function listDevices(
  db: Db,
  scope: Scope,
  buildingId: number,
  page: PageRequest,
): Promise<Page<Device>> {
  const rows = await scoped<Device>(
    db,
    scope,
    `
    select ${COLUMNS}
    from device d
    join seen_device using (id)
    left join device p on p.id = d.parent_id
    where d.building_id = $2
      and d.id > $3
    order by d.id
    limit $4`,
    [buildingId, page.after, page.limit + 1],
  );
  return pageOf(rows, page.limit);
}

export async function findDevice(db: Db, scope: Scope, id: number): Promise<Device | undefined> {
  const [row] = await scoped<Device>(
    db,
    scope,
    `
    select ${COLUMNS}
    from device d
    join seen_device using (id)
    left join device p on p.id = d.parent_id
    where d.id = $2`,
    [id],
  );
  return row;
}

export type DeviceInput = {
  readonly buildingId: number;
  readonly name: string;
  readonly profile: ProfileId;
  readonly expectedIntervalS: number | null;
  readonly supplyPoints: Readonly<Partial<Record<Carrier, number>>>;
  /** The gateway that it speaks through, and its name there; without it, it connects itself. */
  readonly behind?: { readonly gatewayId: number; readonly externalId: string };
};

/**
 * Registers a device with its first credential, within the caller's transaction. `undefined` when the building is not
 * seen, or a supply point is not seen, of another building or of another carrier than it is given for.
 */
export async function createDevice(
  db: Db,
  scope: Scope,
  input: DeviceInput & { readonly secretHash: Buffer },
): Promise<number | undefined> {
  const id = await insertDevice(db, scope, input);
  if (id !== undefined) await addCredential(db, id, input.secretHash, scope.atMs);
  return id;
}

/** As `createDevice`, without a credential. */
export async function insertDevice(db: Db, scope: Scope, input: DeviceInput): Promise<number | undefined> {
  const wanted = CARRIERS.flatMap((carrier) => {
    const id = input.supplyPoints[carrier];
    return id === undefined ? [] : [{ carrier, id }];
  });
  const [device] = await scoped<{ id: number }>(
    db,
    scope,
    `
    insert into device (building_id, name, profile, expected_interval_s, created_at, parent_id, external_id)
    select b.id, $3, $4, $5::integer, v.at, $8::integer, $9::text
    from seen_building b
    cross join viewer v
    where b.id = $2
      and not exists (
        select 1
        from unnest($6::text[], $7::integer[]) wanted (carrier, id)
        where not exists (
          select 1
          from seen_supply_point seen
          join supply_point s on s.id = seen.id
          where s.id = wanted.id
            and s.building_id = b.id
            and s.carrier = wanted.carrier
        )
      )
    returning id`,
    [
      input.buildingId,
      input.name,
      input.profile,
      input.expectedIntervalS,
      wanted.map(({ carrier }) => carrier),
      wanted.map(({ id }) => id),
      input.behind?.gatewayId ?? null,
      input.behind?.externalId ?? null,
    ],
  );
  if (device === undefined) return undefined;
  await db.query(
    `insert into device_supply_point (device_id, supply_point_id)
     select $1, id
     from unnest($2::integer[]) wanted (id)`,
    [device.id, wanted.map(({ id }) => id)],
  );
  return device.id;
}

export type DeviceEdit = {
  readonly name?: string | undefined;
  readonly profile?: ProfileId | undefined;
  /** `null`: nobody says. */
  readonly expectedIntervalS?: number | null | undefined;
};

/**
 * What is not given stays. Within the caller's transaction. `speaks_for_others`: a gateway with devices stays one, and a
 * device that speaks through a gateway cannot be one.
 */
export async function changeDevice(
  db: Db,
  scope: Scope,
  deviceId: number,
  change: DeviceEdit,
): Promise<"changed" | "unknown" | "speaks_for_others"> {
  if (!(await lockDevice(db, scope, deviceId))) return "unknown";
  const { rowCount } = await db.query(CHANGE, [
    deviceId,
    change.name ?? null,
    change.profile ?? null,
    change.expectedIntervalS !== undefined,
    change.expectedIntervalS ?? null,
  ]);
  return rowCount === 1 ? "changed" : "speaks_for_others";
}

/**
 * Its readings stay; it can neither connect nor be seen any more. What waits in quarantine of a device behind a gateway is
 * unclaimed again. Devices that speak through it go with it, and what waits of them; they can be claimed elsewhere. Within
 * the caller's transaction.
 */
export async function removeDevice(db: Db, scope: Scope, deviceId: number): Promise<boolean> {
  if (!(await lockDevice(db, scope, deviceId))) return false;
  await revokeCredentials(db, deviceId, scope.atMs);
  await db.query(
    "update device set removed_at = $2 where (id = $1 or parent_id = $1) and removed_at is null",
    [deviceId, new Date(scope.atMs)],
  );
  await returnToGateway(db, deviceId);
  return true;
}

/** The devices of a building whose readings the viewer may see. */
export async function measuredDeviceIds(db: Db, scope: Scope, buildingId: number): Promise<number[]> {
  const rows = await scoped<{ id: number }>(
    db,
    scope,
    "\nselect id from seen_device where building_id = $2 and measured order by id",
    [buildingId],
  );
  return rows.map((row) => row.id);
}
