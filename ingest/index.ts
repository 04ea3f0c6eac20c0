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
export { readHistory } from "./imports/read-history.ts";
export { IMPORT_FORMATS, DETECTION_BYTES, detectFormat } from "./imports/formats.ts";
export type { DecodedFile, FileError, HistoryOptions, Progress } from "./imports/read-history.ts";
export type { ImportTarget } from "./imports/format.ts";
export type { ImportFormat } from "./imports/formats.ts";

// What waits in quarantine, read again.
export { createReplayer, type Replayer } from "./replay/replayer.ts";

// What lies on brokers of others.
export { runConnectors, type Connectors, type ConnectorsOptions } from "./connectors/connectors.ts";
export { CONNECTOR_FAULTS } from "./connectors/connector-fault.ts";
export { CONNECTOR_SCHEMES, targetOf, type UrlFault } from "./connectors/address.ts";
export { CONNECTOR_PRESETS, isTopicFilter, presetTopics } from "./connectors/presets.ts";
export { showConnectors } from "./show-ingest.ts";
