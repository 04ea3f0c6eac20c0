// What suppliers price: the frozen figures of each lot and the hash that anyone can recompute from what is shown (I6).
import { QUARTER_MS } from "#devices/time";
import type { Carrier } from "#devices/vocabulary";
import { canonicalHash, sha256, type CanonicalValue } from "./canonical-json.ts";
import { shareOf } from "./exact.ts";
import type { GroupFigures, GroupProfile } from "./sizing.ts";
import type { TenderPeriod } from "./tender-calendar.ts";

/** How many supply points of a kind hang on a grid; never which. */
export type SupplyPointCount = {
  readonly gridOperator: string;
  readonly kind: string;
  readonly count: number;
};

/** One carrier of one zone. A tender has one so far; more of them, each with bids of its own, need nothing else here. */
export type LotInput = {
  readonly carrier: Carrier;
  readonly period: TenderPeriod;
  readonly figures: GroupFigures;
  readonly profile: GroupProfile;
  readonly supplyPoints: readonly SupplyPointCount[];
};

/** As shown and stored; `hash` is that of all the rest: `canonicalHash` of the dossier without it. */
export type Dossier = { readonly hash: string } & { readonly [name: string]: CanonicalValue };

export function dossierOf(publishedAtMs: number, lots: readonly LotInput[]): Dossier {
  const shown = { publishedAt: instant(publishedAtMs), lots: lots.map(lotOf) };
  return { ...shown, hash: canonicalHash(shown) };
}

/** Whether the dossier says what it said when it was published. */
export function isDossierIntact(dossier: Dossier): boolean {
  const { hash, ...shown } = dossier;
  return canonicalHash(shown) === hash;
}

function lotOf(lot: LotInput): CanonicalValue {
  // The profile is too long to be shown beside the figures: its hash ties it to them.
  return { ...lotFigures(lot), profileSha256: sha256(profileCsv(lot.profile)) };
}

/** A lot as a dossier shows it, but for its profile. */
export type LotFigures = Omit<GroupFigures, "maxAtMs" | "supplyPoints"> &
  TenderPeriod & {
    readonly carrier: Carrier;
    readonly maxAt: string;
    readonly supplyPointsTotal: number;
    readonly supplyPoints: readonly SupplyPointCount[];
  };

export function lotFigures({
  carrier,
  period,
  figures,
  supplyPoints,
}: Omit<LotInput, "profile">): LotFigures {
  const { maxAtMs, supplyPoints: total, quality, monthlyWh, ...rest } = figures;
  return {
    ...rest,
    carrier,
    ...period,
    quality: { ...quality },
    maxAt: instant(maxAtMs),
    monthlyWh: monthlyWh.map((month) => ({ ...month })),
    supplyPointsTotal: total,
    supplyPoints: supplyPoints.toSorted(byName).map((one) => ({ ...one })),
  };
}

function byName(left: SupplyPointCount, right: SupplyPointCount): number {
  const name = ({ gridOperator, kind }: SupplyPointCount) => `${gridOperator}\n${kind}`;
  return name(left) < name(right) ? -1 : 1;
}

/** The aggregated quarter-hours; without a value where one is missing or withheld. Lines end with CR LF (RFC 4180). */
export function profileCsv({ fromMs, energies, participants }: GroupProfile): string {
  const lines = ["from,to,energyWh"];
  for (let slot = 0; slot < energies.length; slot++) {
    const startMs = fromMs + slot * QUARTER_MS;
    const value = participants[slot] === 0 ? "" : String(energies[slot]);
    lines.push(`${instant(startMs)},${instant(startMs + QUARTER_MS)},${value}`);
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** By how much a volume was corrected since publication, as a signed share of what was published: the *revised ±x % since*. */
export function revisionShare(publishedWh: number, presentWh: number): number {
  return shareOf(presentWh - publishedWh, publishedWh);
}

function instant(atMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toString();
}
