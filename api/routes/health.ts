// Whether the process lives, what it lacks, and what Prometheus may know.
import type { Metrics } from "../metrics.ts";
import { PUBLIC } from "../access.ts";
import { Alive, Readiness, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { KoproError } from "#devices/error";

const PROBE_TIMEOUT_MS = 2000;

export function healthRoutes(app: Api, { pool, live }: Services, metrics: Metrics): void {
  app.get(
    "/health/live",
    {
      config: { access: PUBLIC },
      schema: { summary: "The process answers", tags: ["Health"], response: { 200: ref(Alive) } },
    },
    async (_request, reply) => {
      void reply.header("cache-control", "no-store");
      return { status: "alive" as const };
    },
  );

  app.get(
    "/health/ready",
    {
      config: { access: PUBLIC },
      schema: {
        summary: "What the process lacks: 503 without PostgreSQL, degraded without Redis",
        tags: ["Health"],
        response: { 200: ref(Readiness) },
      },
    },
    async (_request, reply) => {
      const missing = live.connected() ? [] : ["redis" as const];
      if (!(await answers(pool))) {
        throw new KoproError("dependency_missing", "PostgreSQL does not answer.", {
          extra: { missing: ["postgresql", ...missing] },
        });
      }
      void reply.header("cache-control", "no-store");
      return { status: missing.length === 0 ? ("ready" as const) : ("degraded" as const), missing };
    },
  );

  app.get(
    "/metrics",
    { config: { access: { scrape: true } }, schema: { hide: true } },
    async (_request, reply) => {
      void reply.type(metrics.registry.contentType).header("cache-control", "no-store");
      return metrics.registry.metrics();
    },
  );
}

async function answers(pool: Services["pool"]): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), PROBE_TIMEOUT_MS);
  const query = pool.query("select 1").then(
    () => true,
    // Whatever the reason: it does not answer.
    () => false,
  );
  const answered = await Promise.race([query, late]);
  clearTimeout(timer);
  return answered;
}
