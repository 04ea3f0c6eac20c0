// Authorisation, the one mechanism: a route declares who may use it, or the process does not start.
//
//   credential? ──no──▶ 401      about something the viewer does not know ──▶ 404
//       │                                     │
//   cookie without CSRF token ──▶ 403         role not listed ──▶ 403
//                                             │
//                                what it measures, without consent ──▶ 403 consent_missing
//
// What a handler then reads, it reads through the viewer's Scope (store/directory), which filters again.
import type { FastifyRequest } from "fastify";
import { KoproError } from "#devices/error";
import { ROLES, type Role } from "#devices/vocabulary";
import { knowledgeOf, type Thing } from "#store";
import { authenticate, type Viewer } from "./authentication.ts";
import { identifier } from "./identifier.ts";
import type { Api, Services } from "./services.ts";
import { unclaimedKey } from "./unclaimed-id.ts";

/** What the route is about, and which parameter of its address names it. */
type About = readonly [thing: Thing | "unclaimed", parameter: string];

export type Access =
  | { readonly public: true }
  /** Whoever asks from this machine itself, not through a proxy, or an administrator. */
  | { readonly scrape: true }
  | {
      readonly roles: readonly Role[];
      /** The viewer must know of it. */
      readonly sees?: About;
      /** The viewer must know of it and may see what it measures. */
      readonly measures?: About;
      /** The addresses of one's own things, which the handler looks up by the viewer's account. */
      readonly own?: true;
    };

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    viewer: Viewer | null;
  }
}

export const EVERYONE: readonly Role[] = ROLES;
export const PUBLIC: Access = { public: true };

export type RouteEntry = { readonly method: string; readonly url: string; readonly access: Access };

/** Registers the mechanism; must come before any route. The routes registered can be read when the app is ready. */
export function guard(app: Api, services: Services): { routes: () => readonly RouteEntry[] } {
  const registered: { method: string | string[]; url: string; config?: { access?: Access } }[] = [];
  // Kept by reference: a wrapper around a third party's plugin may still add the declaration (docs.ts, static-dashboard.ts).
  app.addHook("onRoute", (route) => void registered.push(route));
  app.addHook("onReady", async () => {
    for (const route of registered) refuseUndeclared(route);
  });
  app.decorateRequest("viewer", null);
  app.addHook("onRequest", (request) => admit(request, services));
  return {
    routes: () =>
      registered.flatMap(({ method, url, config }) =>
        [method]
          .flat()
          .flatMap((one) =>
            config?.access === undefined ? [] : [{ method: one, url, access: config.access }],
          ),
      ),
  };
}

function refuseUndeclared(route: {
  method: string | string[];
  url: string;
  config?: { access?: Access };
}): void {
  const access = route.config?.access;
  const name = `${String(route.method)} ${route.url}`;
  if (access === undefined) throw new Error(`${name} does not declare who may use it (config.access)`);
  if (!("roles" in access) || !route.url.includes(":")) return;
  const about = access.measures ?? access.sees;
  if (about === undefined && access.own !== true)
    throw new Error(`${name} does not declare what it is about (config.access.sees)`);
  if (about !== undefined && !route.url.includes(`:${about[1]}`))
    throw new Error(`${name} has no parameter ${about[1]}`);
}

async function admit(request: FastifyRequest, services: Services): Promise<void> {
  if (request.is404) return;
  const { access } = request.routeOptions.config;
  if (access === undefined) throw new KoproError("internal", "The route does not declare who may use it.");
  if ("public" in access) return;
  if ("scrape" in access) return admitScraper(request, services);

  const viewer = await authenticate(request, services);
  request.viewer = viewer;
  const about = access.measures ?? access.sees;
  const knowledge = about === undefined ? "measured" : await knows(request, services, viewer, about);
  if (knowledge === "unknown") throw notFound();
  if (!access.roles.includes(viewer.scope.role)) {
    const { role } = viewer.scope;
    throw new KoproError(
      "forbidden",
      `The role ${role} may not do this: it is for ${access.roles.join(", ")}.`,
    );
  }
  if (access.measures !== undefined && knowledge !== "measured") {
    throw new KoproError("consent_missing", "No consent for the purpose load-profile is in force here.");
  }
}

async function knows(request: FastifyRequest, services: Services, viewer: Viewer, [thing, parameter]: About) {
  const text = (request.params as Record<string, unknown>)[parameter];
  // Of what a gateway speaks for, whoever sees the gateway may ask.
  const id = thing === "unclaimed" ? unclaimedKey(text)?.gatewayId : identifier(text);
  if (id === undefined) return "unknown";
  return knowledgeOf(services.pool, viewer.scope, thing === "unclaimed" ? "device" : thing, id);
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
const PROXY_HEADERS = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

async function admitScraper(request: FastifyRequest, services: Services): Promise<void> {
  const direct = PROXY_HEADERS.every((name) => request.headers[name] === undefined);
  if (direct && LOOPBACK.has(request.socket.remoteAddress ?? "")) return;
  const viewer = await authenticate(request, services);
  if (viewer.scope.role !== "admin")
    throw new KoproError("forbidden", "Only an administrator may read this.");
}

/** For what does not exist, and for what the viewer may not know to exist: the same answer. */
export function notFound(): KoproError {
  return new KoproError("not_found", "There is nothing here that you may see.");
}

/** The row, or the answer that there is none. */
export function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw notFound();
  return row;
}

/** Who asks. Only routes that declare roles have one. */
export function viewerOf(request: FastifyRequest): Viewer {
  if (request.viewer === null) throw new KoproError("internal", "A public route asked who is looking.");
  return request.viewer;
}

/** The identifier that the mechanism has checked. */
export function idOf(request: { params: unknown }, parameter = "id"): number {
  return found(identifier((request.params as Record<string, unknown>)[parameter]));
}
