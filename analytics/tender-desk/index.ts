// The tender desk: each step of a tender is load, compute, save, in one transaction.
export type * from "./desk.ts";
export { createTender } from "./create-tender.ts";
export { enrolTender, joinTender, leaveTender, withdrawFromTender } from "./take-part.ts";
export { publishTender } from "./publish-tender.ts";
export { submitBid } from "./submit-bid.ts";
export { cancelTender, openTender } from "./open-tender.ts";
export { evaluationOf } from "./evaluation-view.ts";
export { awardTender } from "./award-tender.ts";
export { advanceTenders } from "./advance-tenders.ts";
export { previewOf } from "./group-so-far.ts";
export { participantsOf } from "./participants-view.ts";
export { tendersOfBuilding } from "./building-view.ts";
export { revisionOf } from "./revision-view.ts";
export { seriesInBatches } from "./series-in-batches.ts";
