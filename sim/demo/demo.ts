// The demo: registers its portfolio, lets every device tell what it has not told yet, and goes on in present time.
import { DAY_MS, HOUR_MS, SECOND_MS, type TimeSource } from "#devices/time";
import { createSpeaker, type Speaker } from "../devices/speaker.ts";
import { tellHistory, tellPresent } from "../devices/telling.ts";
import { signIn, type ApiClient } from "../portfolio/api-client.ts";
import { renewSecret, type RegisteredDevice } from "../portfolio/register-site.ts";
import { createRandom, derive } from "../world/random.ts";
import { openMemory, type DemoAccount, type Memory } from "./memory.ts";
import { ensurePortfolio, type DemoPortfolio } from "./portfolio.ts";
import { ensureStory, ensureSwapsRecorded } from "./story.ts";

export type DemoOptions = {
  readonly apiUrl: string;
  readonly mqttUrl: string;
  readonly admin: { readonly email: string; readonly password: string };
  readonly dataDir: string;
  /** How much of the past a device tells that has told nothing yet, or was silent for longer. */
  readonly historyMs: number;
  readonly time: TimeSource;
  readonly log: {
    info(details: object, message: string): void;
    warn(details: object, message: string): void;
  };
  readonly stop: AbortSignal;
  /** The accounts exist, and the first devices have been heard in present time; history may still be on its way. */
  onReady(accounts: readonly DemoAccount[]): void;
  /** Progress after that, for people. */
  report(text: string): void;
};

/** Civil days begin up to so long before the UTC day in the zones of the demo: the first one is told whole. */
const ZONES_AHEAD_MS = 2 * HOUR_MS;
/**
 * Devices that fill their history at the same time. One after the other is as fast, and a day told in one burst is computed
 * once, not again a minute later.
 */
const FILLING_MAX = 1;
const SAVE_EVERY_MS = 15 * SECOND_MS;
const MQTT_NOT_AUTHORISED = new Set([4, 5]);

/** Runs until `stop`. What was acknowledged is remembered; everything after it is told again at the next start. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { stop } = options;
  const memory = openMemory(options.dataDir);
  const speakers: Speaker[] = [];
  // What is unacknowledged after a moment's grace is told again at the next start.
  const hangUp = () => Promise.all(speakers.map((speaker) => speaker.close()));
  stop.addEventListener("abort", () => void hangUp());
  const saving = setInterval(() => memory.save(), SAVE_EVERY_MS);
  try {
    const api = await signIn(options.apiUrl, options.admin.email, options.admin.password, stop);
    const portfolio = await ensurePortfolio(options.apiUrl, api, memory);
    const story = tellStory(portfolio, options, api);
    const devices = mainMetersFirst(portfolio.sites.flatMap((site) => site.devices));
    const connections = await Promise.all(
      devices.map((device) => connect(device, options, api, memory, speakers)),
    );
    await Promise.all([talk(connections, options, memory, portfolio.accounts), story]);
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    clearInterval(saving);
    await hangUp();
    memory.save();
  }
}

/** Beside the devices, which go on whatever becomes of it: the next start takes up what is missing. */
async function tellStory(portfolio: DemoPortfolio, options: DemoOptions, api: ApiClient): Promise<void> {
  const { apiUrl, time, stop, log } = options;
  const historyToMs = historyStartMs(time.now(), options);
  try {
    const story = {
      apiUrl,
      api,
      historyToMs,
      time,
      stop,
      report: (text: string) => {
        log.info({}, text);
        options.report(text);
      },
    };
    await Promise.all([ensureStory(portfolio, story), ensureSwapsRecorded(portfolio, story)]);
  } catch (error) {
    log.warn({ err: error }, "the demo's tenders are not complete");
    options.report("The demo's tenders are not complete, its log says why; the next start goes on with them");
  }
}

/** What lies before is in the files of the grid operators. */
function historyStartMs(presentMs: number, { historyMs }: DemoOptions): number {
  return Math.floor((presentMs - historyMs) / DAY_MS) * DAY_MS;
}

