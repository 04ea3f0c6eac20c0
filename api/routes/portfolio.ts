// All buildings that the viewer sees, together: each figure is the sum of what the buildings show to the same viewer.
import { sumLoads } from "#analytics";
import type { Role } from "#devices/vocabulary";
import { carrierQuantity, listLoadSources } from "#store";
import { viewerOf } from "../access.ts";
import { answerSeries } from "../answer-series.ts";
import { emissionsTable, presentEmissions } from "../present-emissions.ts";
import { loadTable, presentLoadPoint } from "../present-load.ts";
import { presentSavings, savingsTable } from "../present-saving.ts";
import {
  Emissions,
  EmissionsQuery,
  PortfolioLoad,
  PortfolioLoadQuery,
  Savings,
  SavingsQuery,
  ref,
  series,
} from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { spanOf } from "../span.ts";
import { visibleEmissions } from "../visible-emissions.ts";
import { commonTimezone, sumCounts, visibleLoads } from "../visible-load.ts";
import { visibleSavings } from "../visible-savings.ts";

const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];

/** A year and a month of a thousand buildings is what one answer may read. */
const DAYS_MAX = 400;

const ABOUT =
  "Every building counts as its own route shows it to me: what is hidden there is not in the sum either. Days and months are cut in the zone that most of the buildings are in.";

export function portfolioRoutes(app: Api, services: Services): void {
  portfolioLoad(app, services);
  portfolioEmissions(app, services);
  portfolioSavings(app, services);
}

function portfolioLoad(app: Api, services: Services): void {
  app.get(
    "/v1/portfolio/load",
    {
      config: { access: { roles: TENANTS } },
      schema: {
        summary: "Load of all buildings that I see",
        description: ABOUT,
        tags: ["Portfolio"],
        querystring: PortfolioLoadQuery,
        response: { 200: series(ref(PortfolioLoad)) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { carrier = "electricity", direction = "import", resolution = "month" } = request.query;
      const sources = await listLoadSources(services.pool, scope, { carrier });
      const timezone = commonTimezone(sources);
      const span = spanOf(request.query, timezone, DAYS_MAX);
      const loads = await visibleLoads(services, sources, { ...span, direction });
      const shown = loads.map(({ open, hidden }) => [...open, ...hidden]);
      const supplyPoints = shown.flat().map(({ registers }) => registers);
      const { quantity, unit } = carrierQuantity(carrier);
      const points = sumLoads({ supplyPoints, ...span, resolution, timezone, quantity });
      const answer = {
        carrier,
        direction,
        resolution,
        quantity,
        unit,
        timezone,
        buildings: shown.filter((its) => its.length > 0).length,
        supplyPoints: sumCounts(loads),
        points: points.map(presentLoadPoint),
      };
      const name = `portfolio-${carrier}-${direction}-${resolution}`;
      return answerSeries(request, reply, answer, { name, ...loadTable(points, unit) });
    },
  );
}

function portfolioEmissions(app: Api, services: Services): void {
  app.get(
    "/v1/portfolio/emissions",
    {
      config: { access: { roles: TENANTS } },
      schema: {
        summary: "CO₂ of the energy that all buildings that I see use",
        description: `${ABOUT} Each building weighs by the factors of its country.`,
        tags: ["Portfolio"],
        querystring: EmissionsQuery,
        response: { 200: series(ref(Emissions)) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { carrier = "electricity", resolution = "month" } = request.query;
      const sources = await listLoadSources(services.pool, scope, { carrier });
      const timezone = commonTimezone(sources);
      const span = spanOf(request.query, timezone, DAYS_MAX);
      const question = { carrier, resolution, timezone, span };
      const answer = presentEmissions({
        ...question,
        ...(await visibleEmissions(services, scope, sources, question)),
      });
      return answerSeries(request, reply, answer, emissionsTable("portfolio", answer));
    },
  );
}

function portfolioSavings(app: Api, services: Services): void {
  app.get(
    "/v1/portfolio/savings",
    {
      config: { access: { roles: TENANTS } },
      schema: {
        summary: "What contracts that tenders brought saved all buildings that I see",
        description:
          "As of each building. Civil dates are meant in each building's own zone; whole days of it count, and `from` and `to` reach from the first to the last of them.",
        tags: ["Portfolio"],
        querystring: SavingsQuery,
        response: { 200: series(ref(Savings)) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { currency = "EUR" } = request.query;
      const sources = await listLoadSources(services.pool, scope, { carrier: "electricity" });
      const savings = await visibleSavings(services, scope, {
        currency,
        timezone: commonTimezone(sources),
        spanIn: (timezone) => spanOf(request.query, timezone, DAYS_MAX),
      });
      const answer = presentSavings(savings, { currency, asOfMs: services.time.now() });
      return answerSeries(request, reply, answer, savingsTable("portfolio", answer));
    },
  );
}
