// One schedule from its seed to its verdict: devices and a stranger while things break, then what became of every message.
import { setTimeout as sleep } from "node:timers/promises";
import { QUARTER_MS, type TimeSource } from "#devices/time";
import { createRandom, derive } from "../world/random.ts";
import { portOf, type FaultBed } from "./bed.ts";
import { createFaultyDevice, type FaultyDevice } from "./faulty-device.ts";
import { inject } from "./inject.ts";
import { createStory, storyStartMs } from "./known-messages.ts";
import type { Schedule } from "./schedule.ts";
import {
  drained,
  profileDifferences,
  registerDevices,
  registersOf,
  storedOf,
  type RegisteredDevice,
} from "./stored.ts";
import { createStranger } from "./stranger.ts";
import { judgeDevice } from "./verdict.ts";

export type ScheduleReport = {
  readonly seed: number;
  /** Sentences; none means that the invariants held. */
  readonly violations: readonly string[];
  readonly counts: ScheduleCounts;
};

export type ScheduleCounts = {
  published: number;
  acknowledged: number;
  redelivered: number;
  repeated: number;
  cuts: number;
  connections: number;
  /** QoS 0: best effort. */
  unacknowledgedSent: number;
  unacknowledgedStored: number;
  quarantinedAgain: number;
  heard: number;
  strangersAttempts: number;
  profileLines: number;
};

/** Long enough for a broker that waits two seconds between attempts, and a machine with other things to do. */
const SETTLED_WITHIN_MS = 60_000;
/** Each device has so many acknowledgements before the first fault, and so many more when everything runs again. */
const ACKNOWLEDGED_BEFORE = 10;
const ACKNOWLEDGED_AFTER = 30;

export async function runSchedule(
  bed: FaultBed,
  schedule: Schedule,
  time: TimeSource,
): Promise<ScheduleReport> {
  const { seed } = schedule;
  const firstMs = storyStartMs(time.now());
  const registered = await registerDevices(bed, `seed ${seed}`, schedule.devices.length);
  const [own] = await registerDevices(bed, `stranger ${seed}`, 1);
  if (own === undefined) throw new Error("the stranger was not registered");
  const devices = startDevices(bed, schedule, registered, firstMs);
  const stranger = createStranger({
    own,
    victims: registered,
    port: portChoice(bed, schedule, "stranger"),
    atMs: firstMs + QUARTER_MS / 2,
    address: `127.0.${1 + (seed % 250)}.${2 + (Math.floor(seed / 250) % 250)}`,
  });
  const violations: string[] = [];
  try {
    violations.push(...(await stuck(devices, ACKNOWLEDGED_BEFORE)));
    await inject(bed, schedule);
    violations.push(...(await stuck(devices, ACKNOWLEDGED_AFTER)));
    for (const device of devices) device.stopTelling();
    stranger.close();
    violations.push(...stranger.breaches, ...(await unsettled(devices)));
  } finally {
    stranger.close();
    for (const device of devices) device.close();
  }
  violations.push(...endedByThemselves(bed));
  const counts = countsOf(devices);
  counts.strangersAttempts = stranger.attempts();
  violations.push(...(await judged(bed, registered, devices, firstMs, counts)));
  return { seed, violations, counts };
}

function startDevices(
  bed: FaultBed,
  schedule: Schedule,
  registered: readonly RegisteredDevice[],
  firstMs: number,
): FaultyDevice[] {
  const { seed } = schedule;
  return schedule.devices.flatMap((manners, nth) => {
    const access = registered[nth];
    if (access === undefined) return [];
    const device = `meter ${nth}`;
    const story = createStory({ seed, device, firstMs, shuffledWithin: manners.shuffledWithin });
    const random = createRandom(derive(seed, device));
    return createFaultyDevice({ access, story, manners, random, port: portChoice(bed, schedule, device) });
  });
}

/** Another broker after each loss, if there are several. */
function portChoice({ brokers }: FaultBed, { seed, brokerCount }: Schedule, who: string): () => number {
  const random = createRandom(derive(seed, `${who}'s broker`));
  return () => portOf(brokers[random.below(brokerCount) === 0 ? 0 : 1]);
}

/** Waits until each device has so many more acknowledgements, or nothing more to tell. */
async function stuck(devices: readonly FaultyDevice[], more: number): Promise<string[]> {
  const wanted = new Map(devices.map((device) => [device, device.acknowledged.size + more]));
  const waits = (device: FaultyDevice) =>
    device.hasMore() && device.acknowledged.size < (wanted.get(device) ?? 0);
  await until(() => !devices.some(waits));
  return devices.filter(waits).map((device) => `device ${device.id} gets no further: ${device.state()}`);
}

/** For at most a minute. */
async function until(reached: () => boolean): Promise<void> {
  const startedMs = performance.now();
  while (!reached() && performance.now() - startedMs < SETTLED_WITHIN_MS) await sleep(20);
}

/** The faults are over: everything published must be acknowledged now. */
async function unsettled(devices: readonly FaultyDevice[]): Promise<string[]> {
  await until(() => devices.every((device) => device.settled()));
  return devices
    .filter((device) => !device.settled())
    .map((device) => `device ${device.id} waits a minute after the last fault: ${device.state()}`);
}

function endedByThemselves({ brokers, worker }: FaultBed): string[] {
  return [...brokers, worker]
    .filter((process) => !process.running())
    .map((process) => `${process.name} ended by itself. Its last words:\n${process.log().slice(-2000)}`);
}

async function judged(
  bed: FaultBed,
  registered: readonly RegisteredDevice[],
  devices: readonly FaultyDevice[],
  firstMs: number,
  counts: ScheduleCounts,
): Promise<string[]> {
  const violations: string[] = [];
  const registerIds = await registersOf(bed, registered);
  if (!(await drained(bed, registerIds)))
    violations.push("profiles still wait a minute after the last fault");
  for (const [nth, device] of devices.entries()) {
    const access = registered[nth];
    if (access === undefined) continue;
    const verdict = judgeDevice(device, await storedOf(bed, access, firstMs));
    violations.push(...verdict.violations);
    counts.unacknowledgedStored += verdict.unacknowledgedStored;
    counts.quarantinedAgain += verdict.quarantinedAgain;
  }
  const { lines, differences } = await profileDifferences(bed, registerIds);
  counts.profileLines = lines;
  return [...violations, ...differences];
}

function countsOf(devices: readonly FaultyDevice[]): ScheduleCounts {
  const sum = (of: (device: FaultyDevice) => number) =>
    devices.reduce((total, device) => total + of(device), 0);
  return {
    published: sum(({ published }) => published.size),
    acknowledged: sum(({ acknowledged }) => acknowledged.size),
    redelivered: sum(({ counts }) => counts.redelivered),
    repeated: sum(({ counts }) => counts.repeated),
    cuts: sum(({ counts }) => counts.cuts),
    connections: sum(({ counts }) => counts.connections),
    unacknowledgedSent: sum(({ unacknowledged }) => unacknowledged.size),
    unacknowledgedStored: 0,
    quarantinedAgain: 0,
    heard: sum(({ heard }) => heard.length),
    strangersAttempts: 0,
    profileLines: 0,
  };
}
