// Which cumulative quantities feed a load profile: the registers whose days a commit must name in the journal.

/** Of cumulative registers; everything else is only looked at. */
export const QUANTITIES_OF_PROFILES: readonly string[] = ["energy", "volume"];

export function feedsProfile(register: { readonly kind: string; readonly quantity: string }): boolean {
  return register.kind === "cumulative" && QUANTITIES_OF_PROFILES.includes(register.quantity);
}
