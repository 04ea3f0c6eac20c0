// The door to the mathematics: load profiles as series over civil time.
export { createChangeWaker, type ChangeWaker } from "./change-waker.ts";
export { loadSeries, LOAD_RESOLUTIONS } from "./load/load-series.ts";
export type { LoadPoint, LoadQuality, LoadRequest, LoadResolution } from "./load/load-series.ts";
export { sumLoads } from "./load/sum-loads.ts";
export { registerAccount, type AccountEnd, type RegisterAccount } from "./account/register-account.ts";
export { calorificIn, calorificSteps, coversFrom, gasEnergy } from "./calorific/gas-energy.ts";
export { countsOf, rulingChoices } from "./profile/ruling-choices.ts";
export { FINDING_UNITS, SEVERITIES, VALIDATION_RULES, type Finding } from "./vee/rules.ts";
export { ESTIMATE_METHODS } from "./vee/estimate-gaps.ts";
export { estimateRuns } from "./vee/estimate-runs.ts";
export { validateSupplyPoint } from "./vee/validate-supply-point.ts";
export { civilCalendar, wholeDays } from "./load/civil-days.ts";
export type { CivilCalendar } from "./load/civil-days.ts";
export { hidesAll, hideSmallCohorts } from "./load/hide-small-cohorts.ts";

// What energy weighs, and what a change of contract saves.
export { SHIPPED_FACTORS } from "./emissions/factors.ts";
export type { FactorTable } from "./emissions/factors.ts";
export { kilograms } from "./emissions/emissions-of.ts";
export type { Emission } from "./emissions/emissions-of.ts";
export { emissionSeries, usedFactors } from "./emissions/emission-series.ts";
export type { EmissionSeries, EmittingSupplyPoint, UsedFactors } from "./emissions/emission-series.ts";
export { savingItems, sumMonths, sumSavings } from "./savings/price-effect.ts";
export type { Saving, SavingItem, SavingMonth, SavingPoint, Switch } from "./savings/price-effect.ts";
export { contractInForce } from "./savings/contract-in-force.ts";
export { hiddenSavings } from "./savings/hidden-savings.ts";
export { addPromises, promiseOf, promisedAnnualMicro } from "./savings/promise.ts";
export type { SavingPromise } from "./savings/promise.ts";
export { shareOf } from "./tender/exact.ts";

// A tender's pure core: life, log, sizing, gate, dossier, enrolment, bids, evaluation.
export { STATE_REFUSALS, transition, TENDER_EVENTS, TENDER_STATES } from "./tender/states.ts";
export type { StateRefusal, TenderEvent, TenderEventKind, TenderState } from "./tender/states.ts";
export { genesisHash, nextEntry, verifyLog } from "./tender/log.ts";
export type { EventFacts, LogEntry, LogVerdict } from "./tender/log.ts";
export { canonicalHash, canonicalJson } from "./tender/canonical-json.ts";
export type { CanonicalValue } from "./tender/canonical-json.ts";
export type { SupplyPointSeries } from "./tender/supply-point-series.ts";
export { GroupSizing, sizeGroup } from "./tender/sizing.ts";
export type { GroupFigures, GroupProfile, Sizing, SizingRequest } from "./tender/sizing.ts";
export type { SupplyPointVolume } from "./tender/supply-point-volume.ts";
export type { TenderPeriod } from "./tender/tender-calendar.ts";
export { participantMonths } from "./tender/participant-months.ts";
export type { ParticipantMonths } from "./tender/participant-months.ts";
export { DEFAULT_SHARE_PERCENT_MAX, publicationRefusals } from "./tender/privacy.ts";
export type { PrivacyRules, Publication, PublicationRefusal } from "./tender/privacy.ts";
export { dossierOf, isDossierIntact, profileCsv, revisionShare } from "./tender/dossier.ts";
export type { Dossier, LotInput, SupplyPointCount } from "./tender/dossier.ts";
export { enrolmentOf } from "./tender/enrolment.ts";
export type {
  Enrolment,
  EnrollingBuilding,
  EnrollingPoint,
  EnrolmentRules,
  MissingCondition,
} from "./tender/enrolment.ts";
export {
  AWARD_REFUSALS,
  awardRefusals,
  BID_REFUSALS,
  bidRefusals,
  countingBids,
  DEFAULT_BID_BOUNDS,
} from "./tender/bids.ts";
export type {
  AwardRefusal,
  BidRefusal,
  BidRules,
  BidSubmission,
  BidTerms,
  StoredBid,
} from "./tender/bids.ts";
export { billOf } from "./tender/bill.ts";
export type { Bill, BilledLoad, EnergyPrice, Tariff } from "./tender/bill.ts";
export { evaluateOffers } from "./tender/evaluation.ts";
export type { BidResult, EvaluatedPoint, Offer, PointResult } from "./tender/evaluation.ts";

// The tender desk: every write of a tender, and what each viewer is shown.
export {
  advanceTenders,
  awardTender,
  cancelTender,
  createTender,
  enrolTender,
  evaluationOf,
  joinTender,
  leaveTender,
  openTender,
  participantsOf,
  previewOf,
  publishTender,
  revisionOf,
  seriesInBatches,
  submitBid,
  tendersOfBuilding,
  withdrawFromTender,
} from "./tender-desk/index.ts";
export type {
  BidInput,
  BidReceipt,
  BuildingTenderView,
  Desk,
  EvaluatedBid,
  EvaluationView,
  NewTender,
  ParticipantView,
  PreviewView,
  PublicationFault,
  RevisionView,
} from "./tender-desk/index.ts";
export type { MissingCondition as TenderMissingCondition } from "./tender-desk/desk.ts";
