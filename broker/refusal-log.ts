// Refusals in the log: anybody can cause them, so each reason has a line a second, and none is long.
import type { Logger } from "pino";
import { hasPassed, SECOND_MS } from "#devices/time";
import type { Refusal } from "./counts.ts";
import type { Refused } from "./refusal.ts";

const LINE_EVERY_MS = SECOND_MS;

/** Characters of what a stranger chose; a device id has ten at most. */
const TEXT_LENGTH_MAX = 32;

/** What those that come in floods follow from was said once. */
const LEVELS: Partial<Record<Refusal, "debug" | "warn">> = { store: "warn", locked: "debug", rate: "debug" };

type Who = { readonly username: string | undefined; readonly clientId: string | undefined };

/** The next line of a reason says how many were not written; all of them are in the metrics. */
export class RefusalLog {
  readonly #log: Pick<Logger, "debug" | "info" | "warn">;
  readonly #last = new Map<string, { readonly atMs: number; unwritten: number }>();

  constructor(log: Pick<Logger, "debug" | "info" | "warn">) {
    this.#log = log;
  }

  refused({ refusal, message, cause }: Refused, { username, clientId }: Who, nowMs: number): void {
    const unwritten = this.#take(refusal, nowMs);
    if (unwritten === undefined) return;
    const who = { username: shortened(username), clientId: shortened(clientId) };
    this.#log[LEVELS[refusal] ?? "info"](
      { ...who, reason: refusal, detail: message, err: cause, ...unwritten },
      "connection refused",
    );
  }

  lockedOut(fields: { address: string; deviceId: number; delayMs: number }, nowMs: number): void {
    const unwritten = this.#take("locked out", nowMs);
    if (unwritten === undefined) return;
    this.#log.warn({ ...fields, ...unwritten }, "wrong secrets, locked out for a while");
  }

  /** What to say of those before that were not written; undefined while it is too early for a line. */
  #take(kind: string, nowMs: number): { unwritten?: number } | undefined {
    const last = this.#last.get(kind);
    if (last !== undefined && !hasPassed(LINE_EVERY_MS, last.atMs, nowMs)) {
      last.unwritten++;
      return undefined;
    }
    this.#last.set(kind, { atMs: nowMs, unwritten: 0 });
    return last === undefined || last.unwritten === 0 ? {} : { unwritten: last.unwritten };
  }
}

function shortened(text: string | undefined): string | undefined {
  return text === undefined || text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX)}…`;
}
