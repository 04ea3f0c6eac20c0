// What is kept for a time only, every minute: quarantine by its policy, changes that brokers heard of, commands that waited.
import { HOUR_MS, type TimeSource } from "#devices/time";
import { applyQuarantinePolicy, expireCommands, expireDeviceChanges, type Pool } from "#store";
import type { WorkerMetrics } from "./metrics.ts";

export type PolicyLog = { readonly info: (fields: object, message: string) => void };

/** A device's quarantine grows by what was received lately; a store that was away for longer is caught by the full look. */
const ACTIVE_WITHIN_MS = HOUR_MS;
const FULL_LOOK_EVERY_MS = HOUR_MS;

/** Returns how many messages of quarantine were deleted. The first call of a process looks at every device. */
export function createPolicies(options: {
  readonly pool: Pool;
  readonly time: TimeSource;
  readonly log: PolicyLog;
  readonly metrics?: Pick<WorkerMetrics, "quarantineDeleted">;
}): () => Promise<number> {
  const { pool, time, log, metrics } = options;
  let fullLookAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const nowMs = time.now();
    const full = nowMs - fullLookAtMs >= FULL_LOOK_EVERY_MS;
    const activeSinceMs = full ? 0 : nowMs - ACTIVE_WITHIN_MS;
    const { expired, overQuota } = await applyQuarantinePolicy(pool, { nowMs, activeSinceMs });
    if (full) fullLookAtMs = nowMs;
    await expireDeviceChanges(pool, nowMs);
    await expireCommands(pool, nowMs);
    const messages = expired.messages + overQuota.messages;
    if (metrics !== undefined) metrics.quarantineDeleted += messages;
    if (messages > 0) log.info({ expired, overQuota }, "deleted from quarantine by policy");
    return messages;
  };
}
