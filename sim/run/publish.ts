// Publishes the stream of a run over real MQTT, at its speed, and remembers what was acknowledged.
import { SECOND_MS, type TimeSource } from "#devices/time";
import { createSpeaker, type Speaker } from "../devices/speaker.ts";
import { pause } from "../devices/telling.ts";
import { instants } from "../devices/speech.ts";
import { createWindow } from "../devices/window.ts";
import type { RegisteredDevice } from "../portfolio/register-site.ts";
import { createRandom, derive } from "../world/random.ts";
import { withFaults, type Sending } from "./faults.ts";
import type { RunOptions } from "./options.ts";

export type Published = {
  readonly published: number;
  readonly acknowledged: number;
  /** The instants that each device told and that were acknowledged at least once. */
  readonly toldAtMs: ReadonlyMap<string, ReadonlySet<number>>;
};

/** All devices together. */
const IN_FLIGHT_MAX = 256;
const PROGRESS_EVERY = 5000;

export async function publish(
  devices: readonly RegisteredDevice[],
  mqttUrl: string,
  options: RunOptions,
  environment: { readonly time: TimeSource; readonly stop: AbortSignal; report(text: string): void },
): Promise<Published> {
  const { time, stop } = environment;
  const speakers = new Map<string, Speaker>();
  const toldAtMs = new Map<string, Set<number>>();
  const plans = new Map(devices.map((device) => [device.id, device.plan.speech]));
  let published = 0;
  let acknowledged = 0;
  try {
    for (const { id, secret } of devices) {
      const random = createRandom(derive(options.seed, `connection ${id}`));
      const speaker = createSpeaker({ url: mqttUrl, username: id, password: secret, random });
      speakers.set(id, speaker);
      toldAtMs.set(id, new Set());
      await speaker.ready();
    }
    const window = createWindow(IN_FLIGHT_MAX);
    const pace = createPace(options, time);
    for (const sending of withFaults(schedule(devices, options), options.faults, options.seed)) {
      if (stop.aborted) break;
      const aheadMs = pace.aheadMs(sending.observedAtMs);
      if (aheadMs > 0) await pause(aheadMs, stop);
      const speech = plans.get(sending.deviceId);
      const message = speech?.messageAt(sending.observedAtMs);
      const speaker = speakers.get(sending.deviceId);
      if (speech === undefined || message === undefined || speaker === undefined) continue;
      published++;
      if (published % PROGRESS_EVERY === 0)
        environment.report(`${published} published, ${acknowledged} acknowledged`);
      await window.add(
        tell(speaker, speech.topic, message, sending, () => {
          acknowledged++;
          toldAtMs.get(sending.deviceId)?.add(sending.observedAtMs);
        }),
      );
    }
    await window.drain();
  } finally {
    await Promise.all([...speakers.values()].map((speaker) => speaker.close()));
  }
  return { published, acknowledged, toldAtMs };
}

async function tell(
  speaker: Speaker,
  topic: string,
  message: Uint8Array,
  { repeated }: Sending,
  onAcknowledged: () => void,
): Promise<void> {
  await speaker.publish(topic, message, { dup: repeated });
  onAcknowledged();
}

/** In the order of simulated time; the boundaries of the span included, both. */
function* schedule(
  devices: readonly RegisteredDevice[],
  { fromMs, spanMs, stepMs }: RunOptions,
): Generator<Sending> {
  for (const observedAtMs of instants(stepMs, fromMs - 1, fromMs + spanMs)) {
    for (const { id } of devices) yield { deviceId: id, observedAtMs, repeated: false };
  }
}

function createPace({ speed, fromMs }: RunOptions, time: TimeSource) {
  const startMs = time.now();
  return {
    /** How long until this simulated instant, if the run has a speed. Short waits are not worth a timer. */
    aheadMs: (observedAtMs: number) => {
      if (speed === undefined) return 0;
      const aheadMs = startMs + (observedAtMs - fromMs) / speed - time.now();
      return aheadMs > SECOND_MS / 100 ? aheadMs : 0;
    },
  };
}
