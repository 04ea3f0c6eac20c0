// Why a group could not be published now, each reason once, however many months of the year it is told for.
import type { TenderPreview } from "../data/tenders.ts";

type Refusal = TenderPreview["refusals"][number];

/** The sentence of each kind of reason. */
export const REFUSAL_TEXTS = {
  tooFew: "tenders.soFar.tooFew",
  tooFewInMonths: "tenders.soFar.tooFewInMonths",
  tooFewBeside: "tenders.soFar.tooFewBeside",
  tooFewLeft: "tenders.soFar.tooFewLeft",
  dominant: "tenders.soFar.dominant",
  dominantInMonths: "tenders.soFar.dominantInMonths",
  dominantBeside: "tenders.soFar.dominantBeside",
  incomplete: "tenders.soFar.incomplete",
} as const;

export type RefusalLine = {
  readonly kind: keyof typeof REFUSAL_TEXTS;
  /** Who is too few, dominates or lacks something; those that are not in the group are not named. */
  readonly buildingIds: readonly string[];
  /** `YYYY-MM`, ascending; empty where it is about the whole period. */
  readonly months: readonly string[];
};

/** In the order in which the API tells them. */
export function refusalLines(refusals: readonly Refusal[]): RefusalLine[] {
  const lines = Map.groupBy(refusals.map(lineOf), ({ kind, buildingIds }) => `${kind} ${buildingIds.join()}`);
  return [...lines.values()].flatMap(([first, ...rest]) =>
    first === undefined
      ? []
      : [{ ...first, months: [first, ...rest].flatMap(({ months }) => months).toSorted() }],
  );
}

/** In the place of a month: the annual volume, which is the whole group's as the period is. */
const YEAR = "year";

function lineOf({ code, scope, month, buildingIds = [], participants = [] }: Refusal): RefusalLine {
  if (code === "conditions_missing") {
    const lacking = participants.map(({ buildingId }) => buildingId);
    return { kind: "incomplete", buildingIds: lacking, months: [] };
  }
  const kind = code === "cohort_too_small" ? "tooFew" : "dominant";
  const months = month === undefined || month === null || month === YEAR ? [] : [month];
  if (scope === "difference" && kind === "tooFew" && buildingIds.length === 0) {
    return { kind: "tooFewLeft", buildingIds, months };
  }
  if (scope === "difference") return { kind: `${kind}Beside`, buildingIds, months };
  return { kind: months.length === 0 ? kind : `${kind}InMonths`, buildingIds, months };
}
