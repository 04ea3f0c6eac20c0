// Quarantine: what waits in it and why, read again after a fix, and deleted by declared policy only.
export { QUARANTINE_POLICY, type QuarantineQuota } from "./quarantine-policy.ts";
export { applyQuarantinePolicy, type PolicyDeletions } from "./apply-policy.ts";
export { findQuarantined, listQuarantine } from "./list-quarantine.ts";
export type { QuarantineFilter, QuarantinedMessage } from "./list-quarantine.ts";
export { NO_DEVICE_PAGE_KEY, quarantineByDevice, quarantineByReason } from "./summarise-quarantine.ts";
export type { DeviceQuarantine, ReasonCount } from "./summarise-quarantine.ts";
export { policyDeletions, type PolicyDeletion } from "./policy-deletions.ts";
export { moveUnclaimed, requestReplay, requestSeenReplay } from "./request-replay.ts";
export { claimReplay, claimReplays, type ClaimedReplays, type ReplayMessage } from "./claim-replays.ts";
export { storedValues, type StoredValues } from "./stored-values.ts";
