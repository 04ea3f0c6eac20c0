// The declared policy of quarantine: how long, how many and how many bytes; nothing else deletes anything of it.
import { DAY_MS } from "#devices/time";

export type QuarantineQuota = {
  readonly messagesMax: number;
  /** Bytes of payload. */
  readonly bytesMax: number;
};

const MEBIBYTE = 1024 * 1024;

/**
 * A message expires when it was received this long ago. Over a quota go those first that were read again in the meantime,
 * because they are readings, then the oldest.
 */
export const QUARANTINE_POLICY = {
  expiresAfterMs: 90 * DAY_MS,
  /** Of each sender that nobody has claimed, by gateway and by what the gateway calls it. */
  sender: { messagesMax: 10_000, bytesMax: 16 * MEBIBYTE },
  /** Of each device; of a gateway with all that it speaks for; of all messages together that name no known device. */
  device: { messagesMax: 50_000, bytesMax: 128 * MEBIBYTE },
} as const satisfies {
  readonly expiresAfterMs: number;
  readonly sender: QuarantineQuota;
  readonly device: QuarantineQuota;
};
