// Asks the store what it kept of a device: everything acknowledged must be there, and nothing that it never said.
import { createHash } from "node:crypto";
import { decoderFor } from "#devices/profiles/index";
import { systemTime } from "#devices/time";
import type { ProfileId } from "#devices/vocabulary";
import { listQuarantine, storedValues, type StoredValues } from "#store";
import type { FuzzBed } from "./fuzz-bed.ts";
import type { Played } from "./play-session.ts";
import type { Said } from "./read-strictly.ts";
import { isReadAlone } from "./whole-in-itself.ts";

export type PlayedSeed = { readonly seed: number; readonly played: Played };
export type SeedFault = { readonly seed: number; readonly fault: string };

/** As many bytes of a payload as the store shows. */
const COMPARED_BYTES = 4096;
const PAGE = 1000;

/** `sessions`: all that this device ever had. */
export async function checkKept(
  bed: FuzzBed,
  deviceId: number,
  profile: ProfileId,
  sessions: readonly PlayedSeed[],
): Promise<SeedFault[]> {
  const quarantined = await quarantinedOf(bed, deviceId);
  const instants = new Set(
    sessions.flatMap(({ played }) => played.acknowledged.flatMap((one) => timesOf(profile, one))),
  );
  const stored = await storedValues(bed.pool, deviceId, instants);
  const faults = sessions.flatMap(({ seed, played }) =>
    played.acknowledged
      .filter((one) => !quarantined.has(keyOf(one)) && !isStored(profile, one, stored))
      .map((one) => ({ seed, fault: `acknowledged, but neither stored nor in quarantine: ${shown(one)}` })),
  );
  const said = new Set(sessions.flatMap(({ played }) => played.said.map(keyOf)));
  const invented = [...quarantined].filter((key) => !said.has(key));
  const [first] = sessions;
  if (invented.length > 0 && first !== undefined) {
    faults.push({
      seed: first.seed,
      fault: `in quarantine, but never said (device ${deviceId}): ${invented[0]}`,
    });
  }
  return faults;
}

async function quarantinedOf(bed: FuzzBed, deviceId: number): Promise<Set<string>> {
  const keys = new Set<string>();
  const filter = { deviceId, reason: undefined, replayed: undefined };
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: Awaited<ReturnType<typeof listQuarantine>> = await listQuarantine(bed.pool, bed.scope, {
      ...filter,
      limit: PAGE,
      after,
    });
    for (const { topic, payload, payloadBytes } of page.items)
      keys.add(keyFrom(topic.toString(), payload, payloadBytes));
    after = page.next;
  }
  return keys;
}

/**
 * What is not in quarantine must have been read whole, and be stored where nothing of it may be thinned out. Of a family whose
 * messages build on each other nobody but ingest knows what this one meant: it is not asked for.
 */
function isStored(profile: ProfileId, said: Said, stored: StoredValues): boolean {
  if (!isReadAlone(profile)) return true;
  const decoded = decode(profile, said);
  if (decoded === undefined || decoded.rejections.length > 0) return false;
  return decoded.observations.every(
    ({ register, observedAtMs, value }) =>
      observedAtMs === undefined || register.keepEveryS > 0 || stored.has(register, observedAtMs, value),
  );
}

function timesOf(profile: ProfileId, said: Said): number[] {
  const observations = decode(profile, said)?.observations ?? [];
  return observations.flatMap(({ observedAtMs }) => observedAtMs ?? []).filter(isStorable);
}

/** Anything else is refused, and would not be understood by the store either. */
const isStorable = (atMs: number): boolean => atMs >= Date.UTC(2000, 0, 1) && atMs < Date.UTC(2200, 0, 1);

function decode(profile: ProfileId, { topic, payload }: Said) {
  return decoderFor(profile)?.(payload, {
    topic,
    receivedAtMs: systemTime.now(),
    timezone: "Europe/Brussels",
    expectedIntervalS: null,
  });
}

const keyOf = ({ topic, payload }: Said): string =>
  keyFrom(topic, payload.subarray(0, COMPARED_BYTES), payload.length);

function keyFrom(topic: string, start: Buffer, payloadBytes: number): string {
  return `${topic} ${payloadBytes} ${createHash("sha256").update(start).digest("hex")}`;
}

const shown = ({ topic, payload, qos }: Said): string =>
  `QoS ${qos}, topic ${JSON.stringify(topic.slice(0, 60))}, payload ${JSON.stringify(payload.toString("latin1").slice(0, 200))}`;
