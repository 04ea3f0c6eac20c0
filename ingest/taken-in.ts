// What a message costs while it waits for its commit, and the line that says that it came: alike for every way in.
import type { Logger } from "pino";
import { traceId } from "#devices/trace";
import type { IngestMessage } from "./message.ts";

/** What an unacknowledged message costs beside its bytes, roughly: many empty ones are not free. */
export const MESSAGE_OVERHEAD_BYTES = 200;

/** Bytes in memory, roughly. */
export function waitingBytesOf({ topic, payload }: Pick<IngestMessage, "topic" | "payload">): number {
  return payload.length + topic.length + MESSAGE_OVERHEAD_BYTES;
}

/** For whoever follows one message; `instance` and the message's number are its trace id. */
export function tellTakenIn(
  log: Pick<Logger, "debug">,
  instance: string | undefined,
  { trace, device, topic, qos, payload }: IngestMessage,
): void {
  log.debug(
    { trace: traceId(instance, trace), deviceId: device.id, topic, qos, bytes: payload.length },
    "message taken in",
  );
}
