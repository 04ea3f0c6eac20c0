// The sentence of a next step, with its numbers.
import type { Tender } from "../data/tenders.ts";
import { dateText } from "../text/amounts.ts";
import { remainingText } from "../text/remaining.ts";
import { texts } from "../text/texts.svelte.ts";
import type { NextStep } from "./next-step.ts";

type Told = Pick<Tender, "participants" | "minimumCohort" | "bidDeadline" | "deliveryStart" | "award">;

export function nextStepText(tender: Told, { text }: Pick<NextStep, "text">, nowMs: number): string {
  const leftMs = Date.parse(tender.bidDeadline) - nowMs;
  return texts.text(text, {
    awaited: texts.count("tenders.awaited", Math.max(0, tender.minimumCohort - tender.participants)),
    remaining: remainingText(texts.formats.tag, leftMs, "long") ?? texts.text("time.now"),
    supplier: tender.award?.supplier ?? "",
    delivery: dateText(texts.formats.tag, tender.deliveryStart),
  });
}
