// What the API says of a register over a story: all readings, and the account of its energy.
import { DAY_MS } from "#devices/time";
import type { ApiClient } from "../portfolio/api-client.ts";
import type { Story } from "../story/story.ts";
import type { AnsweredReading } from "./judge-readings.ts";

export type AnsweredRegister = {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly quantity: string;
  readonly unit: string;
};

export type AnsweredAccount = {
  readonly allocated: number;
  readonly unallocated: number;
  readonly unaccounted: number;
  /** `null`: days of it wait to be computed. */
  readonly closes: boolean | null;
};

export function readingsOfRegister(id: string, story: Story, api: ApiClient): Promise<AnsweredReading[]> {
  return api.list<AnsweredReading>(`/v1/registers/${id}/readings?${allOf(story)}`);
}

export function accountOfRegister(id: string, story: Story, api: ApiClient): Promise<AnsweredAccount> {
  return api.get<AnsweredAccount>(`/v1/registers/${id}/account?${allOf(story)}`);
}

/** Of what is no index of energy or volume there is none. */
export function hasAccount({ kind, quantity }: AnsweredRegister): boolean {
  return kind === "cumulative" && ["energy", "volume"].includes(quantity);
}

/** Wrong clocks tell instants beyond the story's. */
function allOf({ fromMs, toMs }: Story): URLSearchParams {
  return new URLSearchParams({
    from: new Date(fromMs - 2 * DAY_MS).toISOString(),
    to: new Date(toMs + DAY_MS).toISOString(),
  });
}
