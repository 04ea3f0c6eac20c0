// Why a day of a profile is stale.

/** Readings came, a rule changed by which they are judged, or a person ruled. In this order the later tells more. */
export const STALE_CAUSES = ["readings", "rule_changed", "ruling"] as const;
export type StaleCause = (typeof STALE_CAUSES)[number];
