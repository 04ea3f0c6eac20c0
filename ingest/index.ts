// The door of ingest: messages in, acknowledgement after the commit.
export { createIngest, type Ingest, type IngestOptions, type LiveTap } from "./ingest.ts";
export type { IngestMessage } from "./message.ts";
export { DEFAULT_LIMITS, type IngestLimits } from "./limits.ts";
export { COMMIT_SECONDS_BOUNDS, type Histogram, type IngestMetrics } from "./metrics.ts";

// History that comes in files.
export { decodeIntervalCsv } from "./imports/interval-csv.ts";
export type { DecodedFile, FileError, ImportTarget, IntervalCsvOptions } from "./imports/interval-csv.ts";
