// Signing in and out, invitations, and API tokens.
import type { FastifyReply, FastifyRequest } from "fastify";
import { KoproError } from "#devices/error";
import { DAY_MS, SECOND_MS } from "#devices/time";
import {
  acceptInvitation,
  createApiToken,
  createSession,
  deleteSession,
  findPasswordHash,
  listApiTokens,
  revokeApiToken,
  type ApiToken,
} from "#store";
import { EVERYONE, PUBLIC, found, idOf, notFound, viewerOf } from "../access.ts";
import { SESSION_COOKIE, viewerWith, type Viewer } from "../authentication.ts";
import { invalid } from "../identifier.ts";
import { createLoginDelay } from "../login-delay.ts";
import { hashPassword, verifyPassword } from "../password.ts";
import {
  ApiTokenList,
  CreatedApiToken,
  InvitationAcceptance,
  Login,
  NewApiToken,
  NewSession,
  Nothing,
  Session,
  ref,
} from "../schemas/index.ts";
import { hashOf, newSecret } from "../secret.ts";
import type { Api, Services } from "../services.ts";
import { instantIn } from "../span.ts";
import { presentUser } from "./user.ts";

const SESSION_MS = 14 * DAY_MS;
/** Attempts of all accounts together from one address; each costs an argon2 hash. */
const LOGIN_LIMIT = { rateLimit: { max: 120, timeWindow: "1 minute" } };

export function sessionRoutes(app: Api, services: Services): void {
  const delay = createLoginDelay(services.time);

  app.post(
    "/v1/session",
    {
      config: { access: PUBLIC, ...LOGIN_LIMIT },
      schema: { summary: "Sign in", tags: ["Session"], body: ref(Login), response: { 201: ref(NewSession) } },
    },
    async (request, reply) => {
      const { email, password } = request.body;
      const waitMs = delay.attempt(email, request.ip);
      if (waitMs > 0) throw tooManyAttempts(waitMs);
      const known = await findPasswordHash(services.pool, email);
      // Also without an account, so that the answer takes as long.
      const right = await verifyPassword(password, known?.passwordHash);
      if (!right || known === undefined) {
        throw new KoproError(
          "credential_unknown",
          "This e-mail address and password do not belong together.",
        );
      }
      delay.succeeded(email, request.ip);
      void reply.code(201);
      return signIn(known.accountId, request, reply, services);
    },
  );

  app.get(
    "/v1/session",
    {
      config: { access: { roles: EVERYONE } },
      schema: { summary: "Who am I", tags: ["Session"], response: { 200: ref(Session) } },
    },
    async (request) => presentSession(viewerOf(request)),
  );

  app.delete(
    "/v1/session",
    {
      config: { access: { roles: EVERYONE } },
      schema: { summary: "Sign out", tags: ["Session"], response: { 204: Nothing } },
    },
    async (request, reply) => {
      await deleteSession(services.pool, viewerOf(request).tokenHash);
      return reply.clearCookie(SESSION_COOKIE, { path: "/" }).code(204).send(null);
    },
  );

  app.post(
    "/v1/invitations/accept",
    {
      config: { access: PUBLIC, ...LOGIN_LIMIT },
      schema: {
        summary: "Accept an invitation: set the password and sign in",
        tags: ["Session"],
        body: ref(InvitationAcceptance),
        response: { 201: ref(NewSession) },
      },
    },
    async (request, reply) => {
      const passwordHash = await hashPassword(request.body.password);
      const nowMs = services.time.now();
      const accountId = await acceptInvitation(
        services.pool,
        hashOf(request.body.token),
        passwordHash,
        nowMs,
      );
      if (accountId === undefined) {
        throw new KoproError("credential_unknown", "This invitation is not known, was used, or has expired.");
      }
      void reply.code(201);
      return signIn(accountId, request, reply, services);
    },
  );
}

export function tokenRoutes(app: Api, services: Services): void {
  app.get(
    "/v1/tokens",
    {
      config: { access: { roles: EVERYONE } },
      schema: { summary: "My API tokens", tags: ["Session"], response: { 200: ref(ApiTokenList) } },
    },
    async (request) => {
      const tokens = await listApiTokens(services.pool, viewerOf(request).scope);
      return { items: tokens.map(presentToken), nextCursor: null };
    },
  );

  app.post(
    "/v1/tokens",
    {
      config: { access: { roles: EVERYONE } },
      schema: {
        summary: "Create an API token with my rights",
        tags: ["Session"],
        body: ref(NewApiToken),
        response: { 201: ref(CreatedApiToken) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { name, expiresAt } = request.body;
      const expiresAtMs =
        expiresAt === undefined || expiresAt === null ? null : instantIn(expiresAt, "/expiresAt");
      if (expiresAtMs !== null && expiresAtMs <= scope.atMs)
        throw invalid("/expiresAt", "must lie in the future");
      const token = newSecret("apiToken");
      const created = await createApiToken(services.pool, scope, {
        name,
        tokenHash: hashOf(token),
        expiresAtMs,
      });
      void reply.code(201);
      return { ...presentToken(created), token };
    },
  );

  app.delete(
    "/v1/tokens/:id",
    {
      config: { access: { roles: EVERYONE, own: true } },
      schema: { summary: "Revoke one of my API tokens", tags: ["Session"], response: { 204: Nothing } },
    },
    async (request, reply) => {
      const revoked = await revokeApiToken(services.pool, viewerOf(request).scope, idOf(request));
      if (!revoked) throw notFound();
      return reply.code(204).send(null);
    },
  );
}

async function signIn(accountId: number, request: FastifyRequest, reply: FastifyReply, services: Services) {
  const token = newSecret("session");
  const nowMs = services.time.now();
  await createSession(services.pool, {
    tokenHash: hashOf(token),
    accountId,
    csrfToken: newSecret("csrf"),
    createdAtMs: nowMs,
    expiresAtMs: nowMs + SESSION_MS,
  });
  const viewer = found(await viewerWith(hashOf(token), services));
  void reply.setCookie(SESSION_COOKIE, token, {
    path: "/",
    httpOnly: true,
    sameSite: "strict",
    secure: request.protocol === "https",
    maxAge: SESSION_MS / SECOND_MS,
  });
  return { token, ...presentSession(viewer) };
}

function presentSession({ credential }: Viewer) {
  return {
    // An API token may have no end, and its holder no cookie that needs a CSRF token.
    expiresAt: credential.expiresAt?.toISOString() ?? null,
    csrfToken: credential.csrfToken,
    user: presentUser(credential.account),
  };
}

function presentToken(token: ApiToken) {
  return {
    id: String(token.id),
    name: token.name,
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt?.toISOString() ?? null,
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
  };
}

function tooManyAttempts(waitMs: number): KoproError {
  const retryAfterS = Math.ceil(waitMs / SECOND_MS);
  return new KoproError("too_many_requests", `Too many attempts; the next is possible in ${retryAfterS} s.`, {
    extra: { retryAfterS },
  });
}
