// What a claim needs to say: pure, so that what is missing is known before the API is asked.
import type { SupplyPoint } from "../data/api.ts";
import type { DeviceClaim, Profile, UnclaimedDevice } from "../data/unclaimed.ts";

export const CARRIERS = ["electricity", "gas", "water", "heat"] as const;
export type Carrier = (typeof CARRIERS)[number];

export type ClaimForm = {
  readonly name: string;
  /** Empty: as which its message was recognised. */
  readonly profile: Profile | "";
  /** Seconds, as a choice; empty: nobody knows. */
  readonly expectedIntervalS: string;
  /** Identifiers; empty: none. */
  readonly supplyPoints: Readonly<Record<Carrier, string>>;
};

/** What a sender usually keeps to, seconds. */
export const INTERVALS_S = [10, 60, 300, 900, 3600, 6 * 3600, 86_400] as const;

/** The name to begin with is what the gateway calls it, which is printed on the meter as a rule. */
export function claimFormOf({ externalId }: UnclaimedDevice): ClaimForm {
  const supplyPoints = { electricity: "", gas: "", water: "", heat: "" };
  return { name: externalId, profile: "", expectedIntervalS: "", supplyPoints };
}

export type ClaimField = "name" | "profile";

export function claimFaults(form: ClaimForm, device: UnclaimedDevice): readonly ClaimField[] {
  return [
    ...(form.name.trim() === "" ? (["name"] as const) : []),
    ...(form.profile === "" && device.profile === null ? (["profile"] as const) : []),
  ];
}

export function claimOf({ name, profile, expectedIntervalS, supplyPoints }: ClaimForm): DeviceClaim {
  const chosen = CARRIERS.filter((carrier) => supplyPoints[carrier] !== "");
  return {
    name: name.trim(),
    ...(profile === "" ? {} : { profile }),
    ...(expectedIntervalS === "" ? {} : { expectedIntervalS: Number(expectedIntervalS) }),
    supplyPoints: Object.fromEntries(chosen.map((carrier) => [carrier, supplyPoints[carrier]])),
  };
}

/** For which energies a supply point is asked: those that it speaks of, or, where it says nothing readable, those that there are. */
export function carriersOf(
  { preview }: UnclaimedDevice,
  supplyPoints: readonly SupplyPoint[],
): readonly Carrier[] {
  const said = new Set(preview.map(({ carrier }) => carrier));
  const there = new Set(supplyPoints.map(({ carrier }) => carrier));
  const known = CARRIERS.filter((carrier) => said.has(carrier));
  return known.length > 0 ? known : CARRIERS.filter((carrier) => there.has(carrier));
}
