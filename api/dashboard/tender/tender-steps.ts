// A tender's life as the steps that people follow: what is behind, where it stands, what is ahead and when.
//
//   draft ─ enrolling ─ bidding ─ evaluated ─ awarded ─ in force      cancelled: the step it stopped at is the last
import type { Tender, TenderEvent, TenderState } from "../data/tenders.ts";

export const STEPS = ["draft", "enrolling", "bidding", "evaluated", "awarded", "in_force"] as const;
export type StepName = (typeof STEPS)[number];

export type Step = {
  readonly name: StepName;
  /** `stopped`: the tender was cancelled here. */
  readonly phase: "done" | "here" | "stopped" | "ahead";
  /** When it was reached, by the log where there is one. */
  readonly reachedAt: string | undefined;
};

/** States that last an instant belong to the step that people see: publication opens the bidding, opening is evaluated. */
const STEP_OF: Readonly<Record<Exclude<TenderState, "cancelled">, StepName>> = {
  draft: "draft",
  enrolling: "enrolling",
  published: "bidding",
  bidding: "bidding",
  opened: "evaluated",
  evaluated: "evaluated",
  awarded: "awarded",
  in_force: "in_force",
};

type Told = Pick<Tender, "state" | "createdAt" | "publishedAt" | "openedAt" | "award">;
/** An entry whose text is damaged tells neither. */
type Logged = Pick<TenderEvent, "state" | "at">;

export function stepsOf(tender: Told, log: readonly Logged[] = []): Step[] {
  const here = STEPS.indexOf(stepOf(tender, log));
  const cancelled = tender.state === "cancelled";
  return STEPS.map((name, index) => ({
    name,
    phase: index < here ? "done" : index > here ? "ahead" : cancelled ? "stopped" : "here",
    reachedAt: index <= here ? reachedAt(name, tender, log) : undefined,
  }));
}

function stepOf(tender: Told, log: readonly Logged[]): StepName {
  if (tender.state !== "cancelled") return STEP_OF[tender.state];
  const before = log.flatMap(({ state }) => (state === null || state === "cancelled" ? [] : state)).at(-1);
  if (before !== undefined) return STEP_OF[before];
  if (tender.openedAt !== null) return "evaluated";
  return tender.publishedAt === null ? "enrolling" : "bidding";
}

function reachedAt(name: StepName, tender: Told, log: readonly Logged[]): string | undefined {
  const first = log.find(({ state }) => state !== null && state !== "cancelled" && STEP_OF[state] === name);
  const logged = first?.at ?? undefined;
  if (name === "draft") return tender.createdAt;
  if (logged !== undefined) return logged;
  if (name === "bidding") return tender.publishedAt ?? undefined;
  if (name === "evaluated") return tender.openedAt ?? undefined;
  return name === "awarded" ? tender.award?.awardedAt : undefined;
}
