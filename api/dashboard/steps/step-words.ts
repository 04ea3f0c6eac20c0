// A step of a register in the reader's words: what it was taken for, why, what of it counts, and what each ruling would do.
import type { Register } from "../data/api.ts";
import type { Decision, RulingChoice } from "../data/rulings.ts";
import { whenText } from "../meters/swap-words.ts";
import { indexText } from "../text/amounts.ts";
import { measureText, unitSign } from "../text/formats.ts";
import { texts } from "../text/texts.svelte.ts";
import {
  consequenceKey,
  countedKey,
  isOfReading,
  riseOf,
  rulingKey,
  whyKey,
  type StepEntry,
} from "./step-view.ts";

/** Whose step it is, and by which clocks it is told. */
export type StepPlace = { readonly register: Register; readonly zone: string };

export function spanText({ fromMs, toMs }: Pick<StepEntry, "fromMs" | "toMs">, zone: string): string {
  return whenText({ atMs: toMs, sinceMs: fromMs === toMs ? undefined : fromMs }, zone);
}

export function shownIndex(index: string, { register }: StepPlace): string {
  return `${indexText(texts.formats.tag, index)}\u00a0${unitSign(register.unit)}`;
}

/** Whole Wh, or l of a volume. */
function energyText(energy: number, { register }: StepPlace): string {
  return measureText(texts.formats.amount(energy, register.quantity === "volume" ? "l" : "Wh"));
}

export function whyText(decision: Decision, place: StepPlace): string | undefined {
  const key = whyKey(decision);
  if (key === undefined) return undefined;
  const { witness_at: at, witness_index: index, bound_per_hour: bound } = decision.evidence;
  return texts.text(key, {
    ...(typeof at === "string" && { when: texts.formats.dateTime(Date.parse(at), place.zone) }),
    ...(typeof index === "number" && { index: energyText(index, place) }),
    ...(typeof bound === "number" && { bound: energyText(bound, place) }),
  });
}

export function countedText(decision: Decision, place: StepPlace): string | undefined {
  const key = countedKey(decision);
  if (key === undefined) return undefined;
  const energy =
    key === "steps.notCounted"
      ? shownIndex(riseOf(decision), place)
      : energyText(decision.counts ?? 0, place);
  return texts.text(key, { energy });
}

/** The index that a choice about one reading is about. */
function indexAt(decision: Decision, { from }: RulingChoice): string {
  return from === decision.from ? decision.fromIndex : decision.toIndex;
}

export function choiceText(decision: Decision, choice: RulingChoice, place: StepPlace): string {
  const when = texts.formats.dateTime(Date.parse(choice.from), place.zone);
  return texts.text(rulingKey(choice), { when, index: shownIndex(indexAt(decision, choice), place) });
}

export function consequenceText(decision: Decision, choice: RulingChoice, place: StepPlace): string {
  const counts = choice.kind === "glitch" ? decision.counts : choice.counts;
  const index = isOfReading(choice) ? indexAt(decision, choice) : decision.toIndex;
  return texts.text(consequenceKey(choice), {
    index: shownIndex(index, place),
    energy: energyText(counts ?? 0, place),
    when: spanText({ fromMs: Date.parse(choice.from), toMs: Date.parse(choice.to) }, place.zone),
  });
}
