// What each participant put into each month, and into the year, of what was published: the gate's memory, never shown.
import type { Carrier } from "#devices/vocabulary";
import { sqlText, type Db, type PoolClient } from "../pool.ts";

export type PublishedMonth = {
  readonly month: string;
  readonly wh: number;
  readonly fingerprint: string;
  /** The quarter-hours with a value that was shown: bit i is the i-th of the civil month. */
  readonly present: Uint8Array;
};
export type PublishedYear = {
  readonly wh: number;
  readonly fingerprint: string;
  /** Civil days, half-open. */
  readonly from: string;
  readonly to: string;
};
export type PublishedParticipant = {
  readonly participantId: number;
  readonly months: readonly PublishedMonth[];
  readonly year: PublishedYear;
};
export type PublishedTender = {
  readonly tenderId: number;
  readonly participants: readonly PublishedParticipant[];
};

type PartRow = PublishedMonth & {
  readonly tenderId: number;
  readonly participantId: number;
  readonly yearFrom: string | null;
  readonly yearTo: string | null;
};

const PARTS = sqlText(import.meta.url, "./load-publications.sql");
/** In the place of a month. */
const YEAR = "year";

/**
 * All of a carrier, in their order, with as much of each as is about these civil months (`YYYY-MM`); its year always. The caller
 * holds `lockPublications`, or only looks.
 */
export async function loadPublications(
  db: Db,
  carrier: Carrier,
  months: readonly string[],
): Promise<PublishedTender[]> {
  const { rows } = await db.query<PartRow>(PARTS, [carrier, months]);
  return [...Map.groupBy(rows, (row) => row.tenderId)].map(([tenderId, parts]) => ({
    tenderId,
    participants: [...Map.groupBy(parts, (row) => row.participantId)].map(([participantId, own]) =>
      participantOf(participantId, own),
    ),
  }));
}

function participantOf(participantId: number, rows: readonly PartRow[]): PublishedParticipant {
  const year = rows.find(({ month }) => month === YEAR);
  if (year === undefined || year.yearFrom === null || year.yearTo === null) {
    throw new RangeError(`Building ${participantId} was published without its year.`);
  }
  return {
    participantId,
    months: rows
      .filter(({ month }) => month !== YEAR)
      .map(({ month, wh, fingerprint, present }) => ({ month, wh, fingerprint, present })),
    year: { wh: year.wh, fingerprint: year.fingerprint, from: year.yearFrom, to: year.yearTo },
  };
}

/** How many there are of a carrier: what was published stays, so as long as it is this many the gate judges the same. */
export async function countPublications(db: Db, carrier: Carrier): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::integer as count
    from tender_dossier d
    join tender t on t.id = d.tender_id
    where t.carrier = $1`,
    [carrier],
  );
  return rows[0]?.count ?? 0;
}

export async function storePublication(
  client: PoolClient,
  tenderId: number,
  participants: readonly PublishedParticipant[],
): Promise<void> {
  const parts = participants.flatMap(({ participantId, months, year }) => [
    ...months.map((part) => ({ ...part, participantId, from: null, to: null })),
    { ...year, participantId, month: YEAR, present: new Uint8Array() },
  ]);
  await client.query(
    `insert into publication_part (tender_id, building_id, month, wh, fingerprint, present, year_from, year_to)
    select $1, * from unnest($2::integer[], $3::text[], $4::bigint[], $5::text[], $6::bytea[], $7::date[], $8::date[])`,
    [
      tenderId,
      parts.map((part) => part.participantId),
      parts.map((part) => part.month),
      parts.map((part) => part.wh),
      parts.map((part) => part.fingerprint),
      parts.map((part) => Buffer.from(part.present)),
      parts.map((part) => part.from),
      parts.map((part) => part.to),
    ],
  );
}
