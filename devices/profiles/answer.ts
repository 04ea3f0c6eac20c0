// What a decoder gathers while it reads a message: observations, and the first faults with the count of the rest.
import type { Decimal } from "#devices/decimal";
import type { Decoded, Observation, RegisterSpec, Rejection } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";

/** One message cannot fill the quarantine's detail: the rest is counted. */
const REJECTIONS_MAX = 16;

/** Where a message's time comes from. */
export type MessageTime = Pick<Observation, "observedAtMs" | "clock">;

/** The message has no time: the moment it arrives, for what may take that. */
export const NO_TIME: MessageTime = { observedAtMs: undefined, clock: ClockSource.broker };

export class Answer {
  readonly observations: Observation[] = [];
  readonly rejections: Rejection[] = [];
  #refused = 0;

  observe(register: RegisterSpec, value: Decimal, { observedAtMs, clock }: MessageTime): void {
    this.observations.push({ register, value, observedAtMs, clock });
  }

  /** `detail`: one sentence for people; made only where it is kept, if it is a function. */
  refuse(reason: Rejection["reason"], detail: string | (() => string)): void {
    if (this.#refused++ >= REJECTIONS_MAX) return;
    this.rejections.push({ reason, detail: typeof detail === "string" ? detail : detail() });
  }

  /** What a part of the message came to; `undefined`: it was left out. */
  take(part: Observation | Rejection | undefined): void {
    if (part === undefined) return;
    if ("reason" in part) this.refuse(part.reason, part.detail);
    else this.observations.push(part);
  }

  /** Nothing was read and nothing refused. */
  get isEmpty(): boolean {
    return this.observations.length === 0 && this.#refused === 0;
  }

  /** `things`: what there were more of, in the plural. */
  decoded(things: string): Decoded {
    const { observations, rejections } = this;
    if (this.#refused <= REJECTIONS_MAX) return { observations, rejections };
    const detail = `${this.#refused - REJECTIONS_MAX} more ${things} could not be used.`;
    return { observations, rejections: [...rejections, { reason: "reading_malformed", detail }] };
  }
}

/** A message that is of no interest: it is acknowledged, and nothing is kept of it. */
export const NOTHING: Decoded = { observations: [], rejections: [] };

/** A message of which nothing can be used. */
export function refusedWhole(reason: Rejection["reason"], detail: string): Decoded {
  return { observations: [], rejections: [{ reason, detail }] };
}
