// Why a connector does not get through, as a code that the dashboard has words for, and as a sentence.
import type { CloseReason } from "../upstream/mqtt-connection.ts";

export const CONNECTOR_FAULTS = [
  "credentials_refused",
  "subscription_refused",
  "connection_refused",
  "name_not_found",
  "timed_out",
  "connection_lost",
  "closed_at_once",
  "certificate_untrusted",
  "address_forbidden",
  "password_unreadable",
  "protocol_broken",
  "other",
] as const;
export type ConnectorFaultCode = (typeof CONNECTOR_FAULTS)[number];

export type ConnectorFault = {
  readonly code: ConnectorFaultCode;
  /** For people; no secret is in it. */
  readonly detail: string;
  /** The broker said no, or a person has to mend something: trying again soon does not help. */
  readonly needsPerson: boolean;
};

const NEED_PERSON: ReadonlySet<ConnectorFaultCode> = new Set([
  "credentials_refused",
  "subscription_refused",
  "certificate_untrusted",
  "address_forbidden",
  "password_unreadable",
]);
const DETAIL_MAX = 300;

export const PASSWORD_UNREADABLE = "PASSWORD_UNREADABLE";

/** Of errors of Node and OpenSSL by their code; of CONNACK by its number [MQTT-3.2.2.3]. */
const BY_CODE: ReadonlyMap<unknown, ConnectorFaultCode> = new Map<unknown, ConnectorFaultCode>([
  [1, "protocol_broken"],
  [2, "credentials_refused"],
  [4, "credentials_refused"],
  [5, "credentials_refused"],
  ["ENOTFOUND", "name_not_found"],
  ["EAI_AGAIN", "name_not_found"],
  ["ECONNREFUSED", "connection_refused"],
  ["EHOSTUNREACH", "connection_refused"],
  ["ENETUNREACH", "connection_refused"],
  ["ETIMEDOUT", "timed_out"],
  ["ADDRESS_FORBIDDEN", "address_forbidden"],
  [PASSWORD_UNREADABLE, "password_unreadable"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate_untrusted"],
]);

/** `wasConnected`: it had let us in before the connection ended. */
export function connectorFault(
  { refused, error, subscription = false }: CloseReason,
  wasConnected: boolean,
): ConnectorFault {
  const code = codeOf(refused, error, subscription, wasConnected);
  return { code, detail: detailOf(error, wasConnected), needsPerson: NEED_PERSON.has(code) };
}

function codeOf(
  refused: boolean,
  error: Error | undefined,
  subscription: boolean,
  wasConnected: boolean,
): ConnectorFaultCode {
  if (subscription) return "subscription_refused";
  const cut = wasConnected ? "connection_lost" : "closed_at_once";
  if (error === undefined) return cut;
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const code: unknown = first instanceof Error && "code" in first ? first.code : undefined;
  if (code === "ECONNRESET" || code === "EPIPE") return cut;
  const known = BY_CODE.get(code);
  if (known !== undefined) return known;
  const word = typeof code === "string" ? code : "";
  if (/CERT|SIGNATURE|ISSUER|CRL/.test(word)) return "certificate_untrusted";
  if (/timeout|timed out/i.test(error.message)) return "timed_out";
  if (refused || /^ERR_SSL|^EPROTO/.test(word)) return "protocol_broken";
  return wasConnected ? "connection_lost" : "other";
}

function detailOf(error: Error | undefined, wasConnected: boolean): string {
  if (error === undefined)
    return wasConnected ? "The broker closed the connection." : "The broker closed the connection at once.";
  const messages = [error, error.cause].flatMap((one) => (one instanceof Error ? [one.message] : []));
  // A host with several addresses fails once for each.
  if (error instanceof AggregateError)
    messages.push(...error.errors.flatMap((one) => (one instanceof Error ? [one.message] : [])));
  const text = messages
    .filter((message) => message !== "")
    .join(": ")
    .replaceAll("\0", "");
  return text.slice(0, DETAIL_MAX).toWellFormed();
}
