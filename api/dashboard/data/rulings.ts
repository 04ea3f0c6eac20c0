// What the dashboard asks and tells the API about the steps of a register: what they were taken for, and what people rule.
import type { components } from "../api-types.d.ts";
import { client, dataOf } from "./client.ts";

type Schemas = components["schemas"];
export type Decision = Schemas["Decision"];
export type DecisionPage = Schemas["DecisionList"];
export type Ruling = Schemas["Ruling"];
export type RulingChoice = Schemas["RulingChoice"];

const DAY_MS = 86_400_000;
/** As far as the API looks back at once: ten years. */
const DAYS = 3650;

const on = (id: string) => ({ path: { id } });

/** The newest first, those before an instant; `cursor`: of the page before. */
export function readDecisions(
  registerId: string,
  beforeMs: number,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | null },
  signal: AbortSignal,
): Promise<DecisionPage> {
  const query = {
    from: new Date(beforeMs - DAYS * DAY_MS).toISOString(),
    to: new Date(beforeMs).toISOString(),
    limit,
    ...(cursor === null ? {} : { cursor }),
  };
  const params = { ...on(registerId), query };
  return dataOf(client.GET("/v1/registers/{id}/decisions", { params, signal }));
}

/** All that people ruled about the register, and did not take back. */
export async function readRulings(registerId: string, signal: AbortSignal): Promise<readonly Ruling[]> {
  return (await dataOf(client.GET("/v1/registers/{id}/rulings", { params: on(registerId), signal }))).items;
}

export async function recordRuling(
  registerId: string,
  body: Pick<Schemas["NewRuling"], "kind" | "from" | "to" | "reason">,
): Promise<void> {
  await dataOf(client.POST("/v1/registers/{id}/rulings", { params: on(registerId), body }));
}

export async function takeRulingBack(registerId: string, rulingId: string): Promise<void> {
  const params = { path: { id: registerId, rulingId } };
  await dataOf(client.DELETE("/v1/registers/{id}/rulings/{rulingId}", { params }));
}
