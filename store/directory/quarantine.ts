// What waits in quarantine, for whoever may see what the device measures.
import type { Db } from "../pool.ts";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "./scope.ts";

export type QuarantinedMessage = {
  readonly id: number;
  readonly deviceId: number | null;
  readonly buildingId: number | null;
  readonly receivedAt: Date;
  readonly clientId: Buffer;
  readonly topic: Buffer;
  /** The first bytes only. */
  readonly payload: Buffer;
  readonly payloadBytes: number;
  readonly retained: boolean;
  readonly profile: string | null;
  readonly reason: string;
  readonly detail: string;
  readonly replayedAt: Date | null;
};

const PAYLOAD_SHOWN_BYTES = 4096;

/** Newest first; `after` is the identifier before which the page begins, 0 for the newest. */
export async function listQuarantine(
  db: Db,
  scope: Scope,
  page: PageRequest & { deviceId: number | undefined },
): Promise<Page<QuarantinedMessage>> {
  const rows = await scoped<QuarantinedMessage>(
    db,
    scope,
    `
    select
      q.id::float8 as id, q.device_id as "deviceId", d.building_id as "buildingId", q.received_at as "receivedAt",
      q.client_id as "clientId", q.topic, substring(q.payload from 1 for $2) as payload,
      octet_length(q.payload) as "payloadBytes", q.retained, q.profile, q.reason, q.detail,
      q.replayed_at as "replayedAt"
    from quarantine q
    left join device d on d.id = q.device_id
    cross join viewer v
    where (v.role = 'admin' or exists (select 1 from seen_device s where s.id = q.device_id and s.measured))
      and ($3::bigint = 0 or q.id < $3)
      and ($4::integer is null or q.device_id = $4)
    order by q.id desc
    limit $5`,
    [PAYLOAD_SHOWN_BYTES, page.after, page.deviceId ?? null, page.limit + 1],
  );
  return pageOf(rows, page.limit);
}
