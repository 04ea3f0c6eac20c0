// What a connector's card says: which words, and how alarming. Pure, so that no state is without any.
import type { Connector } from "../data/api.ts";
import type { MessageKey } from "../text/messages.ts";

/** `good`: it hears. `waits`: it will by itself. `alarm`: somebody has to mend something. */
export type Tone = "good" | "waits" | "alarm";

export const STATE_TEXTS = {
  waiting: "connectors.waiting",
  connecting: "connectors.connecting",
  connected: "connectors.connected",
  refused: "connectors.refused",
  unreachable: "connectors.unreachable",
} as const satisfies Record<Connector["state"], MessageKey>;

export const KIND_TEXTS = {
  "the-things-stack": "connectors.theThingsStack",
  chirpstack: "connectors.chirpstack",
  sinapsi: "connectors.sinapsi",
  custom: "connectors.custom",
} as const satisfies Record<Connector["kind"], MessageKey>;

type FaultCode = NonNullable<Connector["lastError"]>["code"];

/** The cause, and what to do about it. */
export const FAULT_TEXTS = {
  credentials_refused: "connectors.faultCredentials",
  subscription_refused: "connectors.faultSubscription",
  connection_refused: "connectors.faultConnection",
  name_not_found: "connectors.faultName",
  timed_out: "connectors.faultTimeout",
  connection_lost: "connectors.faultLost",
  closed_at_once: "connectors.faultClosed",
  certificate_untrusted: "connectors.faultCertificate",
  address_forbidden: "connectors.faultAddress",
  password_unreadable: "connectors.faultKey",
  protocol_broken: "connectors.faultProtocol",
  other: "connectors.faultOther",
} as const satisfies Record<FaultCode, MessageKey>;

export function toneOf({ state }: Pick<Connector, "state">): Tone {
  if (state === "connected") return "good";
  return state === "refused" ? "alarm" : "waits";
}

/** What went wrong, as long as it does: one that is over is nobody's concern. */
export function presentFault({ state, lastError }: Connector): FaultCode | undefined {
  return state === "refused" || state === "unreachable" ? lastError?.code : undefined;
}

/** The broker as people know it: without its scheme, and without a port that says nothing. */
export function brokerName(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url;
}
