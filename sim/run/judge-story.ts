// The verdict on a whole story: every series judged, what is on the wrong supply point, and the messages behind what differs. Pure.
import { QUARTER_MS } from "#devices/time";
import type { Delivery, Mishap, Series, Story } from "../story/story.ts";
import { historyOf, type HistoryLine } from "./history.ts";
import {
  judgeQuarters,
  unconserved,
  VERDICTS,
  type AnsweredPoint,
  type Evidence,
  type JudgedQuarter,
  type Verdict,
} from "./judge.ts";
import { toldTimes } from "./told-times.ts";

export type StoryAnswers = {
  /** Acknowledged, and readable: not in quarantine. */
  readonly acknowledged: readonly Delivery[];
  /** All that left, acknowledged or not. */
  readonly sent: readonly Delivery[];
  /** By key of the series: the quarter-hours of the load. */
  readonly loads: ReadonlyMap<string, readonly AnsweredPoint[]>;
};

export type StoryVerdict = {
  readonly quarters: Readonly<Record<Verdict, number>>;
  /** Sum of the differences of quarter-hours that claim to be right: Wh (water and gas: l). */
  readonly energyErrorWh: number;
  /** Energy that several quarter-hours together have too much or too little: Wh, l. */
  readonly unconservedWh: number;
  /** Wrong quarter-hours that hold the energy of another supply point. */
  readonly wronglyAttributed: number;
  /** Quarter-hours that say they are missing or estimated though they were told, or measured though they were not. */
  readonly wronglyFlagged: number;
  /** Quarter-hours of the story that the answers lack, or have twice. */
  readonly unanswered: number;
  /** The first quarter-hours that are not right. */
  readonly differences: readonly Difference[];
};

export type Difference = {
  readonly series: string;
  readonly from: string;
  readonly verdict: Verdict | "unconserved" | "overclaimed";
  readonly truth: number;
  readonly value: number | null;
  readonly mishaps: readonly Mishap[];
  /** What was sent about it, oldest first. */
  readonly history: readonly HistoryLine[];
};

export const NOTHING_JUDGED: StoryVerdict = {
  quarters: { exact: 0, bracketed: 0, estimated: 0, missing: 0, late: 0, wrong: 0 },
  energyErrorWh: 0,
  unconservedWh: 0,
  wronglyAttributed: 0,
  wronglyFlagged: 0,
  unanswered: 0,
  differences: [],
};

const DIFFERENCES_MAX = 10;
/** Energies below it are alike by chance. */
const ATTRIBUTED_LEAST = 10;

export function judgeStory(story: Story, { acknowledged, sent, loads }: StoryAnswers): StoryVerdict {
  const told = toldTimes(acknowledged);
  const known = toldTimes(sent);
  const tally = { ...NOTHING_JUDGED.quarters };
  const sums = { energyErrorWh: 0, unconservedWh: 0, wronglyAttributed: 0, wronglyFlagged: 0, unanswered: 0 };
  const differing: Omit<Difference, "history">[] = [];
  const differ = (
    series: Series,
    evidence: Evidence,
    fromMs: number,
    rest: Pick<Difference, "verdict" | "truth" | "value">,
  ) => {
    if (differing.length >= DIFFERENCES_MAX) return;
    const mishaps = evidence.mishaps.filter((one) => one.fromMs < fromMs + QUARTER_MS && one.toMs > fromMs);
    differing.push({ series: series.key, from: new Date(fromMs).toISOString(), mishaps, ...rest });
  };
  for (const series of story.series.values()) {
    const points = loads.get(series.key) ?? [];
    sums.unanswered += unansweredOf(story, points);
    const evidence: Evidence = {
      series,
      toldAtMs: told.get(series.key) ?? [],
      sentAtMs: known.get(series.key) ?? [],
      mishaps: story.mishaps.filter((mishap) => mishap.series === series.key),
    };
    for (const quarter of judgeQuarters(points, evidence)) {
      const { verdict, truth, value, overclaimed, fromMs } = quarter;
      tally[verdict]++;
      if (verdict === "late" || (overclaimed && verdict !== "wrong")) sums.wronglyFlagged++;
      if (verdict === "wrong") {
        sums.energyErrorWh += Math.abs((value ?? 0) - truth);
        if (isOfAnother(story, series, quarter)) sums.wronglyAttributed++;
      }
      if (verdict === "wrong" || verdict === "late")
        differ(series, evidence, fromMs, { verdict, truth, value });
      else if (overclaimed) differ(series, evidence, fromMs, { verdict: "overclaimed", truth, value });
    }
    for (const { fromMs, toMs, error } of unconserved(points, evidence)) {
      sums.unconservedWh += Math.abs(error);
      const truth = series.indexAt(toMs) - series.indexAt(fromMs);
      differ(series, evidence, fromMs, { verdict: "unconserved", truth, value: truth + error });
    }
  }
  const received = new Set(acknowledged);
  const differences = differing.map((one) => {
    const fromMs = Date.parse(one.from);
    const sought = { series: one.series, fromMs, toMs: fromMs + QUARTER_MS };
    return { ...one, history: historyOf(sought, sent, received) };
  });
  return { quarters: tally, ...sums, differences };
}

/** Of several stories. */
export function addVerdicts(verdicts: readonly StoryVerdict[]): StoryVerdict {
  return verdicts.reduce(
    (sum, one) => ({
      quarters: Object.fromEntries(
        VERDICTS.map((verdict) => [verdict, sum.quarters[verdict] + one.quarters[verdict]]),
      ) as Record<Verdict, number>,
      energyErrorWh: sum.energyErrorWh + one.energyErrorWh,
      unconservedWh: sum.unconservedWh + one.unconservedWh,
      wronglyAttributed: sum.wronglyAttributed + one.wronglyAttributed,
      wronglyFlagged: sum.wronglyFlagged + one.wronglyFlagged,
      unanswered: sum.unanswered + one.unanswered,
      differences: [...sum.differences, ...one.differences].slice(0, DIFFERENCES_MAX),
    }),
    NOTHING_JUDGED,
  );
}

/** No silent error, and nothing that was told is still waited for. */
export function isRightStory({
  quarters,
  unconservedWh,
  wronglyAttributed,
  wronglyFlagged,
  unanswered,
}: StoryVerdict): boolean {
  const silent = quarters.wrong + unconservedWh + wronglyAttributed + wronglyFlagged;
  return silent + quarters.late + unanswered === 0;
}

/** What is not answered cannot be judged, so it must not pass for right. A story that is live begins between two quarter-hours. */
function unansweredOf({ fromMs, toMs }: Story, points: readonly AnsweredPoint[]): number {
  const first = Math.ceil(fromMs / QUARTER_MS);
  const count = Math.max(0, Math.floor(toMs / QUARTER_MS) - first);
  const answers = Map.groupBy(points, ({ from }) => Date.parse(from));
  return Array.from({ length: count }, (_, at) => answers.get((first + at) * QUARTER_MS)).filter(
    (own) => own?.length !== 1,
  ).length;
}

/** Another supply point's energy in its place, or on top of its own. */
function isOfAnother(story: Story, series: Series, { fromMs, truth, value }: JudgedQuarter): boolean {
  if (value === null) return false;
  return [...story.series.values()].some((other) => {
    if (other.supplyPoint === series.supplyPoint || other.carrier !== series.carrier) return false;
    const theirs = other.indexAt(fromMs + QUARTER_MS) - other.indexAt(fromMs);
    return theirs >= ATTRIBUTED_LEAST && (value === theirs || value === truth + theirs);
  });
}
