// What the week's façade is drawn from: means by weekday and hour, and how bright each makes its window.

export type WeekView = {
  /** `weekday × 24 + hour`, Monday is 0; NaN where nothing is known. */
  readonly means: Float64Array;
  /** The least and the greatest mean, which are the darkest and the brightest window. */
  readonly least: number;
  readonly most: number;
  readonly weekdayLabels: readonly string[];
  readonly hourLabels: readonly string[];
};

export function weekViewOf(
  means: Float64Array,
  labels: Pick<WeekView, "weekdayLabels" | "hourLabels">,
): WeekView {
  const known = means.filter((mean) => !Number.isNaN(mean));
  const least = known.reduce((less, mean) => Math.min(less, mean), Number.POSITIVE_INFINITY);
  const most = known.reduce((more, mean) => Math.max(more, mean), 0);
  return { means, least: known.length === 0 ? 0 : least, most, ...labels };
}

/** Between 0 for the least and 1 for the most; `undefined` where nothing is known. An even week is half lit. */
export function levelOf({ least, most }: Pick<WeekView, "least" | "most">, mean: number): number | undefined {
  if (Number.isNaN(mean)) return undefined;
  return most > least ? (mean - least) / (most - least) : 0.5;
}

/** Where the middle colour stands: low, so that a modest hour is told from a quiet one. The legend has it too. */
export const MIDDLE_STOP = 0.3;

/** A colour on the way through three hexadecimal ones. */
export function mixColours(stops: readonly [string, string, string], level: number): string {
  const low = level < MIDDLE_STOP;
  const [from, to] = low ? [stops[0], stops[1]] : [stops[1], stops[2]];
  const share = low ? level / MIDDLE_STOP : (level - MIDDLE_STOP) / (1 - MIDDLE_STOP);
  const channel = (hex: string, index: number): number =>
    Number.parseInt(hex.slice(1 + 2 * index, 3 + 2 * index), 16);
  const mixed = [0, 1, 2].map((index) =>
    Math.round(channel(from, index) * (1 - share) + channel(to, index) * share)
      .toString(16)
      .padStart(2, "0"),
  );
  return `#${mixed.join("")}`;
}
