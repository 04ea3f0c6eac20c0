// Group tenders: the call, who takes part, the dossier, bids, their evaluation, the award and what came of it.
import { Type } from "typebox";
import { TENDER_EVENTS, TENDER_STATES } from "#analytics";
import { CARRIERS } from "#devices/vocabulary";
import {
  CivilDate,
  Id,
  Instant,
  body,
  decimal,
  listOf,
  named,
  nullable,
  oneOf,
  query,
  ref,
  text,
} from "./shape.ts";

const Share = Type.Number({ minimum: 0, maximum: 1 });
const Wh = Type.Integer({ description: "Wh; litres for gas and water." });
const Hash = Type.String({ pattern: "^[0-9a-f]{64}$", description: "SHA-256, hexadecimal." });
const Region = Type.String({
  pattern: "^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
  description: "`BE-BRU`, or `BE` for all of `BE-…`.",
  examples: ["BE-BRU"],
});
const Currency = Type.String({ pattern: "^[A-Z]{3}$", examples: ["EUR"] });
const Price = decimal(9, "0.123363");
const Amount = decimal(6, "60.00");

const award = {
  bidId: Id,
  supplierId: Id,
  supplier: Type.String(),
  pricePerKwh: Price,
  annualFee: Amount,
  greenShare: Share,
  awardedAt: Instant,
  reason: Type.String(),
};

export const Tender = named("Tender", {
  id: Id,
  organisationId: Id,
  organisation: Type.String({ description: "Name of the coordinator's organisation." }),
  name: Type.String(),
  carrier: oneOf(CARRIERS),
  regions: Type.Array(Region),
  timezone: Type.String(),
  currency: Currency,
  deliveryStart: CivilDate,
  termMonths: Type.Integer(),
  minimumCohort: Type.Integer({ description: "Buildings that must take part for anything to be published." }),
  bidDeadline: Instant,
  state: oneOf(TENDER_STATES),
  createdAt: Instant,
  publishedAt: nullable(Instant),
  openedAt: nullable(Instant),
  participants: Type.Integer({ description: "Buildings that take part now." }),
  sealedBids: nullable(
    Type.Integer({
      description: "Suppliers with a bid that counts; told to who runs the tender, else null.",
    }),
  ),
  dossierHash: nullable(Hash),
  logHead: Type.String({
    description: "Hash of the last entry of the log that the viewer may read; without one, the genesis.",
  }),
  award: nullable(
    Type.Object(award, { description: "null before the award, and to who may not read the bid that won." }),
  ),
});
export const TenderList = listOf(Tender);

export const NewTender = body("NewTender", {
  name: text(200),
  carrier: oneOf(CARRIERS),
  regions: Type.Array(Region, { minItems: 1, maxItems: 20, description: "Of one country." }),
  deliveryStart: CivilDate,
  termMonths: Type.Integer({ minimum: 1, maximum: 120 }),
  minimumCohort: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description: "Default, and least: the installation's KOPROGO_COHORT_MIN.",
    }),
  ),
  bidDeadline: Instant,
  currency: Type.Optional(Currency),
  draft: Type.Optional(
    Type.Boolean({
      description: "true: nobody else sees it until `POST …/enrol`. Default: enrolment opens at once.",
    }),
  ),
});

export const TenderBuilding = body("TenderBuilding", { buildingId: Id });
export const Withdrawal = body("Withdrawal", { buildingId: Id, reason: text(1000) });
export const TenderReason = body("TenderReason", { reason: text(1000) });

/** One of `enrolment.ts`'s codes with what it is about. */
const MissingCondition = Type.Object({
  code: oneOf([
    "region_not_covered",
    "in_other_tender",
    "supply_point_missing",
    "consent_missing",
    "contract_missing",
    "contract_currency_other",
    "profile_too_short",
    "profile_stale",
    "profile_pending",
    "energy_unknown",
    "contract_follows",
    "private_supply_point",
  ]),
  supplyPointId: Type.Optional(Id),
  tenderId: Type.Optional(Id),
  region: Type.Optional(Type.String()),
  currency: Type.Optional(Type.String()),
  measuredDays: Type.Optional(Type.Integer()),
  neededDays: Type.Optional(Type.Integer()),
  lastMeasuredDay: Type.Optional(CivilDate),
});

