// What a cubic metre of gas holds: recorded in versions, read by everybody.
import type { Role } from "#devices/vocabulary";
import { inTransaction, listCalorificValues, recordCalorificValue } from "#store";
import { viewerOf } from "../access.ts";
import { invalid, listed, pageRequest } from "../identifier.ts";
import { CalorificValue, CalorificValueList, NewCalorificValue, PAGE, query, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";

const EVERYBODY: readonly Role[] = ["admin", "coordinator", "manager", "resident", "supplier"];
const KWH_PER_M3 = { min: 5, max: 15 };

export function calorificRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/calorific-values",
    {
      config: { access: { roles: EVERYBODY } },
      schema: {
        summary: "Gross calorific values of gas, all versions",
        tags: ["Load"],
        querystring: query(PAGE),
        response: { 200: ref(CalorificValueList) },
      },
    },
    async (request) => listed(await listCalorificValues(pool, pageRequest(request.query)), presentValue),
  );

  app.post(
    "/v1/calorific-values",
    {
      config: { access: { roles: ["admin"] } },
      schema: {
        summary: "Record a calorific value of a zone from a date on",
        description:
          "`zone`: a gas network's zone, a region (`BE-BRU`) or a country (`BE`); of a building the most particular one counts. Values are never changed: another value of the same zone and date is the next version, and the highest counts.",
        tags: ["Load"],
        body: ref(NewCalorificValue),
        response: { 201: ref(CalorificValue) },
      },
    },
    async (request, reply) => {
      const { kwhPerM3 } = request.body;
      if (Number(kwhPerM3) < KWH_PER_M3.min || Number(kwhPerM3) > KWH_PER_M3.max) {
        throw invalid("/kwhPerM3", `must be between ${KWH_PER_M3.min} and ${KWH_PER_M3.max} kWh per m3`);
      }
      const { scope } = viewerOf(request);
      const recorded = await inTransaction(pool, (client) =>
        recordCalorificValue(client, scope, request.body),
      );
      void reply.code(201);
      return presentValue(recorded);
    },
  );
}

function presentValue<Value extends { readonly id: number; readonly recordedAt: Date }>(value: Value) {
  return { ...value, id: String(value.id), recordedAt: value.recordedAt.toISOString() };
}
