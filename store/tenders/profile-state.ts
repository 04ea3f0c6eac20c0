// Whether what supply points used has changed since it was looked at last, without reading it.
import { sqlText, type Db } from "../pool.ts";

const PROFILE_STATE = sqlText(import.meta.url, "./profile-state.sql");

/**
 * A short text that is another one as soon as a day of these supply points' load in [fromDay, beforeDay) is. UTC days,
 * `YYYY-MM-DD`; without `fromDay` as far back as there are any. Import only.
 */
export async function profileState(
  db: Db,
  supplyPointIds: readonly number[],
  span: { readonly fromDay?: string; readonly beforeDay: string },
): Promise<string> {
  const { rows } = await db.query<{ state: string | null }>(PROFILE_STATE, [
    supplyPointIds,
    span.fromDay ?? null,
    span.beforeDay,
  ]);
  return rows[0]?.state ?? "";
}
