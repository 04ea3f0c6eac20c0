// What became of a load: of what was acknowledged, how much is there. Everything, asked of the store; or of some meters, of the API.
import { MINUTE_MS } from "#devices/time";
import { countMinutesOfReadings, countReadings, type Pool } from "#store";
import type { ApiClient } from "../portfolio/api-client.ts";
import type { PayloadKind } from "./meter-packets.ts";

/**
 * Of which time the product keeps at least one message of a meter: every message, and one telegram a minute (its storage
 * policy). What is counted are such times in which something was acknowledged.
 */
export const KEPT_EVERY_MS: Readonly<Record<PayloadKind, number>> = { senml: 1, p1: MINUTE_MS };

/** Of a database in which nobody else stores anything. */
export function countInStore(pool: Pool, kind: PayloadKind, fromMs: number): Promise<number> {
  return KEPT_EVERY_MS[kind] === MINUTE_MS
    ? countMinutesOfReadings(pool, fromMs)
    : countReadings(pool, fromMs);
}

/** Of one meter. */
export async function countInApi(
  api: ApiClient,
  deviceId: string,
  kind: PayloadKind,
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<number> {
  const registers = await api.list<{ id: string; name: string }>(`/v1/devices/${deviceId}/registers`);
  const index = registers.find(({ name }) => name === "1-0:1.8.1" || name.endsWith(":energy"));
  if (index === undefined) return 0;
  const query = new URLSearchParams({
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
  });
  const readings = await api.list<{ observedAt: string }>(`/v1/registers/${index.id}/readings?${query}`);
  return new Set(readings.map(({ observedAt }) => Math.floor(Date.parse(observedAt) / KEPT_EVERY_MS[kind])))
    .size;
}
