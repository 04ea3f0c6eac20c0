// What an import changes, added up per supply point: the preview, and after the commit the record.
import type { Direction } from "#devices/vocabulary";
import { DAY_MS, QUARTERS_PER_UTC_DAY, QUARTER_MS, utcDay } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { MergeCounts, PackedQuarters } from "./merge-day.ts";

export type ChangedDay = MergeCounts & {
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  /** In the file, Wh (l). */
  readonly energyWh: number;
};

/** Of one supply point and direction. Kept as JSON: instants are texts. */
export type ImportChange = MergeCounts & {
  readonly supplyPointId: number;
  readonly code: string | null;
  readonly direction: Direction;
  readonly from: string;
  readonly to: string;
  readonly resolutionS: number;
  readonly energyWh: number;
  /** The first, at most `CHANGED_DAYS_MAX` and together with those of the other changes `ALL_DAYS_MAX`. */
  readonly days: readonly ChangedDay[];
  readonly truncated: boolean;
};

const CHANGED_DAYS_MAX = 400;
/** A preview stays within a megabyte, however many supply points it has. */
const ALL_DAYS_MAX = 10_000;

export type FileDay = PackedQuarters & {
  readonly supplyPointId: number;
  readonly code: string | null;
  readonly direction: Direction;
  /** Days from 1970. */
  readonly day: number;
};

type Growing = { -readonly [Key in keyof ImportChange]: ImportChange[Key] } & { days: ChangedDay[] };

/** Days must come ordered by supply point, direction and day. */
export function createChangeSum(): {
  readonly add: (file: FileDay, counts: MergeCounts) => void;
  readonly changes: () => readonly ImportChange[];
} {
  const changes: Growing[] = [];
  let dayCount = 0;
  return {
    add: (file, { added, replaced, unchanged, kept }) => {
      const { energyWh, firstSlot, lastSlot } = contentOf(file);
      const startMs = file.day * DAY_MS;
      const last = changes.at(-1);
      const same = last?.supplyPointId === file.supplyPointId && last.direction === file.direction;
      const change = same ? last : begun(file, startMs + firstSlot * QUARTER_MS);
      if (!same) changes.push(change);
      change.to = new Date(startMs + (lastSlot + 1) * QUARTER_MS).toISOString();
      change.resolutionS = Math.max(change.resolutionS, file.resolutionS);
      change.energyWh += energyWh;
      change.added += added;
      change.replaced += replaced;
      change.unchanged += unchanged;
      change.kept += kept;
      change.truncated ||= change.days.length === CHANGED_DAYS_MAX || dayCount === ALL_DAYS_MAX;
      if (!change.truncated) {
        dayCount++;
        change.days.push({ day: utcDay(startMs), energyWh, added, replaced, unchanged, kept });
      }
    },
    changes: () => changes,
  };
}

function begun(file: FileDay, fromMs: number): Growing {
  const { supplyPointId, code, direction } = file;
  const at = new Date(fromMs).toISOString();
  const nothing = { resolutionS: 0, energyWh: 0, added: 0, replaced: 0, unchanged: 0, kept: 0 };
  return { supplyPointId, code, direction, from: at, to: at, ...nothing, days: [], truncated: false };
}

const INT4_BYTES = 4;

function contentOf(file: FileDay): { energyWh: number; firstSlot: number; lastSlot: number } {
  let energyWh = 0;
  let firstSlot = QUARTERS_PER_UTC_DAY;
  let lastSlot = 0;
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    if (file.statuses[slot] === QuarterCode.missing) continue;
    energyWh += file.quarters.readInt32LE(slot * INT4_BYTES);
    firstSlot = Math.min(firstSlot, slot);
    lastSlot = slot;
  }
  return { energyWh, firstSlot, lastSlot };
}
