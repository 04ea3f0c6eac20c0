// Where Prometheus asks a process that serves no HTTP otherwise: GET /metrics, and nothing else.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { collectDefaultMetrics, type Registry } from "prom-client";
import { KoproError } from "#devices/error";

export type MetricsListener = { readonly url: string; readonly close: () => Promise<void> };

type MetricsOptions = {
  /** Without a port there is no listener; 0 is any free one. */
  readonly config: { readonly METRICS_PORT?: number; readonly METRICS_HOST: string };
  readonly registry: Registry;
  readonly log: { readonly warn: (fields: object, message: string) => void };
};

/** More than one or two scrapers at a time are a mistake, and must not cost the process its descriptors. */
const CONNECTION_COUNT_MAX = 16;
const REQUEST_WITHIN_MS = 5000;
/** Where this is, the process's own figures are in the registry already. */
const A_DEFAULT = "process_cpu_seconds_total";

/**
 * Opens the listener, and adds the process's own figures (memory, processor, event loop) to the registry.
 * It has no login: it binds to loopback unless somebody says otherwise, and what it tells names no person and no device.
 * @throws KoproError `config_invalid` when it cannot listen there.
 */
export async function openMetrics({
  config,
  registry,
  log,
}: MetricsOptions): Promise<MetricsListener | undefined> {
  const { METRICS_PORT: port, METRICS_HOST: host } = config;
  if (port === undefined) return undefined;
  if (registry.getSingleMetric(A_DEFAULT) === undefined) collectDefaultMetrics({ register: registry });
  const collect = shared(() => registry.metrics());
  const server = createServer((request, response) => {
    if (!asksForMetrics(request)) return void response.writeHead(404).end();
    collect().then(
      (text) => answer(response, 200, registry.contentType, text),
      (error: unknown) => {
        log.warn({ err: error }, "the metrics could not be collected");
        answer(response, 500, "text/plain", "The metrics could not be collected; the log says why.\n");
      },
    );
  });
  server.maxConnections = CONNECTION_COUNT_MAX;
  server.requestTimeout = REQUEST_WITHIN_MS;
  server.headersTimeout = REQUEST_WITHIN_MS;
  await listen(server, port, host);
  // A connection that cannot be accepted (no descriptor left) is Prometheus' loss alone.
  server.on("error", (error) => log.warn({ err: error }, "the metrics listener failed"));
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}/metrics`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ port, host }, resolve);
  await promise.catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KoproError("config_invalid", `METRICS_PORT ${port} on ${host} cannot be used: ${why}`, {
      cause,
    });
  });
  server.removeListener("error", reject);
}

function asksForMetrics({ method, url }: IncomingMessage): boolean {
  return method === "GET" && url?.split("?")[0] === "/metrics";
}

function answer(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(text);
}

/** Whoever asks meanwhile shares the answer: a slow one is not started twice. */
function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => (running ??= work().finally(() => (running = undefined)));
}
