// The highest rate at which something still holds: doubled until it does not, then the gap is halved a few times.

export type RateSearch = {
  readonly firstPerS: number;
  readonly halvings: number;
  /** Bounds the time whatever happens. */
  readonly stepsMax: number;
  /** Never tried beyond. */
  readonly highestPerS?: number;
};

export type TriedRate<Outcome> = {
  readonly ratePerS: number;
  readonly holds: boolean;
  readonly outcome: Outcome;
};

/**
 * `attempt` is called with one rate after the other. `best`: the highest that held, undefined where not even the lowest
 * one did; `limit`: the lowest that did not.
 */
export async function searchRate<Outcome>(
  { firstPerS, halvings, stepsMax, highestPerS = Number.POSITIVE_INFINITY }: RateSearch,
  attempt: (
    ratePerS: number,
    step: number,
  ) => Promise<{ readonly holds: boolean; readonly outcome: Outcome }>,
): Promise<{
  readonly best: TriedRate<Outcome> | undefined;
  readonly limit: TriedRate<Outcome> | undefined;
}> {
  let best: TriedRate<Outcome> | undefined;
  let limit: TriedRate<Outcome> | undefined;
  let ratePerS = Math.min(firstPerS, highestPerS);
  for (let [step, halved] = [0, 0]; step < stepsMax && halved <= halvings; step++) {
    const tried = { ratePerS, ...(await attempt(ratePerS, step)) };
    if (tried.holds) best = tried;
    else limit = tried;
    if (limit !== undefined) halved += 1;
    else if (ratePerS >= highestPerS) break;
    ratePerS =
      limit === undefined
        ? Math.min(2 * ratePerS, highestPerS)
        : ((best?.ratePerS ?? 0) + limit.ratePerS) / 2;
  }
  return { best, limit };
}
