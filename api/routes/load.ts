// The load of a supply point or a building, cut in the building's zone.
import type { FastifyReply, FastifyRequest } from "fastify";
import {
  calorificIn,
  calorificSteps,
  coversFrom,
  gasEnergy,
  loadSeries,
  type LoadResolution,
} from "#analytics";
import type { Carrier, Direction, Role } from "#devices/vocabulary";
import {
  calorificInForce,
  carrierQuantity,
  findBuilding,
  findSupplyPoint,
  listLoadSources,
  loadSupplyPointDays,
  longestInterval,
  type Pool,
  type RegisterDays,
} from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { invalid } from "../identifier.ts";
import { csvOf, prefersCsv, sendCsv } from "../csv.ts";
import { isKnown, keepPrivate, tagOf } from "../etag.ts";
import { loadTable, presentLoadPoint } from "../present-load.ts";
import { BuildingLoad, BuildingLoadQuery, Load, LoadQuery, ref, series } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { spanOf, type Span } from "../span.ts";
import { sumCounts, visibleLoads } from "../visible-load.ts";

const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];

/** So that one answer stays below some 40,000 points. */
const DAYS_MAX: Readonly<Record<LoadResolution, number>> = {
  "quarter-hour": 400,
  hour: 1600,
  day: 3_700,
  month: 3_700,
};

const ENERGY = { quantity: "energy", unit: "Wh" } as const;

type Question = {
  readonly carrier: Carrier;
  readonly direction: Direction;
  readonly resolution: LoadResolution;
  readonly timezone: string;
  readonly span: Span;
  /** Of gas, what was asked for; `undefined`: whatever is known. */
  readonly quantity: "energy" | "volume" | undefined;
};

export function loadRoutes(app: Api, services: Services): void {
  const { pool } = services;
  app.get(
    "/v1/supply-points/:id/load",
    {
      config: { access: { roles: TENANTS, measures: ["supplyPoint", "id"] } },
      schema: {
        summary: "Load profile of a supply point: the sum of its main registers",
        tags: ["Load"],
        querystring: LoadQuery,
        response: { 200: series(ref(Load)) },
      },
    },
    async (request, reply) => {
      const supplyPoint = found(await findSupplyPoint(pool, viewerOf(request).scope, idOf(request)));
      const question = questionOf(request.query, supplyPoint.carrier, supplyPoint.timezone);
      const query = { ...question.span, direction: question.direction };
      const days = await loadSupplyPointDays(pool, [supplyPoint.id], query);
      const resolutionS = await longestInterval(pool, [supplyPoint.id], query);
      const gas = await gasOf(pool, question, supplyPoint.buildingId);
      return answer(request, reply, question, days, `supply-point-${supplyPoint.id}`, { resolutionS }, gas);
    },
  );

  app.get(
    "/v1/buildings/:id/load",
    {
      config: { access: { roles: TENANTS, sees: ["building", "id"] } },
      schema: {
        summary: "Load profile of a building, as far as I may see it",
        description:
          "Administrators see all supply points, coordinators those that consent, residents the common parts. Managers see the common parts, and the private supply points as a sum in every quarter-hour in which enough of them have a value.",
        tags: ["Load"],
        querystring: BuildingLoadQuery,
        response: { 200: series(ref(BuildingLoad)) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const building = found(await findBuilding(pool, scope, idOf(request)));
      const carrier = request.query.carrier ?? "electricity";
      const question = questionOf(request.query, carrier, building.timezone);
      const sources = await listLoadSources(pool, scope, { carrier, buildingId: building.id });
      const query = { ...question.span, direction: question.direction };
      const loads = await visibleLoads(services, sources, query);
      const supplyPoints = sumCounts(loads);
      const shown = loads.flatMap(({ open, hidden }) => [...open, ...hidden]);
      const days = shown.flatMap(({ registers }) => registers);
      const ids = shown.map(({ supplyPointId }) => supplyPointId);
      const resolutionS = await longestInterval(pool, ids, query);
      const gas = await gasOf(pool, question, building.id);
      const more = { resolutionS, supplyPoints };
      return answer(request, reply, question, days, `building-${building.id}`, more, gas);
    },
  );
}

function questionOf(
  query: {
    from: string;
    to: string;
    direction?: Direction;
    resolution?: LoadResolution;
    quantity?: "energy" | "volume";
  },
  carrier: Carrier,
  timezone: string,
): Question {
  const resolution = query.resolution ?? "quarter-hour";
  const span = spanOf(query, timezone, DAYS_MAX[resolution]);
  const { direction = "import", quantity } = query;
  const own = carrierQuantity(carrier).quantity;
  if (carrier !== "gas" && quantity !== undefined && quantity !== own) {
    throw invalid("/quantity", `${carrier} is measured as ${own} only`);
  }
  return { carrier, timezone, resolution, direction, span, quantity };
}

/** By which calorific values gas is shown as energy; `undefined`: as the volume that was metered, as everything else is. */
async function gasOf(
  pool: Pool,
  { carrier, timezone, span, quantity }: Question,
  buildingId: number,
): Promise<ReturnType<typeof calorificSteps> | undefined> {
  if (carrier !== "gas" || quantity === "volume") return undefined;
  const steps = calorificSteps(await calorificInForce(pool, buildingId), timezone);
  return quantity === "energy" || coversFrom(steps, span.fromMs) ? steps : undefined;
}

/** The ETag follows from the revisions of the rows, so whoever has the answer is spared its computation. */
function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  question: Question,
  days: readonly RegisterDays[],
  name: string,
  facts: object,
  gas: ReturnType<typeof calorificSteps> | undefined,
) {
  const calorific = gas === undefined ? [] : calorificIn(gas, question.span.fromMs, question.span.toMs);
  const values = calorific.map(({ zone, from, version, kwhPerM3 }) => ({ zone, from, version, kwhPerM3 }));
  const more = gas === undefined ? facts : { ...facts, calorificValues: values };
  const csv = prefersCsv(request);
  const tag = tagOf(
    request.url,
    csv ? "csv" : "json",
    question.timezone,
    JSON.stringify(more),
    ...revisionsOf(days),
  );
  keepPrivate(reply);
  void reply.header("etag", tag).header("vary", "accept");
  if (isKnown(request, tag)) return reply.code(304).send();

  const { carrier, direction, resolution, timezone, span } = question;
  const { quantity, unit } = gas === undefined ? carrierQuantity(carrier) : ENERGY;
  const series = gas === undefined ? days : gasEnergy(days, gas);
  const points = loadSeries({ series, ...span, resolution, timezone, quantity });
  if (csv) {
    const { header, rows } = loadTable(points, unit);
    return sendCsv(reply, `${name}-${carrier}-${direction}-${resolution}`, csvOf(header, rows));
  }
  return reply.send({
    carrier,
    direction,
    resolution,
    quantity,
    unit,
    timezone,
    points: points.map(presentLoadPoint),
    ...more,
  });
}

/** What the rows are and which version each is in; a changed assignment changes the list. */
function revisionsOf(days: readonly RegisterDays[]): string[] {
  return days.map(
    (register) =>
      `${register.registerId} ${register.fromMs} ${register.toMs} ${register.days.map(({ day, revision }) => `${day}:${revision}`).join()}`,
  );
}
