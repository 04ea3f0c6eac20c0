// The frame of every step: one transaction, the tender's row locked, what happened written into the log beside its effect.
//
//   begin ─▶ lock the tender ─▶ last entry of its log ─▶ checks ─▶ effect + entry + state ─▶ commit
//                                                          └─ refused: nothing of it happened
import { KoproError } from "#devices/error";
import type { Role } from "#devices/vocabulary";
import {
  findTender,
  inTransaction,
  lastTenderEvent,
  lockTender,
  storeTenderEvent,
  type LockedTender,
  type PoolClient,
  type Scope,
  type TenderEventRow,
  type TenderRow,
} from "#store";
import { nextEntry, type EventFacts } from "../tender/log.ts";
import { TENDER_STATES, transition, type TenderEventKind, type TenderState } from "../tender/states.ts";
import { adviceOn, type Reason } from "./advice.ts";
import type { Desk } from "./desk.ts";

export const RUNNERS: readonly Role[] = ["coordinator", "admin"];
export const JOINERS: readonly Role[] = ["manager", "coordinator", "admin"];
export const BIDDERS: readonly Role[] = ["supplier"];

/** Nobody's decision, also when it happens at once, within the award. */
const CLOCK_EVENT: TenderEventKind = "enter_into_force";

/** A tender whose row this transaction has locked, and its log. */
export class TenderStep {
  readonly client: PoolClient;
  readonly tender: LockedTender;
  readonly atMs: number;
  readonly #accountId: number | null;
  #last: TenderEventRow | undefined;
  #state: TenderState;

  constructor(
    client: PoolClient,
    tender: LockedTender,
    last: TenderEventRow | undefined,
    who: { readonly atMs: number; readonly accountId: number | null },
  ) {
    this.client = client;
    this.tender = tender;
    this.atMs = who.atMs;
    this.#accountId = who.accountId;
    this.#last = last;
    this.#state = stateOf(tender.state);
  }

  get state(): TenderState {
    return this.#state;
  }

  get at(): Date {
    return new Date(this.atMs);
  }

  /** Refuses before anything is computed what the state would refuse in the end. */
  mustAllow(kind: TenderEventKind, reason: string | null = null): void {
    const outcome = transition(this.#state, { kind, atMs: this.atMs, by: null, reason });
    if (!outcome.allowed) throw stateForbidden(this.tender.id, kind, outcome.refusal);
  }

  /** Writes the entry and the state after it; returns the entry's hash. */
  async record(kind: TenderEventKind, facts: EventFacts, reason: string | null = null): Promise<string> {
    const byClock = this.#accountId === null || kind === CLOCK_EVENT;
    const by = byClock ? null : { accountId: this.#accountId };
    const { id } = this.tender;
    const event = { kind, atMs: this.atMs, by, reason };
    const outcome = nextEntry(id, this.#last, this.#state, event, facts);
    if (!outcome.allowed) throw stateForbidden(id, kind, outcome.refusal);
    await storeTenderEvent(this.client, id, outcome.entry, outcome.state);
    this.#last = outcome.entry;
    this.#state = outcome.state;
    return outcome.entry.hash;
  }
}

/** What the role does not allow is forbidden; what it does not see is not found. */
export async function inStep<T>(
  desk: Desk,
  scope: Scope,
  id: number,
  roles: readonly Role[],
  work: (step: TenderStep) => Promise<T>,
): Promise<T> {
  return inTransaction(desk.pool, async (client) => {
    const tender = await lockTender(client, scope, id);
    if (tender === undefined) throw tenderNotFound(id);
    mustBeOf(scope, roles);
    // Read after the lock: whoever held it may have written another entry.
    const last = await lastTenderEvent(client, id);
    // The clock too, and never back: the log is in the order of what happened.
    const atMs = Math.max(desk.time.now(), last === undefined ? 0 : Date.parse(atOf(last)));
    return work(new TenderStep(client, tender, last, { atMs, accountId: scope.accountId }));
  });
}

/** Our own text: its form is known. */
function atOf({ text }: TenderEventRow): string {
  return (JSON.parse(text) as { at: string }).at;
}

/** A step that answers with the tender as it is then. */
export async function tenderAfter(
  desk: Desk,
  scope: Scope,
  id: number,
  roles: readonly Role[],
  work: (step: TenderStep) => Promise<unknown>,
): Promise<TenderRow> {
  await inStep(desk, scope, id, roles, work);
  return tenderSeen(desk, scope, id);
}

export async function tenderSeen(desk: Desk, scope: Scope, id: number): Promise<TenderRow> {
  const tender = await findTender(desk.pool, scope, id);
  if (tender === undefined) throw tenderNotFound(id);
  return tender;
}

export function mustBeOf(scope: Scope, roles: readonly Role[]): void {
  if (roles.includes(scope.role)) return;
  throw new KoproError("forbidden", `This step of a tender is not for the role ${scope.role}.`);
}

export function stateForbidden(
  id: number,
  what: string,
  reason: Reason,
  extra: Record<string, unknown> = {},
): KoproError {
  const detail = `Tender ${id}: ${what} is not possible now (${reason}). ${adviceOn(reason)}`;
  return new KoproError("state_forbidden", detail, { extra: { ...extra, reason } });
}

export function tenderNotFound(id: number): KoproError {
  return new KoproError("not_found", `There is no tender ${id} that you may see.`);
}

export function runsTender(scope: Scope): boolean {
  return RUNNERS.includes(scope.role);
}

export function stateOf(text: string): TenderState {
  const state = TENDER_STATES.find((one) => one === text);
  if (state === undefined) throw new RangeError(`A tender in the state ${text}.`);
  return state;
}
