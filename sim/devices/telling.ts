// How a device tells its story over MQTT: history as fast as it is acknowledged, then the present as it happens.
import { MINUTE_MS, type TimeSource } from "#devices/time";
import type { Speaker } from "./speaker.ts";
import { instants, type Speech } from "./speech.ts";
import { createWindow } from "./window.ts";

/** A device that was out of reach for longer catches up in the thinner steps of history. */
const CATCH_UP_AFTER_MS = 2 * MINUTE_MS;
const IN_FLIGHT_MAX = 32;

/** Tells `(afterMs, untilMs]` in the thin steps of history. Resolves with the number of messages, all acknowledged. */
export async function tellHistory(
  speech: Speech,
  speaker: Speaker,
  span: { readonly afterMs: number; readonly untilMs: number },
  stop: AbortSignal,
): Promise<number> {
  const window = createWindow(IN_FLIGHT_MAX);
  let told = 0;
  for (const at of instants(speech.historyStepMs, span.afterMs, span.untilMs)) {
    if (stop.aborted) break;
    const message = speech.messageAt(at);
    if (message === undefined) continue;
    await window.add(speaker.publish(speech.topic, message));
    told++;
  }
  await window.drain();
  return told;
}

export type PresentOptions = {
  readonly time: TimeSource;
  readonly afterMs: number;
  readonly stop: AbortSignal;
  /** Everything up to here is acknowledged (or was never to be said). */
  onTold(untilMs: number): void;
};

/** Speaks at each step of the present until stopped. One message at a time, so an outage ends in catching up. */
export async function tellPresent(speech: Speech, speaker: Speaker, options: PresentOptions): Promise<void> {
  const { time, stop } = options;
  let toldMs = options.afterMs;
  while (!stop.aborted) {
    const stepMs =
      time.now() - toldMs > CATCH_UP_AFTER_MS
        ? Math.max(speech.historyStepMs, speech.liveStepMs)
        : speech.liveStepMs;
    const dueMs = (Math.floor(toldMs / stepMs) + 1) * stepMs;
    if (dueMs > time.now()) {
      // A long step must not lie beyond the present: the live ones in between come first.
      if (stepMs > speech.liveStepMs) {
        toldMs = Math.floor(time.now() / speech.liveStepMs) * speech.liveStepMs - speech.liveStepMs;
        continue;
      }
      await pause(dueMs - time.now(), stop);
      continue;
    }
    const message = speech.messageAt(dueMs);
    if (message !== undefined) await speaker.publish(speech.topic, message);
    toldMs = dueMs;
    options.onTold(toldMs);
  }
}

/** Sleeps, but not past the signal. */
export function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stop.addEventListener("abort", end);
  });
}
