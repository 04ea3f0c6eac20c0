// A swap in the reader's words: what happened, when by the building's clocks, what each register counts, why it was refused.
import { problemText } from "../data/problem-text.ts";
import { reasonsOf, type RequestProblem } from "../data/problem.ts";
import type { Swap } from "../data/meters.ts";
import { texts } from "../text/texts.svelte.ts";
import { civilDateAt } from "../time/civil.ts";
import { REFUSAL_TEXTS, type MeterSwap } from "./swap-view.ts";

export function serialText(serial: string): string {
  return serial === "" ? texts.text("meters.noSerial") : serial;
}

export function storyText({ kind, state, oldSerial, newSerial }: MeterSwap): string {
  const serials = { old: serialText(oldSerial), young: serialText(newSerial) };
  if (kind === "serials")
    return texts.text(state === "suspected" ? "meters.suspectedSerial" : "meters.recordedSerial", serials);
  if (state === "suspected") return texts.text("meters.suspectedFall");
  return oldSerial === "" ? texts.text("meters.recordedSame") : texts.text("meters.recordedFall", serials);
}

function dayText(instantMs: number, zone: string): string {
  return texts.formats.period({ unit: "day", start: civilDateAt(instantMs, zone) });
}

function momentText(instantMs: number, zone: string): string {
  const time = texts.formats.time(instantMs, zone);
  return texts.text("meters.at", { day: dayText(instantMs, zone), time });
}

/** Of a suspicion the span in which it was, as far as the readings tell; to the second where it is within a minute. */
export function whenText({ atMs, sinceMs }: Pick<MeterSwap, "atMs" | "sinceMs">, zone: string): string {
  if (sinceMs === undefined) return momentText(atMs, zone);
  const day = dayText(atMs, zone);
  const { time, timeWithSeconds } = texts.formats;
  const clock = time(sinceMs, zone) === time(atMs, zone) ? timeWithSeconds : time;
  return dayText(sinceMs, zone) === day
    ? texts.text("meters.betweenTimes", { day, from: clock(sinceMs, zone), to: clock(atMs, zone) })
    : texts.text("meters.betweenDays", { from: momentText(sinceMs, zone), to: momentText(atMs, zone) });
}

/** What a register counts: `import, tariff 1`. */
export function registerText({ direction, tariff }: Pick<Swap, "direction" | "tariff">): string {
  const which = direction === null ? texts.text("meters.index") : texts.text(`direction.${direction}`);
  return tariff === null ? which : texts.text("meters.tariff", { direction: which, tariff });
}

export function refusalText(problem: RequestProblem): string {
  const [reason] = reasonsOf(problem);
  const key = reason === undefined ? undefined : REFUSAL_TEXTS[reason];
  return key === undefined ? problemText(problem) : texts.text(key);
}
