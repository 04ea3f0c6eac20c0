// A tender and what hangs on it, as rows: what the desk writes and the API shows.
import type { Carrier } from "#devices/vocabulary";

export type TenderRow = {
  readonly id: number;
  readonly organisationId: number;
  /** Name of the coordinator's organisation. */
  readonly organisation: string;
  readonly name: string;
  readonly carrier: Carrier;
  readonly regions: readonly string[];
  readonly timezone: string;
  readonly currency: string;
  /** Civil date, `YYYY-MM-DD`. */
  readonly deliveryStartsOn: string;
  readonly termMonths: number;
  readonly minimumCohort: number;
  readonly bidDeadline: Date;
  /** One of `TENDER_STATES`, which the table's check repeats. */
  readonly state: string;
  readonly createdAt: Date;
  readonly publishedAt: Date | null;
  readonly openedAt: Date | null;
  /** Buildings that take part now. */
  readonly participants: number;
  /** Suppliers with a bid before the deadline. */
  readonly bidders: number;
  readonly dossierHash: string | null;
  /** Hash of the last entry of the log that the viewer may read; `null` without any. */
  readonly logHead: string | null;
  /** `null` also for who may not see the bid that won. */
  readonly award: AwardRow | null;
};

export type AwardRow = {
  readonly bidId: number;
  readonly supplierId: number;
  readonly supplier: string;
  readonly priceNanoPerKwh: bigint;
  readonly annualFeeMicro: bigint;
  readonly greenMillionths: number;
  readonly awardedAt: Date;
  readonly reason: string;
};

export type BidRow = {
  readonly id: number;
  readonly tenderId: number;
  readonly supplierId: number;
  readonly supplier: string;
  readonly receivedAt: Date;
  readonly priceNanoPerKwh: bigint;
  readonly annualFeeMicro: bigint;
  readonly currency: string;
  readonly termMonths: number;
  readonly greenMillionths: number;
  readonly validUntil: Date;
  /** Random: without it nobody finds the bid by trying prices against its receipt, which the log shows. */
  readonly salt: string;
  /** SHA-256 of the bid's canonical JSON with its salt, hexadecimal. */
  readonly receipt: string;
};

export type DossierRow = {
  readonly tenderId: number;
  readonly publishedAt: Date;
  readonly hash: string;
  /** Canonical JSON with the hash. */
  readonly text: string;
  readonly profileCsv: string;
};

export type AwardedPointRow = {
  readonly supplyPointId: number;
  readonly code: string | null;
  readonly gridOperator: string;
  readonly kind: string;
  readonly building: string;
  readonly address: string;
  readonly postalCode: string;
  readonly annualWh: number;
};
