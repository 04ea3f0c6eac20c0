// What the dashboard asks and tells the API about what a cubic metre of gas holds, and by which zone a building knows it.
import type { components } from "../api-types.d.ts";
import { client, dataOf } from "./client.ts";

type Schemas = components["schemas"];
export type CalorificValue = Schemas["CalorificValue"];
export type NewCalorificValue = Schemas["NewCalorificValue"];

const PAGE_MAX = 1000;

/** All versions of all zones: a zone has one a month at most. */
export async function listCalorificValues(signal: AbortSignal): Promise<readonly CalorificValue[]> {
  const values: CalorificValue[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const query = { limit: PAGE_MAX, ...(cursor === "" ? {} : { cursor }) };
    const page: Schemas["CalorificValueList"] = await dataOf(
      client.GET("/v1/calorific-values", { params: { query }, signal }),
    );
    values.push(...page.items);
    cursor = page.nextCursor;
  }
  return values;
}

export function recordCalorificValue(body: NewCalorificValue): Promise<CalorificValue> {
  return dataOf(client.POST("/v1/calorific-values", { body }));
}

/** `null`: by its region, else its country. */
export function setGasZone(buildingId: string, gasZone: string | null): Promise<Schemas["Building"]> {
  return dataOf(
    client.PATCH("/v1/buildings/{id}", { params: { path: { id: buildingId } }, body: { gasZone } }),
  );
}
