// Who takes part in a tender: joining, leaving, and the end of it.
import { scoped, type Scope } from "../directory/scope.ts";
import type { Db, PoolClient } from "../pool.ts";

export type ParticipantRow = {
  readonly buildingId: number;
  readonly building: string;
  readonly region: string;
  readonly joinedAt: Date;
  readonly leftAt: Date | null;
};

/** Of the buildings that the viewer sees, by name; who came back is there once for each time. */
export function listParticipants(db: Db, scope: Scope, tenderId: number): Promise<ParticipantRow[]> {
  return scoped<ParticipantRow>(
    db,
    scope,
    `
    select p.building_id as "buildingId", b.name as building, b.region, p.joined_at as "joinedAt", p.left_at as "leftAt"
    from tender_participant p
    join seen_tender t on t.id = p.tender_id
    join seen_building seen on seen.id = p.building_id
    join building b on b.id = p.building_id
    cross join viewer v
    where p.tender_id = $2
      and v.role <> 'supplier'
    order by b.name, p.building_id, p.joined_at`,
    [tenderId],
  );
}

/** Those that have not left: seen or not, as every step counts all. */
export async function presentParticipants(db: Db, tenderId: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select building_id as id
    from tender_participant
    where tender_id = $1
      and left_at is null
    order by building_id`,
    [tenderId],
  );
  return rows.map((row) => row.id);
}

/** Whether the building is one that the viewer sees and that belongs to the tender's organisation. */
export async function mayBeOfTender(
  db: Db,
  scope: Scope,
  tenderId: number,
  buildingId: number,
): Promise<boolean> {
  const rows = await scoped(
    db,
    scope,
    `
    select 1
    from seen_building seen
    join building b on b.id = seen.id
    join tender t on t.organisation_id = b.organisation_id
    where t.id = $2
      and b.id = $3`,
    [tenderId, buildingId],
  );
  return rows.length > 0;
}

/**
 * `undefined`: it takes part now. Else the tender of the carrier that it is in: also one that it joined at the same moment, for
 * whose commit this waits. Who comes back within the millisecond in which he joined and left is there from the next one on: no
 * two times begin at once.
 */
export async function insertParticipant(
  client: PoolClient,
  joining: {
    readonly tenderId: number;
    readonly buildingId: number;
    readonly carrier: string;
    readonly joinedAt: Date;
    readonly joinedBy: number;
  },
): Promise<number | undefined> {
  const { tenderId, buildingId, carrier, joinedAt, joinedBy } = joining;
  const { rowCount } = await client.query(
    `insert into tender_participant (tender_id, building_id, carrier, joined_at, joined_by)
    select $1::integer, $2::integer, $3, greatest($4::timestamptz, max(p.joined_at) + interval '1 millisecond'), $5::integer
    from tender_participant p
    where p.tender_id = $1
      and p.building_id = $2
    on conflict (building_id, carrier) where active do nothing`,
    [tenderId, buildingId, carrier, joinedAt, joinedBy],
  );
  if (rowCount === 1) return undefined;
  const { rows } = await client.query<{ id: number }>(
    "select tender_id as id from tender_participant where building_id = $1 and carrier = $2 and active",
    [buildingId, carrier],
  );
  // Whoever was in the way has left it meanwhile.
  return rows[0]?.id ?? insertParticipant(client, joining);
}

/** `false` when the building does not take part. Nobody leaves before he joined, also when the clock stands still. */
export async function endParticipation(
  client: PoolClient,
  leaving: {
    readonly tenderId: number;
    readonly buildingId: number;
    readonly leftAt: Date;
    readonly leftBy: number;
  },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update tender_participant
    set left_at = greatest($3::timestamptz, joined_at), left_by = $4, active = false
    where tender_id = $1
      and building_id = $2
      and left_at is null`,
    [leaving.tenderId, leaving.buildingId, leaving.leftAt, leaving.leftBy],
  );
  return rowCount === 1;
}

/** The tender is over, or in force: its buildings may join another one. */
export async function releaseParticipants(client: PoolClient, tenderId: number): Promise<void> {
  await client.query("update tender_participant set active = false where tender_id = $1 and active", [
    tenderId,
  ]);
}
