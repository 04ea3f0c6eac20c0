// What the tender desk is given and what it answers: the types of every step from draft to award.
import type { TimeSource } from "#devices/time";
import type { Carrier } from "#devices/vocabulary";
import type { BidRow, Pool, TenderRow } from "#store";
import type { BidResult } from "../tender/evaluation.ts";
import type { LotFigures } from "../tender/dossier.ts";
import type { MissingCondition as EnrolmentCondition } from "../tender/enrolment.ts";
import type { PublicationRefusal } from "../tender/privacy.ts";

/** No step keeps anything between calls: state is in the database. What is remembered (`sizing-memory.ts`) can be found anew. */
export type Desk = {
  readonly pool: Pool;
  readonly time: TimeSource;
  /** Fewest participants of anything published (`KOPROGO_COHORT_MIN`). */
  readonly cohortMin: number;
};

export type NewTender = {
  readonly name: string;
  readonly carrier: Carrier;
  readonly regions: readonly string[];
  readonly deliveryStartsOn: string;
  readonly termMonths: number;
  /** `undefined`: the installation's minimum. Never below it. */
  readonly minimumCohort: number | undefined;
  readonly bidDeadlineMs: number;
  readonly currency: string;
  readonly draft: boolean;
};

/**
 * `profile_pending`: readings have arrived that the profile does not contain yet; a minute later it does.
 * `energy_unknown`: its meter counts volume, which has no price per kWh until a calorific value makes energy of it.
 * `contract_follows`: another contract of it begins within the term.
 * `private_supply_point`: something of a supply point that the viewer may not know of; no more than that is told.
 */
export type MissingCondition =
  | EnrolmentCondition
  | { readonly code: "profile_pending"; readonly supplyPointId: number }
  | { readonly code: "energy_unknown"; readonly supplyPointId: number }
  | { readonly code: "contract_follows"; readonly supplyPointId: number }
  | { readonly code: "private_supply_point" };

export type ParticipantView = {
  readonly buildingId: number;
  readonly building: string;
  readonly region: string;
  readonly joinedAt: Date;
  readonly leftAt: Date | null;
  readonly supplyPoints: number;
  /** Of the supply points whose energy the viewer may see; `null` where it is not known of each of them. */
  readonly annualWh: number | null;
  readonly basisDays: number | null;
  readonly missing: readonly MissingCondition[];
};

/** A tender as seen from one building. Amounts in micro-units of the tender's currency, without VAT. */
export type BuildingTenderView = {
  readonly tender: TenderRow;
  readonly joined: boolean;
  readonly mayJoin: boolean;
  readonly mayLeave: boolean;
  readonly mayWithdraw: boolean;
  readonly supplyPoints: number;
  readonly missing: readonly MissingCondition[];
  readonly annualWh: number | null;
  /** Of the awarded bid; before the award, of the bid of rank 1; `null` before the opening. */
  readonly currentCostMicro: bigint | null;
  readonly offeredCostMicro: bigint | null;
  readonly savingMicro: bigint | null;
};

export type BidInput = {
  readonly lotId: number | null;
  readonly priceNanoPerKwh: bigint;
  readonly annualFeeMicro: bigint;
  readonly currency: string;
  readonly vat: "included" | "excluded";
  readonly termMonths: number;
  readonly greenMillionths: number;
  /** `undefined`: 60 days after the deadline. */
  readonly validUntilMs: number | undefined;
};

export type BidReceipt = BidRow & { readonly counts: boolean; readonly logHead: string };

export type EvaluatedBid = {
  readonly bid: BidRow;
  readonly currentCostMicro: bigint;
  /** Its points are those that the viewer may see; its sums are of all. */
  readonly result: BidResult;
};

export type EvaluationView = {
  readonly tender: TenderRow;
  readonly asOfMs: number;
  readonly participants: number;
  readonly annualWh: number;
  readonly bids: readonly EvaluatedBid[];
  /** Names of the buildings in `points`. */
  readonly buildings: ReadonlyMap<number, string>;
};

/** What would refuse a publication. Identifiers are of buildings. */
export type PublicationFault =
  | PublicationRefusal
  | {
      readonly code: "conditions_missing";
      readonly participants: readonly {
        readonly buildingId: number;
        readonly missing: readonly MissingCondition[];
      }[];
    };

/** The lot that a publication would show now, or why there would be none. */
export type PreviewView = {
  readonly asOfMs: number;
  readonly lot: LotFigures | null;
  readonly refusals: readonly PublicationFault[];
};

export type RevisionView = {
  readonly asOfMs: number;
  readonly publishedWh: number;
  /** `null`: withheld, because the difference would tell of too few. */
  readonly presentWh: number | null;
  readonly revisedShare: number | null;
};
