// Connectors: subscriptions at brokers of others, their passwords at rest, and which process holds each.
export * from "./connectors.ts";
export * from "./hold-connectors.ts";
export * from "./secret-box.ts";
export * from "./session-clients.ts";
