// Publishes the stories of a run over real MQTT, at its speed, and remembers what was acknowledged.
import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS, type TimeSource } from "#devices/time";
import { NODE_COMMANDS, SparkplugNode } from "../devices/sparkplug-node.ts";
import { createSpeaker, type Speaker } from "../devices/speaker.ts";
import { pause } from "../devices/telling.ts";
import { createWindow } from "../devices/window.ts";
import type { ApiClient } from "../portfolio/api-client.ts";
import { renewSecret, type RegisteredDevice, type RegisteredSite } from "../portfolio/register-site.ts";
import { mergeDeliveries } from "../story/merge-deliveries.ts";
import type { Delivery, Story } from "../story/story.ts";
import { createRandom, derive } from "../world/random.ts";
import type { RunOptions } from "./options.ts";

/** A building that is registered, and what its devices will say. */
export type Told = { readonly site: RegisteredSite; readonly story: Story };

export type Published = {
  /** By story: all that left, in order, and what of it was acknowledged: nothing with QoS 0. */
  readonly sent: ReadonlyMap<Story, readonly Delivery[]>;
  readonly acknowledged: ReadonlyMap<Story, ReadonlySet<Delivery>>;
  /** Connections that were admitted with a secret that was revoked. */
  readonly admitted: number;
  /** How often a Sparkplug node was born because it was asked to be. */
  readonly births: number;
};

export type Progress = { readonly acknowledged: number; readonly of: number };

export type PublishEnvironment = {
  /** In turn, so that each transport carries some of the devices. */
  readonly mqttUrls: readonly string[];
  readonly ca?: string;
  readonly api: ApiClient;
  readonly time: TimeSource;
  readonly stop: AbortSignal;
  report(text: string): void;
  /** Told at every acknowledgement. */
  onProgress?(progress: Progress): void;
};

/** All devices together. */
const IN_FLIGHT_MAX = 256;
const PROGRESS_EVERY = 500;
/** All connections are cut so often in a run. */
const STORMS = 3;

export async function publish(
  tolds: readonly Told[],
  options: RunOptions,
  environment: PublishEnvironment,
): Promise<Published> {
  const { stop } = environment;
  const sent = new Map(tolds.map(({ story }) => [story, [] as Delivery[]]));
  const acknowledged = new Map(tolds.map(({ story }) => [story, new Set<Delivery>()]));
  const lines = new Map<Story, ReadonlyMap<string, Line>>();
  let admitted = 0;
  let count = 0;
  let acknowledgedCount = 0;
  const tell = async (line: Line, story: Story, delivery: Delivery, of: number) => {
    await line.tell(delivery);
    environment.onProgress?.({ acknowledged: ++acknowledgedCount, of });
    if (delivery.qos > 0) acknowledged.get(story)?.add(delivery);
  };
  try {
    for (const { site, story } of tolds) lines.set(story, await connectAll(site, options, environment));
    const window = createWindow(IN_FLIGHT_MAX);
    const pace = createPace(options, environment.time);
    const all = streamOf(tolds);
    const stormEvery = options.faults.has("storm") ? Math.ceil(all.length / (STORMS + 1)) : Infinity;
    for (const { story, delivery } of all) {
      if (stop.aborted) break;
      const aheadMs = pace.aheadMs(delivery.leavesAtMs);
      if (aheadMs > 0) await pause(aheadMs, stop);
      const line = lines.get(story)?.get(delivery.device);
      if (line === undefined) continue;
      if (delivery.marks.includes("revoked")) {
        await line.revoke();
        continue;
      }
      const spoken = line.node.spoken(delivery);
      sent.get(story)?.push(spoken);
      if (++count % PROGRESS_EVERY === 0) {
        environment.report(`${count} of ${all.length} published, ${acknowledgedCount} acknowledged`);
      }
      if (count % stormEvery === 0) await Promise.all(linesOf(lines).map((one) => one.drop()));
      await window.add(tell(line, story, spoken, all.length));
    }
    await window.drain();
    for (const line of linesOf(lines)) admitted += (await line.admissions()).filter(Boolean).length;
  } finally {
    await Promise.all(linesOf(lines).map((line) => line.close()));
  }
  const births = linesOf(lines).reduce((sum, { node }) => sum + node.births, 0);
  return { sent, acknowledged, admitted, births };
}

const linesOf = (lines: ReadonlyMap<Story, ReadonlyMap<string, Line>>) =>
  [...lines.values()].flatMap((own) => [...own.values()]);

