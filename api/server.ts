// The HTTP server, put together: plugins, guard, routes, and what answers when no route does.
import compress from "@fastify/compress";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, { LogController, type FastifyBaseLogger, type FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { KoproError } from "#devices/error";
import { MINUTE_MS, SECOND_MS, type TimeSource } from "#devices/time";
import { createReplayer } from "#ingest";
import type { Pool } from "#store";
import { guard, type RouteEntry } from "./access.ts";
import { serveDocs } from "./docs.ts";
import { tagAnswers } from "./etag.ts";
import { answerFailures, sendProblem } from "./failure.ts";
import { acceptOnlyJson } from "./json-body.ts";
import { createLiveHub } from "./live-hub.ts";
import { createMetrics } from "./metrics.ts";
import { describe } from "./openapi.ts";
import { buildingRoutes, organisationRoutes, unitRoutes } from "./routes/building.ts";
import { calorificRoutes } from "./routes/calorific.ts";
import { changeRoutes } from "./routes/change.ts";
import { estimateRoutes } from "./routes/estimate.ts";
import { commandRoutes } from "./routes/command.ts";
import { connectorRoutes } from "./routes/connector.ts";
import { deviceRoutes, registerRoutes } from "./routes/device.ts";
import { emissionRoutes } from "./routes/emission.ts";
import { healthRoutes } from "./routes/health.ts";
import { importRoutes } from "./routes/import.ts";
import { liveRoutes } from "./routes/live.ts";
import { loadRoutes } from "./routes/load.ts";
import { portfolioRoutes } from "./routes/portfolio.ts";
import { quarantineRoutes } from "./routes/quarantine.ts";
import { readingRoutes } from "./routes/reading.ts";
import { registerAccountRoutes } from "./routes/register-account.ts";
import { rulingRoutes } from "./routes/ruling.ts";
import { savingRoutes } from "./routes/saving.ts";
import { sessionRoutes, tokenRoutes } from "./routes/session.ts";
import { consentRoutes, contractRoutes, supplyPointRoutes } from "./routes/supply-point.ts";
import { swapRoutes } from "./routes/swap.ts";
import { tenderAwardRoutes } from "./routes/tender-award.ts";
import { tenderBidRoutes } from "./routes/tender-bid.ts";
import { tenderDossierRoutes } from "./routes/tender-dossier.ts";
import { tenderEnrolmentRoutes } from "./routes/tender-enrolment.ts";
import { tenderLogRoutes } from "./routes/tender-log.ts";
import { tenderRoutes } from "./routes/tender.ts";
import { unclaimedRoutes } from "./routes/unclaimed.ts";
import { userRoutes } from "./routes/user.ts";
import { validationRoutes } from "./routes/validation.ts";
import type { Api, ApiConfig, Services } from "./services.ts";
import { serveDashboard, type Dashboard } from "./static-dashboard.ts";
import { UNCLAIMED_ID_MAX } from "./unclaimed-id.ts";
import { validatorCompiler } from "./validation.ts";
import { wakeBrokers } from "./wake-brokers.ts";

export type ApiOptions = {
  readonly pool: Pool;
  /** `undefined`: the live stream shows the latest values only. */
  readonly redisUrl: string | undefined;
  readonly config: ApiConfig;
  readonly time: TimeSource;
  readonly log: Logger;
  /** Absent: connectors cannot be set up. */
  readonly connectors?: Services["connectors"];
  /** How often an open live stream asks again what its viewer may see. */
  readonly recheckMs?: number;
  /** After how long without a byte an upload is given up. */
  readonly uploadIdleMs?: number;
};

export type ApiServer = {
  readonly app: Api;
  /** Every route with its declared access, once ready. */
  readonly routes: () => readonly RouteEntry[];
  /** Binds and answers with the address, `http://host:port`. */
  readonly listen: (options: { host: string; port: number }) => Promise<string>;
  /** What /metrics shows, for a listener of its own. */
  readonly registry: Registry;
  /** Ends live streams, answers what is under way, and stops. The pool is the caller's. */
  readonly close: () => Promise<void>;
};

const BODY_MAX_BYTES = 256 * 1024;
const RECHECK_MS = 30 * SECOND_MS;
const UPLOAD_IDLE_MS = 20 * SECOND_MS;
/** However slowly it drips: 64 MB in this time is about 1 Mbit/s. */
const REQUEST_MAX_MS = 10 * MINUTE_MS;

/** Everything but the listening: ready for `listen`, or for `app.inject` in tests. */
export async function createApi(options: ApiOptions): Promise<ApiServer> {
  const { pool, redisUrl, config, time, log, recheckMs = RECHECK_MS } = options;
  const { uploadIdleMs = UPLOAD_IDLE_MS } = options;
  const app = createApp(log);
  const live = createLiveHub(redisUrl, log);
  app.addHook("onClose", () => live.close());
  const replayer = createReplayer({ pool, time, log });
  // Not for an API that only describes itself, or that a test asks without a listener.
  app.addHook("onListen", () => replayer.start());
  app.addHook("onClose", () => replayer.close());
  const desk = { pool, time, cohortMin: config.KOPROGO_COHORT_MIN };
  const { connectors = { secrets: undefined, allowPrivate: false } } = options;
  const given = { pool, time, log, config, connectors, recheckMs, uploadIdleMs };
  const services: Services = { ...given, live, replayer, desk };

  answerFailures(app);
  acceptOnlyJson(app);
  const metrics = createMetrics(app);
  await app.register(cookie);
  await app.register(helmet, HELMET);
  await app.register(rateLimit, { global: false, errorResponseBuilder: tooMany });
  const { routes } = guard(app, services);
  tagAnswers(app);
  wakeBrokers(app, redisUrl, log);
  // After the ETag, which is of the answer itself: a year of quarter-hours is 5 MB of text, and a twentieth of it packed.
  await app.register(compress, { encodings: ["gzip", "identity"], threshold: COMPRESSED_FROM_BYTES });
  await describe(app);

  sessionRoutes(app, services);
  tokenRoutes(app, services);
  userRoutes(app, services);
  organisationRoutes(app, services);
  buildingRoutes(app, services);
  unitRoutes(app, services);
  supplyPointRoutes(app, services);
  contractRoutes(app, services);
  consentRoutes(app, services);
  deviceRoutes(app, services);
  unclaimedRoutes(app, services);
  commandRoutes(app, services);
  connectorRoutes(app, services);
  registerRoutes(app, services);
  rulingRoutes(app, services);
  swapRoutes(app, services);
  readingRoutes(app, services);
  registerAccountRoutes(app, services);
  loadRoutes(app, services);
  calorificRoutes(app, services);
  changeRoutes(app, services);
  estimateRoutes(app, services);
  validationRoutes(app, services);
  importRoutes(app, services);
  liveRoutes(app, services, metrics);
  emissionRoutes(app, services);
  savingRoutes(app, services);
  portfolioRoutes(app, services);
  tenderRoutes(app, services);
  tenderEnrolmentRoutes(app, services);
  tenderDossierRoutes(app, services);
  tenderBidRoutes(app, services);
  tenderAwardRoutes(app, services);
  tenderLogRoutes(app, services);
  quarantineRoutes(app, services);
  healthRoutes(app, services, metrics);
  await serveDocs(app);
  answerUnknown(app, await serveDashboard(app), routes);
  await app.ready();

  return {
    app,
    routes,
    registry: metrics.registry,
    listen: (options) => app.listen(options),
    close: () => app.close(),
  };
}

function createApp(loggerInstance: FastifyBaseLogger): Api {
  const app = Fastify({
    loggerInstance,
    // Each failure of ours is logged where it is answered; counting is the metrics' business.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_MAX_BYTES,
    routerOptions: { maxParamLength: UNCLAIMED_ID_MAX },
    requestTimeout: REQUEST_MAX_MS,
    // A proxy on this machine may say for whom it asks; nobody else is believed.
    trustProxy: "loopback",
    // Refusals before there is a route: an address that cannot be decoded.
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    clientErrorHandler: (error, socket) => {
      if ((error as { code?: string }).code === "ECONNRESET" || socket.destroyed) return;
      const problem = JSON.stringify({
        type: "about:blank",
        title: "The request is not valid",
        status: 400,
        code: "request_invalid",
        detail: "The request is not valid HTTP.",
      });
      socket.end(
        `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(problem)}\r\nconnection: close\r\n\r\n${problem}`,
      );
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  return app.setValidatorCompiler(validatorCompiler);
}

/** Below this, packing costs more than the bytes it spares. */
const COMPRESSED_FROM_BYTES = 2048;

/** No host but our own; styles as attributes, which charts set on what they draw. */
const HELMET = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      "default-src": ["'self'"],
      "script-src": ["'self'"],
      "style-src": ["'self'"],
      "style-src-attr": ["'unsafe-inline'"],
      "img-src": ["'self'", "data:"],
      "font-src": ["'self'"],
      "connect-src": ["'self'"],
      "object-src": ["'none'"],
      "base-uri": ["'none'"],
      "form-action": ["'self'"],
      "frame-ancestors": ["'none'"],
    },
  },
};

function tooMany(_request: FastifyRequest, context: { ttl: number }): KoproError {
  const retryAfterS = Math.ceil(context.ttl / 1000);
  return new KoproError("too_many_requests", `Too many requests from this address; wait ${retryAfterS} s.`, {
    extra: { retryAfterS },
  });
}

/** No route: a page of the dashboard, a method that the address does not have, or nothing. */
function answerUnknown(app: Api, dashboard: Dashboard, routes: () => readonly RouteEntry[]): void {
  app.setNotFoundHandler((request, reply) => {
    if (dashboard.isPage(request)) return dashboard.sendPage(reply);
    const path = request.url.split("?")[0] ?? "/";
    const allowed = routes()
      .filter(({ url }) => patternOf(url).test(path))
      .map(({ method }) => method);
    if (allowed.length === 0) {
      return sendProblem(new KoproError("not_found", "There is nothing at this address."), request, reply);
    }
    const allow = [...new Set(allowed)].sort().join(", ");
    void reply.header("allow", allow);
    const detail = `${request.method} is not supported here, only ${allow}.`;
    return sendProblem(new KoproError("method_not_allowed", detail), request, reply);
  });
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/:[A-Za-z]+/g, "[^/]+")}/?$`);
}
