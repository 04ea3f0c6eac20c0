// What is doubtful about a supply point's load: the findings of the validation rules.
import { validateSupplyPoint } from "#analytics";
import { QUARTER_MS } from "#devices/time";
import type { Role } from "#devices/vocabulary";
import { carrierQuantity, findSupplyPoint } from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { keepPrivate } from "../etag.ts";
import { Validation, ValidationQuery, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { spanOf } from "../span.ts";

const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];
/** At most some 10,000 quarter-hours, and as many findings at the worst. */
const DAYS_MAX = 100;

export function validationRoutes(app: Api, { pool, time }: Services): void {
  app.get(
    "/v1/supply-points/:id/validation",
    {
      config: { access: { roles: TENANTS, measures: ["supplyPoint", "id"] } },
      schema: {
        summary: "What is doubtful about a load",
        description:
          "Findings of the validation rules about what the load shows, estimates and imported history included. Nothing is changed by them. `sum`: a day's quarter-hours against the difference of the index. `high`, `low`: against what the connection carries. `spike`: the highest of a day against its third highest. `zero`, `inactive`, `identical`, `prolonged_estimation`, `missing`: quarter-hours in a row. The answer ends with the last quarter-hour that is over.",
        tags: ["Load"],
        querystring: ValidationQuery,
        response: { 200: ref(Validation) },
      },
    },
    async (request, reply) => {
      const supplyPoint = found(await findSupplyPoint(pool, viewerOf(request).scope, idOf(request)));
      const { carrier, timezone } = supplyPoint;
      const span = spanOf(request.query, timezone, DAYS_MAX);
      const overMs = Math.floor(time.now() / QUARTER_MS) * QUARTER_MS;
      const toMs = Math.max(span.fromMs, Math.min(span.toMs, overMs));
      const findings = await validateSupplyPoint(pool, {
        supplyPointId: supplyPoint.id,
        direction: request.query.direction ?? "import",
        fromMs: span.fromMs,
        toMs,
        timezone,
        connectionKva: carrier === "electricity" ? supplyPoint.connectionKva : null,
      });
      keepPrivate(reply);
      return {
        unit: carrierQuantity(carrier).unit,
        from: new Date(span.fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        findings: findings.map(({ fromMs, toMs: endMs, ...finding }) => ({
          ...finding,
          from: new Date(fromMs).toISOString(),
          to: new Date(endMs).toISOString(),
        })),
      };
    },
  );
}
