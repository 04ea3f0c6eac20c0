// Which quarter-hours of a load are estimated, and how.
import { estimateRuns } from "#analytics";
import type { Role } from "#devices/vocabulary";
import { carrierQuantity, findSupplyPoint, listEstimates } from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { keepPrivate } from "../etag.ts";
import { Estimates, EstimateQuery, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { spanOf } from "../span.ts";

const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];
const DAYS_MAX = 400;

export function estimateRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/supply-points/:id/estimates",
    {
      config: { access: { roles: TENANTS, measures: ["supplyPoint", "id"] } },
      schema: {
        summary: "Which quarter-hours are estimated, and how",
        description:
          "Of each main register the quarter-hours in a row that were estimated in one way. `line`: between their neighbours; `line_to_energy`: scaled to what the index says. `like_day`: the nearest day of its kind; `shape`: the shape of such days, scaled to what the index says; with `_temperature` of days as warm outside too; `even`: spread evenly, as there is no such day. `none`: made before methods were kept. Where imported history says better, the load shows that. At most 400 days.",
        tags: ["Load"],
        querystring: EstimateQuery,
        response: { 200: ref(Estimates) },
      },
    },
    async (request, reply) => {
      const supplyPoint = found(await findSupplyPoint(pool, viewerOf(request).scope, idOf(request)));
      const span = spanOf(request.query, supplyPoint.timezone, DAYS_MAX);
      const direction = request.query.direction ?? "import";
      const rows = await listEstimates(pool, supplyPoint.id, { ...span, direction });
      keepPrivate(reply);
      return {
        unit: carrierQuantity(supplyPoint.carrier).unit,
        items: estimateRuns(rows, span).map(({ registerId, fromMs, toMs, ...run }) => ({
          registerId: String(registerId),
          from: new Date(fromMs).toISOString(),
          to: new Date(toMs).toISOString(),
          ...run,
        })),
      };
    },
  );
}
