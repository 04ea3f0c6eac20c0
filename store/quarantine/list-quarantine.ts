// What waits in quarantine, for whoever may see what the device measures.
import type { QuarantineReason } from "#devices/vocabulary";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "../directory/scope.ts";
import { sqlText, type Db } from "../pool.ts";

export type QuarantinedMessage = {
  readonly id: number;
  readonly deviceId: number | null;
  readonly buildingId: number | null;
  /** How the gateway that is the device calls whoever spoke. */
  readonly externalId: string | null;
  readonly receivedAt: Date;
  readonly clientId: Buffer;
  readonly topic: Buffer;
  /** The first bytes only. */
  readonly payload: Buffer;
  readonly payloadBytes: number;
  readonly retained: boolean;
  /** As which it was read last. */
  readonly profile: string | null;
  readonly reason: QuarantineReason;
  readonly detail: string;
  readonly traceId: string | null;
  readonly attempts: number;
  readonly replayRequestedAt: Date | null;
  readonly replayedAt: Date | null;
};

export type QuarantineFilter = {
  readonly deviceId: number | undefined;
  readonly reason: QuarantineReason | undefined;
  /** Whether it was read again since, and is readings now. */
  readonly replayed: boolean | undefined;
};

const SELECT = sqlText(import.meta.url, "./list-quarantine.sql");
const PAYLOAD_SHOWN_BYTES = 4096;

/** Newest first; `after` is the identifier before which the page begins, 0 for the newest. */
export async function listQuarantine(
  db: Db,
  scope: Scope,
  page: PageRequest & QuarantineFilter,
): Promise<Page<QuarantinedMessage>> {
  const rows = await scoped<QuarantinedMessage>(
    db,
    scope,
    `
    ${SELECT}
    where ($3::bigint = 0 or q.id < $3)
      and ($4::integer is null or q.device_id = $4)
      and ($5::text is null or q.reason = $5)
      and ($6::boolean is null or (q.replayed_at is not null) = $6)
    order by q.id desc
    limit $7`,
    [
      PAYLOAD_SHOWN_BYTES,
      page.after,
      page.deviceId ?? null,
      page.reason ?? null,
      page.replayed ?? null,
      page.limit + 1,
    ],
  );
  return pageOf(rows, page.limit);
}

/** `undefined`: there is none, or the viewer does not see what its device measures. One without a device is an administrator's. */
export async function findQuarantined(
  db: Db,
  scope: Scope,
  id: number,
): Promise<QuarantinedMessage | undefined> {
  const [row] = await scoped<QuarantinedMessage>(db, scope, `\n${SELECT}\nwhere q.id = $3`, [
    PAYLOAD_SHOWN_BYTES,
    id,
  ]);
  return row;
}
