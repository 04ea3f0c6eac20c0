// Compares what devices know with what is stored: pure; every sentence it returns is a broken invariant.
import { STEPS_PER_DAY, STEPS_PER_QUARTER, type Story } from "./known-messages.ts";

/** What a device knows of its messages. */
export type Told = {
  readonly id: string;
  readonly story: Story;
  readonly published: ReadonlySet<number>;
  readonly acknowledged: ReadonlySet<number>;
  readonly unacknowledged: ReadonlySet<number>;
  readonly writes: ReadonlyMap<number, number>;
  readonly heard: readonly string[];
};

/** What the product has of a device. */
export type Stored = {
  /** `register instant value`, as often as it is there. */
  readonly readings: readonly string[];
  /** Payloads in quarantine, as often as they are there. */
  readonly quarantined: readonly string[];
  /** Quarter-hours of `import` that are not missing, start and Wh; `undefined`: profiles were not asked for. */
  readonly quarters: ReadonlyMap<number, number> | undefined;
};

export type Verdict = {
  readonly violations: readonly string[];
  /** QoS 0 messages of which everything is there. */
  readonly unacknowledgedStored: number;
  /** Rows in quarantine beyond the first of a message that was sent several times. */
  readonly quarantinedAgain: number;
};

/** I1, I2 and the devices' side of I8 for one device. */
export function judgeDevice(told: Told, stored: Stored): Verdict {
  const violations: string[] = [];
  const readings = countOf(stored.readings);
  const quarantined = countOf(stored.quarantined);
  let unacknowledgedStored = 0;
  let quarantinedAgain = 0;
  const say = (n: number, what: string) => violations.push(`device ${told.id}, message ${n}: ${what}`);

  for (const n of new Set([...told.published, ...told.unacknowledged])) {
    const { payload, readings: expected, quarantined: isQuarantined } = told.story.messageOf(n);
    const mustBeThere = told.acknowledged.has(n);
    let isWhole = true;
    for (const reading of expected) {
      const count = taken(readings, reading);
      if (count === 0 && mustBeThere) say(n, `acknowledged, but "${reading}" is not stored`);
      if (count > 1) say(n, `"${reading}" is stored ${count} times`);
      isWhole &&= count > 0;
    }
    if (isQuarantined) {
      const count = taken(quarantined, payload);
      const writes = told.writes.get(n) ?? 0;
      if (count === 0 && mustBeThere) say(n, "acknowledged, but not in quarantine");
      if (count > writes) say(n, `in quarantine ${count} times, but sent ${writes} times`);
      quarantinedAgain += Math.max(0, count - 1);
      isWhole &&= count > 0;
    }
    if (isWhole && !told.published.has(n)) unacknowledgedStored += 1;
  }
  for (const reading of readings.keys()) violations.push(`device ${told.id} never said "${reading}"`);
  for (const payload of quarantined.keys()) violations.push(`device ${told.id} never sent "${payload}"`);
  violations.push(...foreignHeard(told), ...wrongQuarters(told, stored));
  return { violations, unacknowledgedStored, quarantinedAgain };
}

/** I8: a device that listens to everything hears its own messages and no other. */
function foreignHeard(told: Told): string[] {
  const own = new Set<string>();
  for (const n of told.writes.keys()) own.add(told.story.messageOf(n).payload);
  return told.heard
    .filter((payload) => !own.has(payload))
    .map((payload) => `device ${told.id} heard what it never said: "${payload}"`);
}

/** The oracle: between two acknowledged boundaries the energy is the difference of the index. */
function wrongQuarters({ id, story, acknowledged }: Told, { quarters }: Stored): string[] {
  const violations: string[] = [];
  if (quarters === undefined) return violations;
  for (const n of acknowledged) {
    if (n % STEPS_PER_QUARTER !== 0 || !acknowledged.has(n + STEPS_PER_QUARTER)) continue;
    // Of a day's last quarter-hour the end is not told.
    if ((n + STEPS_PER_QUARTER) % STEPS_PER_DAY === 0) continue;
    const fromMs = story.atMs(n);
    const expected = story.indexWh(n + STEPS_PER_QUARTER) - story.indexWh(n);
    const found = quarters.get(fromMs);
    if (found !== expected) {
      const at = new Date(fromMs).toISOString();
      violations.push(
        `device ${id}, quarter-hour ${at}: ${found ?? "nothing"} in the profile, ${expected} Wh metered`,
      );
    }
  }
  return violations;
}

function countOf(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

/** Takes it out, so that what is left at the end was never said. */
function taken(counts: Map<string, number>, line: string): number {
  const count = counts.get(line) ?? 0;
  counts.delete(line);
  return count;
}