type Connection = { readonly device: RegisteredDevice; readonly speaker: Speaker };

/** Every device in present time, and beside it what it has not told of the past. */
async function talk(
  connections: readonly Connection[],
  options: DemoOptions,
  memory: Memory,
  accounts: readonly DemoAccount[],
): Promise<void> {
  const { time, log, stop } = options;
  const presentMs = time.now();
  const heard = Promise.withResolvers<void>();
  const filled = new Set<string>();
  const talks = connections.map(({ device, speaker }) => {
    const { fromMs, untilMs } = untold(device, presentMs, options, memory);
    return tellPresent(device.plan.speech, speaker, {
      time,
      stop,
      afterMs: Math.max(fromMs, untilMs - device.plan.speech.liveStepMs),
      onTold: (toldMs) => {
        heard.resolve();
        if (filled.has(device.id)) remember(memory, device.id, toldMs);
      },
    });
  });
  const fills = connections.map(({ device, speaker }) => async () => {
    const { fromMs, untilMs } = untold(device, presentMs, options, memory);
    const count = await tellHistory(device.plan.speech, speaker, { afterMs: fromMs, untilMs }, stop);
    if (!stop.aborted) filled.add(device.id);
    return count;
  });
  await Promise.race([heard.promise, ...talks]);
  if (!stop.aborted) options.onReady(accounts);
  const messages = await together(fills, FILLING_MAX);
  log.info({ messages, tookMs: time.now() - presentMs }, "history filled");
  await Promise.all(talks);
}

/** From where a device left off, bounded, until the present begins. */
function untold(device: RegisteredDevice, presentMs: number, options: DemoOptions, memory: Memory) {
  const { liveStepMs } = device.plan.speech;
  const boundMs = historyStartMs(presentMs, options) - ZONES_AHEAD_MS;
  return {
    fromMs: Math.max(boundMs, memory.content.devices[device.id]?.toldUntilMs ?? 0),
    untilMs: Math.floor(presentMs / liveStepMs) * liveStepMs,
  };
}

function remember(memory: Memory, deviceId: string, untilMs: number): void {
  const entry = memory.content.devices[deviceId];
  if (entry !== undefined) entry.toldUntilMs = untilMs;
}

/** The meters of the common parts are looked at first. */
function mainMetersFirst(devices: readonly RegisteredDevice[]): RegisteredDevice[] {
  return devices.toSorted((a, b) => Number(b.plan.key === "main") - Number(a.plan.key === "main"));
}

/** With the remembered secret; where the broker knows another one (a database that was replaced), with a new one. */
async function connect(
  device: RegisteredDevice,
  options: DemoOptions,
  api: ApiClient,
  memory: Memory,
  speakers: Speaker[],
): Promise<Connection> {
  const speakerWith = (password: string) => {
    const random = createRandom(derive(options.time.now(), device.id));
    const speaker = createSpeaker({ url: options.mqttUrl, username: device.id, password, random });
    speakers.push(speaker);
    return speaker;
  };
  const speaker = speakerWith(device.secret);
  try {
    await speaker.ready();
    return { device, speaker };
  } catch (error) {
    if (!isRefusal(error)) {
      options.log.warn({ deviceId: device.id, err: error }, "broker not reached yet, trying again");
      return { device, speaker };
    }
    await speaker.close();
    const secret = await renewSecret(api, device.id);
    memory.content.devices[device.id] = { secret };
    memory.save();
    return { device, speaker: speakerWith(secret) };
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && MQTT_NOT_AUTHORISED.has(Number(error.code));
}

/** Runs the work, so many at a time, and adds up what it returns. */
async function together(work: readonly (() => Promise<number>)[], atOnce: number): Promise<number> {
  const waiting = work.values();
  const lane = async () => {
    let sum = 0;
    for (const next of waiting) sum += await next();
    return sum;
  };
  const sums = await Promise.all(Array.from({ length: atOnce }, lane));
  return sums.reduce((sum, lane) => sum + lane, 0);
}