export const TenderParticipant = named("TenderParticipant", {
  buildingId: Id,
  building: Type.String({ description: "Name." }),
  region: Type.String(),
  joinedAt: Instant,
  leftAt: nullable(Instant),
  supplyPoints: Type.Integer(),
  annualWh: nullable(Wh),
  basisDays: nullable(Type.Integer()),
  missing: Type.Array(MissingCondition, {
    description: "What would keep it from publication; empty: nothing.",
  }),
});
export const TenderParticipantList = listOf(TenderParticipant);

/** A tender as seen from a building. */
export const BuildingTender = named("BuildingTender", {
  tender: ref(Tender),
  joined: Type.Boolean(),
  mayJoin: Type.Boolean({
    description: "The viewer may join it now: enrolment is open, nothing is missing.",
  }),
  mayLeave: Type.Boolean(),
  mayWithdraw: Type.Boolean({ description: "After publication, until the award; needs a reason." }),
  supplyPoints: Type.Integer({ description: "Supply points that take part, or would." }),
  missing: Type.Array(MissingCondition),
  /** After the opening, of the bids that count, as far as the viewer may see them. */
  annualWh: nullable(Wh),
  currentCost: nullable(Amount),
  offeredCost: nullable(Amount),
  saving: nullable(Amount),
});
export const BuildingTenderList = listOf(BuildingTender);

const lotFigures = {
  carrier: oneOf(CARRIERS),
  from: CivilDate,
  to: CivilDate,
  timezone: Type.String(),
  participants: Type.Integer(),
  supplyPointsTotal: Type.Integer(),
  supplyPoints: Type.Array(
    Type.Object({ gridOperator: Type.String(), kind: Type.String(), count: Type.Integer() }),
  ),
  measuredWh: Wh,
  annualWh: Wh,
  basisDays: Type.Integer(),
  extrapolated: Type.Boolean(),
  quality: Type.Object({ measured: Share, estimated: Share, missing: Share }),
  peakShare: Share,
  maxW: Type.Integer(),
  maxAt: Instant,
  loadFactor: Share,
  coincidence: Share,
  winterShare: Share,
  monthlyWh: Type.Array(Type.Object({ month: Type.String({ examples: ["2026-01"] }), wh: Wh })),
};
const Lot = Type.Object({ ...lotFigures, profileSha256: Hash });
/** Described here, but sent as the canonical text that was hashed. */
export const Dossier = named("Dossier", { hash: Hash, publishedAt: Instant, lots: Type.Array(Lot) });

/** What a publication would be refused with: of the gate, or of participants that lack something. */
const PublicationRefusal = Type.Object({
  code: oneOf(["cohort_too_small", "dominant_participant", "conditions_missing"]),
  scope: Type.Optional(oneOf(["publication", "difference"])),
  month: Type.Optional(
    nullable(Type.String({ description: "`YYYY-MM`; `year`: the annual volume; null: the whole period." })),
  ),
  buildingIds: Type.Optional(
    Type.Array(Id, {
      description: "Who is too few, or who dominates, as far as they are in this publication.",
    }),
  ),
  participants: Type.Optional(
    Type.Array(Type.Object({ buildingId: Id, missing: Type.Array(MissingCondition) })),
  ),
});
export const TenderPreview = named("TenderPreview", {
  asOf: Instant,
  lot: nullable(
    Type.Object(lotFigures, { description: "As the dossier would show it now; null: it would be refused." }),
  ),
  refusals: Type.Array(PublicationRefusal, { description: "Empty: it could be published." }),
});

export const DossierRevision = named("DossierRevision", {
  asOf: Instant,
  publishedWh: Wh,
  presentWh: nullable(
    Type.Integer({
      description: "For who runs the tender; null for everybody else, and when somebody has left.",
    }),
  ),
  revisedShare: nullable(
    Type.Number({
      description:
        "Signed share of what was published; to the percent for who does not run the tender; null: withheld.",
    }),
  ),
});

