// How fast each carrier can flow through the largest connection of a co-owned building: what is faster is a fault of the figure.
import type { Carrier } from "#devices/vocabulary";

/**
 * Where nobody declared more. They are there to catch a counter's overflow or a slipped digit, not theft, so each is what the
 * largest connection of a co-owned building could carry.
 */
export const MOST_PER_HOUR = {
  /** 250 kW: beyond it a Belgian or French building has a medium-voltage cabin with a meter of its own. */
  electricity: { value: "250", unit: "kWh" },
  /** 2 MW: the substation of about 200 dwellings. */
  heat: { value: "2000", unit: "kWh" },
  /** 160 m3/h: a G100 gas meter, 1.8 MW of boilers. */
  gas: { value: "160", unit: "m3" },
  /** 60 m3/h: above the overload flow of a DN 65 meter (Q4 = 50 m3/h). */
  water: { value: "60", unit: "m3" },
} as const satisfies Record<Carrier, { readonly value: string; readonly unit: string }>;
