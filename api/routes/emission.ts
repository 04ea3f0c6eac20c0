// What the energy that a building uses weighs in CO₂.
import type { Role } from "#devices/vocabulary";
import { findBuilding, listLoadSources } from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { answerSeries } from "../answer-series.ts";
import { emissionsTable, presentEmissions } from "../present-emissions.ts";
import { Emissions, EmissionsQuery, ref, series } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { spanOf } from "../span.ts";
import { visibleEmissions } from "../visible-emissions.ts";

const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];

const DAYS_MAX = 3_700;

export function emissionRoutes(app: Api, services: Services): void {
  const { pool } = services;
  app.get(
    "/v1/buildings/:id/emissions",
    {
      config: { access: { roles: TENANTS, sees: ["building", "id"] } },
      schema: {
        summary: "CO₂ of the energy that a building uses, location- and market-based",
        description:
          "On the load that I may see of the building, by the factors named in the answer. `market`: only supply points seen by themselves, under a contract whose certified share is known. A carrier without factors has none: null, covered 0.",
        tags: ["Emissions"],
        querystring: EmissionsQuery,
        response: { 200: series(ref(Emissions)) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { id, timezone } = found(await findBuilding(pool, scope, idOf(request)));
      const { carrier = "electricity", resolution = "month" } = request.query;
      const span = spanOf(request.query, timezone, DAYS_MAX);
      const question = { carrier, resolution, timezone, span };
      const sources = await listLoadSources(pool, scope, { carrier, buildingId: id });
      const answer = presentEmissions({
        ...question,
        ...(await visibleEmissions(services, scope, sources, question)),
      });
      return answerSeries(request, reply, answer, emissionsTable(`building-${id}`, answer));
    },
  );
}
