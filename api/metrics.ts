// What Prometheus may know of this process.
import type { FastifyInstance } from "fastify";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

export type Metrics = {
  readonly registry: Registry;
  readonly liveClients: Gauge;
  readonly liveDropped: Counter<"why">;
};

/** Each API has a registry of its own: two in one process (tests) do not collide. */
export function createMetrics(app: FastifyInstance): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "koprogo_http_request_seconds",
    help: "Duration of HTTP requests by route, method and status.",
    labelNames: ["route", "method", "status"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  app.addHook("onResponse", async (request, reply) => {
    // The pattern, not the address: identifiers would make a series each.
    const route = request.routeOptions.url ?? "unknown";
    requests.observe({ route, method: request.method, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  return {
    registry,
    liveClients: new Gauge({
      name: "koprogo_live_clients",
      help: "Open live streams.",
      registers: [registry],
    }),
    liveDropped: new Counter({
      name: "koprogo_live_dropped_total",
      help: "Live streams that the server ended: the reader was too slow, or is no longer allowed.",
      labelNames: ["why"],
      registers: [registry],
    }),
  };
}
