// Tenders in the database: what each viewer sees of them, and what the desk's steps write.
export type * from "./tender.ts";
export { findTender, listTenders, listTendersOfBuilding } from "./find-tenders.ts";
export * from "./lock-tender.ts";
export * from "./participants.ts";
export { enrollingBuildings, enrollingPoints, knownSupplyPoints, seenTenderPoints } from "./enrolling.ts";
export type { EnrollingBuildingRow, EnrollingPointRow, PresentContract } from "./enrolling.ts";
export * from "./status-days.ts";
export { profileState } from "./profile-state.ts";
export * from "./snapshot.ts";
export * from "./publications.ts";
export { findDossier, storeDossier } from "./dossiers.ts";
export { insertBid, listBids, loadBids } from "./bids.ts";
export { lastTenderEvent, listTenderEvents, storeTenderEvent } from "./tender-log.ts";
export type { TenderEventRow } from "./tender-log.ts";
export { conflictingContracts, listAwardedPoints, storeAward, storeAwardedContracts } from "./awards.ts";
