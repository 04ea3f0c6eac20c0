// The dashboard's built files, and its index page for every address that the dashboard itself understands.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyReply, FastifyRequest } from "fastify";
import { PUBLIC } from "./access.ts";
import type { Api } from "./services.ts";

const DIST = fileURLToPath(new URL("./dashboard/dist/", import.meta.url));
const NOT_BUILT =
  "The dashboard is not built yet: run `npx vite build api/dashboard`, then restart. The API answers under /v1, its reference is at /docs.\n";

export type Dashboard = {
  /** Whether this request, which no route answers, is a browser asking for a page. */
  readonly isPage: (request: FastifyRequest) => boolean;
  readonly sendPage: (reply: FastifyReply) => Promise<FastifyReply>;
};

/** Below these, an unknown address is an error of a program, not a page. */
const NO_PAGES = /^\/(v1|health|docs|assets|metrics|openapi\.json)(\/|$)/;

export async function serveDashboard(app: Api, dist = DIST): Promise<Dashboard> {
  const built = existsSync(join(dist, "index.html"));
  if (built) await app.register(async (files) => registerFiles(files, dist));
  else
    app.get("/", { config: { access: PUBLIC }, schema: { hide: true } }, async (_request, reply) =>
      sendPage(reply),
    );

  async function sendPage(reply: FastifyReply): Promise<FastifyReply> {
    void reply.code(200).header("cache-control", "no-cache");
    if (!built) return reply.type("text/plain; charset=utf-8").send(NOT_BUILT);
    return reply.type("text/html; charset=utf-8").send(await readFile(join(dist, "index.html"), "utf8"));
  }
  return {
    isPage: (request) => {
      const reads = request.method === "GET" || request.method === "HEAD";
      const accept = request.headers.accept ?? "";
      return reads && accept.includes("text/html") && !NO_PAGES.test(request.url.split("?")[0] ?? "");
    },
    sendPage,
  };
}

async function registerFiles(files: Api, dist: string): Promise<void> {
  files.addHook("onRoute", (route) => {
    route.config = { ...route.config, access: PUBLIC };
    route.schema = { ...route.schema, hide: true };
  });
  await files.register(fastifyStatic, {
    root: dist,
    // One route a file: an address that is no file is answered like any other unknown one.
    wildcard: false,
    cacheControl: false,
    setHeaders: (response, path) => {
      // Vite names the files in assets/ by their content.
      const immutable = path.includes("/assets/");
      void response.header("cache-control", immutable ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}
