// May this building take part? What is missing, each with a code and what it is about; how to mend it, the message files say.
import type { Carrier, Direction } from "#devices/vocabulary";

/** What the tender asks of who takes part. */
export type EnrolmentRules = {
  readonly carrier: Carrier;
  /** Region codes such as `BE-BRU`; `BE` covers all of `BE-…`. */
  readonly regions: readonly string[];
  readonly currency: string;
  /** Measured days (`SupplyPointVolume.basisDays`) that a supply point needs. */
  readonly measuredDaysMin: number;
  /** The newest measured day of what a device measures may be this many days before today. */
  readonly staleAfterDays: number;
  /** Today by the building's clock, `YYYY-MM-DD`. */
  readonly today: string;
};

export type EnrollingPoint = {
  readonly supplyPointId: number;
  readonly carrier: Carrier;
  readonly direction: Direction | "both";
  readonly scope: "common" | "private";
  readonly measuredDays: number;
  /** `YYYY-MM-DD`, or `null` without any. */
  readonly lastMeasuredDay: string | null;
  /** Whether a device measures it: then silence is a fault. History brought in files is what it is, however old. */
  readonly fedByDevice: boolean;
  /** The contract of today. */
  readonly contract: { readonly currency: string } | null;
  /** Whether a consent for `tender` is in force. */
  readonly tenderConsent: boolean;
};

export type EnrollingBuilding = {
  readonly region: string;
  readonly supplyPoints: readonly EnrollingPoint[];
  /** Tenders of this carrier, this one apart, that the building is in and that are neither in force nor cancelled. */
  readonly otherOpenTenderIds: readonly number[];
};

/** Its order is the order in which people are told. */
export type MissingCondition =
  | { readonly code: "region_not_covered"; readonly region: string }
  | { readonly code: "in_other_tender"; readonly tenderId: number }
  | { readonly code: "supply_point_missing" }
  | { readonly code: "consent_missing"; readonly supplyPointId: number }
  | { readonly code: "contract_missing"; readonly supplyPointId: number }
  | { readonly code: "contract_currency_other"; readonly supplyPointId: number; readonly currency: string }
  | {
      readonly code: "profile_too_short";
      readonly supplyPointId: number;
      readonly measuredDays: number;
      readonly neededDays: number;
    }
  | { readonly code: "profile_stale"; readonly supplyPointId: number; readonly lastMeasuredDay: string };

export type Enrolment = {
  /** The supply points that would take part. */
  readonly supplyPointIds: readonly number[];
  /** Empty: the building may join. */
  readonly missing: readonly MissingCondition[];
};

/**
 * Asked when a building joins, and of every participant again before publication: a profile may have gone stale since, a
 * consent withdrawn. Common parts take part as a whole; a private supply point only where its consent is there, and without it
 * its absence hinders nobody.
 */
export function enrolmentOf(building: EnrollingBuilding, rules: EnrolmentRules): Enrolment {
  const points = building.supplyPoints
    .filter((point) => point.carrier === rules.carrier && point.direction !== "export")
    .filter((point) => point.scope === "common" || point.tenderConsent)
    .toSorted((left, right) => left.supplyPointId - right.supplyPointId);
  const missing: MissingCondition[] = [];
  if (!rules.regions.some((region) => covers(region, building.region))) {
    missing.push({ code: "region_not_covered", region: building.region });
  }
  for (const tenderId of building.otherOpenTenderIds) missing.push({ code: "in_other_tender", tenderId });
  if (points.length === 0) missing.push({ code: "supply_point_missing" });
  for (const point of points) missing.push(...missingOf(point, rules));
  return { supplyPointIds: points.map(({ supplyPointId }) => supplyPointId), missing };
}

function covers(region: string, where: string): boolean {
  return where === region || where.startsWith(`${region}-`);
}

function missingOf(point: EnrollingPoint, rules: EnrolmentRules): MissingCondition[] {
  const { supplyPointId, contract } = point;
  const missing: MissingCondition[] = [];
  if (!point.tenderConsent) missing.push({ code: "consent_missing", supplyPointId });
  if (contract === null) missing.push({ code: "contract_missing", supplyPointId });
  else if (contract.currency !== rules.currency) {
    missing.push({ code: "contract_currency_other", supplyPointId, currency: contract.currency });
  }
  return [...missing, ...profileOf(point, rules)];
}

function profileOf(point: EnrollingPoint, rules: EnrolmentRules): MissingCondition[] {
  const { supplyPointId, measuredDays, lastMeasuredDay } = point;
  const neededDays = rules.measuredDaysMin;
  if (measuredDays < neededDays || lastMeasuredDay === null) {
    return [{ code: "profile_too_short", supplyPointId, measuredDays, neededDays }];
  }
  if (!point.fedByDevice) return [];
  const age = Temporal.PlainDate.from(lastMeasuredDay).until(rules.today, { largestUnit: "days" }).days;
  return age > rules.staleAfterDays ? [{ code: "profile_stale", supplyPointId, lastMeasuredDay }] : [];
}