/** Of all stories, in the order in which it leaves. */
function streamOf(tolds: readonly Told[]): { readonly story: Story; readonly delivery: Delivery }[] {
  const owner = new Map<Delivery, Story>();
  const streams = tolds.map(({ story }) => {
    const deliveries = [...story.deliveries()];
    for (const delivery of deliveries) owner.set(delivery, story);
    return deliveries;
  });
  return Array.from(mergeDeliveries(streams), (delivery) => {
    const story = owner.get(delivery);
    if (story === undefined) throw new Error("a delivery belongs to no story");
    return { story, delivery };
  });
}

/** A device's connection, and the secret with which it is made. */
type Line = {
  readonly node: SparkplugNode;
  /** Resolves at the acknowledgement; with QoS 0 when it left. */
  tell(delivery: Delivery): Promise<void>;
  /** Takes the secret away, where it was not yet. */
  revoke(): Promise<void>;
  /** Whether it got in with a secret that was taken away, of each. */
  admissions(): Promise<boolean[]>;
  drop(): Promise<void>;
  close(): Promise<void>;
};

async function connectAll(
  site: RegisteredSite,
  options: RunOptions,
  environment: PublishEnvironment,
): Promise<Map<string, Line>> {
  const lines = new Map<string, Line>();
  for (const device of site.devices) {
    lines.set(device.plan.key, await connect(device, options, environment, lines.size));
  }
  return lines;
}

async function connect(
  { id, secret, plan }: RegisteredDevice,
  options: RunOptions,
  { mqttUrls, ca, api }: PublishEnvironment,
  number: number,
): Promise<Line> {
  const url = mqttUrls[number % mqttUrls.length] ?? "";
  const random = createRandom(derive(options.seed, `connection ${id}`));
  const node = new SparkplugNode();
  const isNode = plan.speech.profile === "sparkplug-b";
  const speak = (password: string) =>
    createSpeaker({
      url,
      username: id,
      password,
      random,
      ...(ca !== undefined && { ca }),
      ...(isNode && { listens: { filter: NODE_COMMANDS, hear: () => node.ask() } }),
    });
  let known = secret;
  let speaker: Speaker = speak(known);
  await speaker.ready();
  let nextSecret: string | undefined;
  let isOrdered = false;
  let before: Promise<unknown> = Promise.resolve();
  const underWay = new Set<Promise<void>>();
  const knocks: Promise<boolean>[] = [];
  return {
    node,
    tell: ({ topic, payload, qos, dup, retain, introduces }) => {
      if (nextSecret !== undefined) {
        known = nextSecret;
        speaker = speak(known);
        nextSecret = undefined;
      }
      // Who explains what follows has one message under way: a lost connection must not change their order.
      isOrdered ||= introduces === true;
      const speaking = speaker;
      const speakNow = () => speaking.publish(topic, payload, { qos, dup, retain });
      const told = isOrdered ? before.then(speakNow) : speakNow();
      before = told;
      underWay.add(told);
      const over = () => underWay.delete(told);
      told.then(over, over);
      return told;
    },
    revoke: async () => {
      if (nextSecret !== undefined) return;
      await Promise.allSettled(underWay);
      nextSecret = await renewed(api, id);
      await speaker.close();
      const revoked = known;
      knocks.push(sleep(REVOKED_WITHIN_MS).then(() => getsIn(speak(revoked))));
    },
    admissions: () => Promise.all(knocks),
    drop: () => speaker.drop(),
    close: () => speaker.close(),
  };
}

/** The broker promises about a second; with things killed meanwhile it may have to start first. */
const REVOKED_WITHIN_MS = 5 * SECOND_MS;

async function getsIn(speaker: Speaker): Promise<boolean> {
  const admitted = await speaker.ready().then(
    () => true,
    () => false,
  );
  await speaker.close();
  return admitted;
}

const RENEW_ATTEMPTS_MAX = 30;

/** Where things are killed meanwhile, the API may have no database for a moment. */
async function renewed(api: ApiClient, deviceId: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await renewSecret(api, deviceId);
    } catch (error) {
      if (attempt === RENEW_ATTEMPTS_MAX) throw error;
      await sleep(SECOND_MS);
    }
  }
}

function createPace({ speed, fromMs, live }: RunOptions, time: TimeSource) {
  const startMs = live ? fromMs : time.now();
  return {
    /** How long until this simulated instant, if the run has a speed. Short waits are not worth a timer. */
    aheadMs: (simulatedMs: number) => {
      if (speed === undefined) return 0;
      const aheadMs = startMs + (simulatedMs - fromMs) / speed - time.now();
      return aheadMs > SECOND_MS / 100 ? aheadMs : 0;
    },
  };
}
