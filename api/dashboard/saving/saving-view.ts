// What a saving looks like: which side of nothing it is on, how long its bars are, since when it counts.
import { addMonths, startOfMonth, type CivilDate } from "../time/civil.ts";

export type Effect = { readonly kind: "gain" | "loss" | "even"; readonly amount: string };

/** `priceEffect` of the API, old minus new: negative where it costs more. The amount is without its sign. */
export function effectOf(priceEffect: string): Effect {
  const amount = priceEffect.replace(/^-/, "");
  if (!/[1-9]/.test(amount)) return { kind: "even", amount };
  return { kind: priceEffect.startsWith("-") ? "loss" : "gain", amount };
}

/** Lengths of bars, the longest 1; what is below nothing has none. */
export function barLengths(amounts: readonly string[]): number[] {
  const sizes = amounts.map((amount) => Math.max(0, Number(amount)));
  const longest = Math.max(...sizes, 0);
  return sizes.map((size) => (longest === 0 ? 0 : size / longest));
}

/** The first date that counts; `undefined` of nothing. */
export function startOf(items: readonly { readonly from: string }[]): CivilDate | undefined {
  const [first] = items.map(({ from }) => from as CivilDate).toSorted();
  return first;
}

/** A contract of a tender lasts 120 months at most, so none that still counts began before. */
const TERM_MONTHS_MAX = 120;

export function earliestStart(today: CivilDate): CivilDate {
  return addMonths(today, -TERM_MONTHS_MAX);
}

/** The last month that is over. */
export function lastFullMonth(today: CivilDate): { readonly from: CivilDate; readonly to: CivilDate } {
  const to = startOfMonth(today);
  return { from: addMonths(to, -1), to };
}
