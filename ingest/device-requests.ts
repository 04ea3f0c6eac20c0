// What decoders ask of devices, such as to introduce themselves anew: written down as commands, once a minute at most.
import type { Logger } from "pino";
import type { DeviceRequest } from "#devices/reading";
import { hasPassed, MINUTE_MS } from "#devices/time";
import type { IngestStore } from "#store";
import type { DeviceState } from "./device-state.ts";
import type { IngestMessage } from "./message.ts";

const AGAIN_AFTER_MS = MINUTE_MS;
/** A device that was not reached by then is asked again when it speaks. */
const EXPIRES_AFTER_MS = 5 * MINUTE_MS;
/** Topics remembered of a device. */
const TOPICS_MAX = 16;

export class DeviceRequests {
  readonly #store: Pick<IngestStore, "requestOfDevice">;
  readonly #log: Logger;

  constructor(store: Pick<IngestStore, "requestOfDevice">, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** Never throws and is not waited for: a request that is lost is made again with the next message that needs it. */
  ask(message: IngestMessage, device: DeviceState, requests: readonly DeviceRequest[]): void {
    // What is read again was said long ago.
    if (message.replayOf !== undefined) return;
    const { receivedAtMs } = message;
    for (const { topic, payload } of requests) {
      const asked = (device.requestedAtMs ??= new Map());
      const lastMs = asked.get(topic);
      if (lastMs !== undefined && !hasPassed(AGAIN_AFTER_MS, lastMs, receivedAtMs)) continue;
      if (asked.size >= TOPICS_MAX) asked.clear();
      asked.set(topic, receivedAtMs);
      // Behind a gateway it is the gateway that holds the connection.
      const deviceId = message.device.parentId ?? message.device.id;
      const expiresAtMs = receivedAtMs + EXPIRES_AFTER_MS;
      this.#store
        .requestOfDevice({ deviceId, topic, payload, createdAtMs: receivedAtMs, expiresAtMs })
        .catch((error: unknown) =>
          this.#log.warn({ err: error, deviceId, topic }, "a device could not be asked"),
        );
    }
  }
}
