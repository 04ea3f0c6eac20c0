// What each participant put into each month of what was published: the gate's memory, never shown.
import type { Carrier } from "#devices/vocabulary";
import type { Db, PoolClient } from "../pool.ts";

export type PublishedPart = { readonly month: string; readonly wh: number; readonly fingerprint: string };
export type PublishedParticipant = {
  readonly participantId: number;
  readonly months: readonly PublishedPart[];
};
export type PublishedTender = {
  readonly tenderId: number;
  readonly participants: readonly PublishedParticipant[];
};

/** All of a carrier, in their order. The caller holds `lockPublications`, or only looks. */
export async function loadPublications(db: Db, carrier: Carrier): Promise<PublishedTender[]> {
  const { rows } = await db.query<{
    tenderId: number;
    participantId: number;
    months: readonly PublishedPart[];
  }>(
    `select
      p.tender_id as "tenderId", p.building_id as "participantId",
      json_agg(json_build_object('month', p.month, 'wh', p.wh, 'fingerprint', p.fingerprint) order by p.month) as months
    from publication_part p
    join tender t on t.id = p.tender_id
    join tender_dossier d on d.tender_id = p.tender_id
    where t.carrier = $1
    group by p.tender_id, p.building_id, d.published_at
    order by d.published_at, p.tender_id, p.building_id`,
    [carrier],
  );
  const byTender = Map.groupBy(rows, (row) => row.tenderId);
  return [...byTender].map(([tenderId, parts]) => ({
    tenderId,
    participants: parts.map(({ participantId, months }) => ({ participantId, months })),
  }));
}

export async function storePublication(
  client: PoolClient,
  tenderId: number,
  participants: readonly PublishedParticipant[],
): Promise<void> {
  const parts = participants.flatMap(({ participantId, months }) =>
    months.map((part) => ({ participantId, ...part })),
  );
  await client.query(
    `insert into publication_part (tender_id, building_id, month, wh, fingerprint)
    select $1, * from unnest($2::integer[], $3::text[], $4::bigint[], $5::text[])`,
    [
      tenderId,
      parts.map((part) => part.participantId),
      parts.map((part) => part.month),
      parts.map((part) => part.wh),
      parts.map((part) => part.fingerprint),
    ],
  );
}
