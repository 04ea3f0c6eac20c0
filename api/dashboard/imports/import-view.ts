// What a file of history is at the moment, and what it would do or did: pure, so that no state is without words.
import type { Import, ImportChange, ImportDay, ImportFormat } from "../data/imports.ts";
import type { MessageKey } from "../text/messages.ts";

/** In the order in which they are offered: ours, then the grid operators of our countries, then the others. */
export const FORMATS = [
  "interval-csv",
  "fluvius",
  "enedis",
  "e-distribuzione",
  "engie",
  "liander",
  "mijn-aansluiting",
  "dsmr-reader",
  "amr",
] as const satisfies readonly ImportFormat[];

/** `waits`: for the reader's decision. `works`: by itself. */
export type Tone = "good" | "waits" | "works" | "alarm";

export const STATE_TEXTS = {
  staged: "imports.staged",
  previewed: "imports.previewed",
  committing: "imports.committing",
  committed: "imports.committed",
  failed: "imports.failed",
} as const satisfies Record<Import["state"], MessageKey>;

const TONES = {
  staged: "works",
  previewed: "waits",
  committing: "works",
  committed: "good",
  failed: "alarm",
} as const satisfies Record<Import["state"], Tone>;

export function toneOf({ state }: Pick<Import, "state">): Tone {
  return TONES[state];
}

/** It moves without anybody doing anything, so it is asked for again. */
export function isMoving({ state }: Pick<Import, "state">): boolean {
  return state === "staged" || state === "committing";
}

/** How much of the file is read, 0 to 1. */
export function readShare({ progress: { bytesRead, bytesTotal } }: Pick<Import, "progress">): number {
  return bytesTotal === 0 ? 0 : Math.min(1, bytesRead / bytesTotal);
}

/** What the quarter-hours of a file do to those that are held; in the order in which they are drawn, from the ground up. */
export const EFFECTS = ["added", "replaced", "unchanged", "kept"] as const;
export type Effect = (typeof EFFECTS)[number];

export const EFFECT_TEXTS = {
  added: "imports.added",
  replaced: "imports.replaced",
  unchanged: "imports.unchanged",
  kept: "imports.kept",
} as const satisfies Record<Effect, MessageKey>;

/** `undefined` where the reader may not see what is held. */
export function countsOf(change: ImportChange): Readonly<Record<Effect, number>> | undefined {
  const { added, replaced, unchanged, kept } = change;
  if (added === null || replaced === null || unchanged === null || kept === null) return undefined;
  return { added, replaced, unchanged, kept };
}

/** Whether the commit would change anything, as far as the reader may know. */
export function changesNothing(preview: readonly ImportChange[]): boolean {
  return (
    preview.length > 0 &&
    preview.every((change) => {
      const counts = countsOf(change);
      return counts !== undefined && counts.added === 0 && counts.replaced === 0;
    })
  );
}

/** Supply point by supply point, what is drawn before what is fed in. */
export function inReadingOrder(preview: readonly ImportChange[]): ImportChange[] {
  return [...Map.groupBy(preview, ({ supplyPointId }) => supplyPointId).values()].flatMap((changes) =>
    changes.toSorted((a, b) => b.direction.localeCompare(a.direction)),
  );
}

/** A part of a day's bar: from `bottom`, `height` high, both 0 to 1 of the highest day. */
export type DaySegment = { readonly effect: Effect; readonly bottom: number; readonly height: number };
export type DayBar = {
  /** Days after the first one: a day that the file leaves out stays empty. */
  readonly place: number;
  readonly day: ImportDay;
  readonly segments: readonly DaySegment[];
};
export type DayStrip = { readonly bars: readonly DayBar[]; readonly length: number };

/** So that a day without consumption is still seen to be there. */
const LEAST_HEIGHT = 0.02;
const DAY_MS = 86_400_000;

/** A bar a day, as high as its energy and divided by what its quarter-hours do. */
export function dayStrip(days: readonly ImportDay[]): DayStrip {
  const [first] = days;
  if (first === undefined) return { bars: [], length: 0 };
  const startMs = Date.parse(first.day);
  const most = Math.max(1, ...days.map(({ energyWh }) => energyWh));
  const bars = days.map((day) => ({
    place: Math.round((Date.parse(day.day) - startMs) / DAY_MS),
    day,
    segments: segmentsOf(day, Math.max(LEAST_HEIGHT, day.energyWh / most)),
  }));
  return { bars, length: (bars.at(-1)?.place ?? 0) + 1 };
}

function segmentsOf(day: ImportDay, height: number): DaySegment[] {
  const quarters = EFFECTS.reduce((sum, effect) => sum + day[effect], 0);
  let bottom = 0;
  return EFFECTS.filter((effect) => day[effect] > 0).map((effect) => {
    const segment = { effect, bottom, height: (height * day[effect]) / quarters };
    bottom += segment.height;
    return segment;
  });
}
