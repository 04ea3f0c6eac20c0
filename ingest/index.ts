// The door of ingest: messages in, acknowledgement after the commit.
export { createIngest, type Ingest, type IngestOptions, type OnLiveRow } from "./ingest.ts";
export { createLiveTap } from "./live-tap.ts";
export { AckLine } from "./ack-line.ts";
export { HeardDevices } from "./heard-devices.ts";
export { MESSAGE_OVERHEAD_BYTES, tellTakenIn, waitingBytesOf } from "./taken-in.ts";
export type { IngestMessage } from "./message.ts";
export { liveEntries, type LiveRow } from "./live-row.ts";
export { DEFAULT_LIMITS, type IngestLimits } from "./limits.ts";
export { COMMIT_SECONDS_BOUNDS, type IngestMetrics } from "./metrics.ts";
export { showIngest, showLiveTap } from "./show-ingest.ts";

// History that comes in files.
export { decodeIntervalCsv } from "./imports/interval-csv.ts";
export type { DecodedFile, FileError, ImportTarget, IntervalCsvOptions } from "./imports/interval-csv.ts";

// What waits in quarantine, read again.
export { createReplayer, type Replayer } from "./replay/replayer.ts";
