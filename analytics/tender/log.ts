// What happened to a tender, append-only: each entry carries the hash of the one before, so no byte of the past can change.
//
//   genesis(tender) ◀── entry 1 ◀── entry 2 ◀── … ◀── head
//                        hash = SHA-256( previousHash + "\n" + canonical JSON of the entry )
import { canonicalHash, canonicalJson, sha256, type CanonicalValue } from "./canonical-json.ts";
import {
  TENDER_EVENTS,
  transition,
  type StateRefusal,
  type TenderEvent,
  type TenderEventKind,
  type TenderState,
} from "./states.ts";

/** As stored. `text` is kept byte for byte (a `text` column, not `jsonb`): the hash is over it. */
export type LogEntry = {
  /** From 1, without a gap. */
  readonly sequence: number;
  readonly previousHash: string;
  readonly text: string;
  readonly hash: string;
};

/** What an event did, for the record: a dossier's hash, a bid's id, the building that joined. */
export type EventFacts = { readonly [name: string]: CanonicalValue };

export type LogVerdict =
  /** `head` is the last entry's hash; of an empty log, the genesis. */
  | { readonly intact: true; readonly head: string; readonly state: TenderState }
  | { readonly intact: false; readonly sequence: number; readonly fault: LogFault };

/**
 * `order` sequence numbers are not 1, 2, 3 … · `link` does not follow its predecessor · `hash` text and hash disagree ·
 * `form` the text is not the canonical JSON of an event · `transition` the event was impossible then · `head` whole and in
 * order, but not the log that the witness has seen (cut off, or written anew).
 */
export type LogFault = "order" | "link" | "hash" | "form" | "transition" | "head";

/** Where a chain begins: two tenders never share one, so an entry cannot move from one log into another. */
export function genesisHash(tenderId: number): string {
  return canonicalHash({ log: "koprogo tender log 1", tenderId });
}

/**
 * The entry that follows `last` (`undefined`: the first) in a tender that is in `state`, and the state after it; or why it
 * cannot happen. Storing it needs the tender's row locked, or two entries follow the same one.
 */
export function nextEntry(
  tenderId: number,
  last: LogEntry | undefined,
  state: TenderState,
  event: TenderEvent,
  facts: EventFacts,
):
  | { readonly allowed: true; readonly entry: LogEntry; readonly state: TenderState }
  | { readonly allowed: false; readonly refusal: StateRefusal } {
  const outcome = transition(state, event);
  if (!outcome.allowed) return outcome;
  const sequence = (last?.sequence ?? 0) + 1;
  const previousHash = last?.hash ?? genesisHash(tenderId);
  const text = canonicalJson({
    sequence,
    event: event.kind,
    at: new Date(event.atMs).toISOString(),
    by: event.by === null ? null : String(event.by.accountId),
    reason: event.reason,
    state: outcome.state,
    facts,
  });
  return {
    allowed: true,
    state: outcome.state,
    entry: { sequence, previousHash, text, hash: entryHash(previousHash, text) },
  };
}

/**
 * Reads the log as a stranger would. A chain alone cannot show that its end was cut off, or that all of it was written
 * anew: `witnessed` is a head that somebody keeps elsewhere (a dossier, a bid's receipt) and must be in the chain.
 */
export function verifyLog(tenderId: number, entries: readonly LogEntry[], witnessed?: string): LogVerdict {
  let state: TenderState = "draft";
  let head = genesisHash(tenderId);
  let seen = witnessed === undefined || witnessed === head;
  for (const [index, entry] of entries.entries()) {
    const sequence = index + 1;
    const fault = faultOf(entry, sequence, head);
    if (fault !== undefined) return { intact: false, sequence, fault };
    const event = eventOf(entry.text);
    if (event === undefined || event.sequence !== sequence) return { intact: false, sequence, fault: "form" };
    const outcome = transition(state, event);
    if (!outcome.allowed || outcome.state !== event.state)
      return { intact: false, sequence, fault: "transition" };
    state = outcome.state;
    head = entry.hash;
    seen ||= witnessed === head;
  }
  return seen ? { intact: true, head, state } : { intact: false, sequence: entries.length, fault: "head" };
}

function faultOf(entry: LogEntry, sequence: number, head: string): LogFault | undefined {
  if (entry.sequence !== sequence) return "order";
  if (entry.previousHash !== head) return "link";
  if (entry.hash !== entryHash(entry.previousHash, entry.text)) return "hash";
  return undefined;
}

function entryHash(previousHash: string, text: string): string {
  return sha256(`${previousHash}\n${text}`);
}

/** The event in an entry's text; `undefined` where the text is anything but what `nextEntry` writes. */
function eventOf(text: string): (TenderEvent & { sequence: number; state: string }) | undefined {
  const value = parsed(text);
  if (value === undefined) return undefined;
  const { sequence, event, at, by, reason, state } = value;
  const atMs = typeof at === "string" ? Date.parse(at) : Number.NaN;
  if (typeof sequence !== "number" || typeof state !== "string" || Number.isNaN(atMs)) return undefined;
  if (!isEventKind(event) || !(by === null || typeof by === "string")) return undefined;
  if (!(reason === null || typeof reason === "string")) return undefined;
  return { sequence, kind: event, atMs, by: by === null ? null : { accountId: Number(by) }, reason, state };
}

/** Only an object written canonically counts: one entry has one text. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  let value: CanonicalValue;
  try {
    value = JSON.parse(text) as CanonicalValue;
    if (canonicalJson(value) !== text) return undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function isEventKind(value: unknown): value is TenderEventKind {
  return (TENDER_EVENTS as readonly unknown[]).includes(value);
}
