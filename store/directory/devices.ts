// Devices as people see them: where they are, what they measure, when they last spoke, and their secrets.
import { CARRIERS, type Carrier, type ProfileId } from "#devices/vocabulary";
import type { Db } from "../pool.ts";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "./scope.ts";

export type Device = {
  readonly id: number;
  readonly buildingId: number;
  readonly name: string;
  readonly profile: ProfileId;
  readonly expectedIntervalS: number | null;
  readonly supplyPoints: Readonly<Partial<Record<Carrier, number>>>;
  readonly lastSeenAt: Date | null;
  readonly createdAt: Date;
};

const COLUMNS = `
  d.id, d.building_id as "buildingId", d.name, d.profile, d.expected_interval_s as "expectedIntervalS",
  (
    select coalesce(jsonb_object_agg(s.carrier, s.id), '{}')
    from device_supply_point ds
    join supply_point s on s.id = ds.supply_point_id
    where ds.device_id = d.id
  ) as "supplyPoints",
  d.last_seen_at as "lastSeenAt", d.created_at as "createdAt"`;

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
    join seen_device seen using (id)
    where seen.building_id = $2
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
  readonly secretHash: Buffer;
};

/**
 * Registers a device with its first credential, within the caller's transaction. `undefined` when the building is not
 * seen, or a supply point is not seen, of another building or of another carrier than it is given for.
 */
export async function createDevice(db: Db, scope: Scope, input: DeviceInput): Promise<number | undefined> {
  const wanted = CARRIERS.flatMap((carrier) => {
    const id = input.supplyPoints[carrier];
    return id === undefined ? [] : [{ carrier, id }];
  });
  const [device] = await scoped<{ id: number }>(
    db,
    scope,
    `
    insert into device (building_id, name, profile, expected_interval_s, created_at)
    select b.id, $3, $4, $5::integer, v.at
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
    ],
  );
  if (device === undefined) return undefined;
  await db.query(
    `insert into device_supply_point (device_id, supply_point_id)
     select $1, id
     from unnest($2::integer[]) wanted (id)`,
    [device.id, wanted.map(({ id }) => id)],
  );
  await addCredential(db, device.id, input.secretHash, scope.atMs);
  return device.id;
}

/** Revokes every secret of the device and adds the new one, within the caller's transaction. */
export async function rotateCredential(
  db: Db,
  scope: Scope,
  deviceId: number,
  secretHash: Buffer,
): Promise<boolean> {
  if (!(await lockDevice(db, scope, deviceId))) return false;
  await revokeCredentials(db, deviceId, scope.atMs);
  await addCredential(db, deviceId, secretHash, scope.atMs);
  return true;
}

/** Its readings stay; it can neither connect nor be seen any more. Within the caller's transaction. */
export async function removeDevice(db: Db, scope: Scope, deviceId: number): Promise<boolean> {
  if (!(await lockDevice(db, scope, deviceId))) return false;
  await revokeCredentials(db, deviceId, scope.atMs);
  await db.query("update device set removed_at = $2 where id = $1 and removed_at is null", [
    deviceId,
    new Date(scope.atMs),
  ]);
  return true;
}

async function lockDevice(db: Db, scope: Scope, deviceId: number): Promise<boolean> {
  await db.query("select 1 from device where id = $1 for update", [deviceId]);
  const rows = await scoped(db, scope, "\nselect id from seen_device where id = $2", [deviceId]);
  return rows.length === 1;
}

async function revokeCredentials(db: Db, deviceId: number, atMs: number): Promise<void> {
  await db.query("update device_credential set revoked_at = $2 where device_id = $1 and revoked_at is null", [
    deviceId,
    new Date(atMs),
  ]);
}

async function addCredential(db: Db, deviceId: number, secretHash: Buffer, atMs: number): Promise<void> {
  await db.query("insert into device_credential (device_id, secret_hash, created_at) values ($1, $2, $3)", [
    deviceId,
    secretHash,
    new Date(atMs),
  ]);
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
