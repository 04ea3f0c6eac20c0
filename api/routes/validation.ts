// What is doubtful about the load of a supply point, or of a building's: the findings of the validation rules.
import { validateSupplyPoint, type Finding } from "#analytics";
import { QUARTER_MS } from "#devices/time";
import { DIRECTIONS, type Role } from "#devices/vocabulary";
import { carrierQuantity, findBuilding, findSupplyPoint, listMeasuredPoints } from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { keepPrivate } from "../etag.ts";
import { findingGroups } from "../finding-groups.ts";
import {
  BuildingValidation,
  BuildingValidationQuery,
  Validation,
  ValidationQuery,
  ref,
} from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { spanOf, type Span } from "../span.ts";

const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];
/** Thirteen months: some 40,000 quarter-hours, and as many findings at the worst. */
const DAYS_MAX = 400;
/** Of each of a building's supply points. */
const BUILDING_DAYS_MAX = 35;

export function validationRoutes(app: Api, { pool, time }: Services): void {
  app.get(
    "/v1/supply-points/:id/validation",
    {
      config: { access: { roles: TENANTS, measures: ["supplyPoint", "id"] } },
      schema: {
        summary: "What is doubtful about a load",
        description:
          "Findings of the validation rules about what the load shows, estimates and imported history included. Nothing is changed by them. `sum`: a day's quarter-hours against the difference of the index. `duplicate`: a register showed several values of one instant. `high`, `low`: against what the connection carries. `spike`: the highest of a day against its third highest. `zero`, `inactive`, `identical`, `prolonged_estimation`, `missing`: quarter-hours in a row. Each says in which unit `value` and `limit` are. At most 400 days; a longer time is asked for in several spans. The answer ends with the last quarter-hour that is over.",
        tags: ["Load"],
        querystring: ValidationQuery,
        response: { 200: ref(Validation) },
      },
    },
    async (request, reply) => {
      const supplyPoint = found(await findSupplyPoint(pool, viewerOf(request).scope, idOf(request)));
      const { carrier, timezone } = supplyPoint;
      const span = spanOf(request.query, timezone, DAYS_MAX);
      const toMs = overAt(span, time.now());
      const findings = await validateSupplyPoint(pool, {
        supplyPointId: supplyPoint.id,
        direction: request.query.direction ?? "import",
        unit: carrierQuantity(carrier).unit,
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
        findings: findings.map(presentFinding),
      };
    },
  );
  app.get(
    "/v1/buildings/:id/validation",
    {
      config: { access: { roles: TENANTS, sees: ["building", "id"] } },
      schema: {
        summary: "What is doubtful about a building's loads, by supply point and rule",
        description:
          "The findings of each supply point whose load I may see, in each direction that it has; those of one rule together, the gravest first. `duplicate` is asked of a single supply point only. At most 35 days.",
        tags: ["Load"],
        querystring: BuildingValidationQuery,
        response: { 200: ref(BuildingValidation) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const building = found(await findBuilding(pool, scope, idOf(request)));
      const { timezone } = building;
      const { fromMs, toMs: askedMs } = spanOf(request.query, timezone, BUILDING_DAYS_MAX);
      const toMs = overAt({ fromMs, toMs: askedMs }, time.now());
      const { points, withheld } = await listMeasuredPoints(pool, scope, building.id);
      const questions = points.flatMap(({ id, carrier, connectionKva, direction }) =>
        DIRECTIONS.filter((one) => direction === one || direction === "both").map((one) => ({
          supplyPointId: id,
          direction: one,
          unit: carrierQuantity(carrier).unit,
          fromMs,
          toMs,
          timezone,
          connectionKva: carrier === "electricity" ? connectionKva : null,
          duplicates: false,
        })),
      );
      const told = [];
      for (const question of questions) {
        told.push({ ...question, findings: await validateSupplyPoint(pool, question) });
      }
      keepPrivate(reply);
      return {
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        items: findingGroups(told).map(({ fromMs: firstMs, toMs: lastMs, latest, ...group }) => ({
          ...group,
          supplyPointId: String(group.supplyPointId),
          from: new Date(firstMs).toISOString(),
          to: new Date(lastMs).toISOString(),
          latest: presentFinding(latest),
        })),
        withheld,
      };
    },
  );
}

/** What is to come is not missing: the end of the last quarter-hour that is over. */
function overAt(span: Span, nowMs: number): number {
  return Math.max(span.fromMs, Math.min(span.toMs, Math.floor(nowMs / QUARTER_MS) * QUARTER_MS));
}

function presentFinding({ fromMs, toMs, ...finding }: Finding) {
  return { ...finding, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}