/** The aggregated profile as numbers, for charts; the same as the dossier's CSV. */
export const DossierProfile = named("DossierProfile", {
  from: Instant,
  timezone: Type.String(),
  unit: oneOf(["Wh", "l"]),
  quarters: Type.Array(nullable(Type.Integer()), {
    description: "One per quarter-hour from `from` on; null where missing or withheld.",
  }),
});

const bid = {
  pricePerKwh: Price,
  annualFee: decimal(6, "60.00"),
  currency: Currency,
  vat: oneOf(["included", "excluded"]),
  termMonths: Type.Integer(),
  greenShare: Type.Number({ description: "Certified share of 0 to 1." }),
};
/** Loose on purpose: what does not fit the call, the rules of a bid refuse by name (`bid_refused`). */
export const NewBid = body("NewBid", {
  lotId: Type.Optional(nullable(Id)),
  ...bid,
  validUntil: Type.Optional(
    Type.String({ format: "date-time", description: "Default: 60 days after the deadline." }),
  ),
});

export const Bid = named("Bid", {
  id: Id,
  tenderId: Id,
  supplierId: Id,
  supplier: Type.String(),
  ...bid,
  validUntil: Instant,
  receivedAt: Instant,
  counts: Type.Boolean({ description: "The supplier's last before the deadline." }),
  salt: Type.String({
    description: "Random, so that nobody finds the bid by trying prices against its receipt.",
  }),
  receipt: Type.String({
    description: "SHA-256 of the bid's canonical JSON with its salt; the log names it.",
  }),
  logHead: nullable(
    Type.String({ description: "On submission: the hash of the log entry that records it. Keep it." }),
  ),
});
export const BidList = listOf(Bid);

const EvaluatedParticipant = Type.Object({
  buildingId: Id,
  building: Type.String(),
  supplyPointId: Id,
  annualWh: Wh,
  currentCost: Amount,
  offeredCost: Amount,
  saving: Amount,
});
const EvaluatedBid = Type.Object({
  bidId: Id,
  rank: Type.Integer({ minimum: 1 }),
  supplierId: Id,
  supplier: Type.String(),
  pricePerKwh: Price,
  annualFee: Amount,
  greenShare: Share,
  validUntil: Instant,
  annualCost: Amount,
  currentCost: Amount,
  saving: Amount,
  winners: Type.Integer({ description: "Buildings that would pay less than now." }),
  losers: Type.Integer({ description: "Buildings that would pay more." }),
  participants: Type.Array(EvaluatedParticipant, { description: "Those that the viewer may see." }),
});
export const Evaluation = named("Evaluation", {
  tenderId: Id,
  currency: Currency,
  vat: oneOf(["excluded"]),
  asOf: Instant,
  participants: Type.Integer({ description: "Buildings whose consent stands." }),
  annualWh: Wh,
  bids: Type.Array(EvaluatedBid),
});

export const AwardRequest = body("AwardRequest", { bidId: Id, reason: Type.Optional(text(1000)) });

/** For the winner, after the award. */
export const AwardedSupplyPoint = named("AwardedSupplyPoint", {
  supplyPointId: Id,
  code: nullable(Type.String()),
  gridOperator: Type.String(),
  kind: Type.String(),
  building: Type.String(),
  address: Type.String(),
  postalCode: Type.String(),
  annualWh: Wh,
});
export const AwardedSupplyPointList = listOf(AwardedSupplyPoint);

/** `event` and what follows is read out of `text`; null where it cannot be read any more, and the log is not intact. */
export const TenderEvent = named("TenderEvent", {
  sequence: Type.Integer(),
  previousHash: Type.String(),
  hash: Type.String(),
  text: Type.String({ description: "Canonical JSON (RFC 8785), byte for byte what was hashed." }),
  event: nullable(oneOf(TENDER_EVENTS)),
  at: nullable(Instant),
  by: nullable(Type.String({ description: "Account, or null for the clock." })),
  reason: nullable(Type.String()),
  state: nullable(oneOf(TENDER_STATES)),
});
export const TenderLog = named("TenderLog", {
  items: Type.Array(ref(TenderEvent)),
  nextCursor: nullable(Type.String()),
  genesis: Hash,
  head: Hash,
  intact: Type.Boolean(),
});

export const TenderQuery = query({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
  state: Type.Optional(oneOf(TENDER_STATES)),
});
