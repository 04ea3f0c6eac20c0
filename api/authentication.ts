// Who asks: a bearer token, or the dashboard's cookie together with its CSRF token.
import type { FastifyRequest } from "fastify";
import { KoproError } from "#devices/error";
import { findCredential, scopeOf, touchApiToken, type Credential, type Scope } from "#store";
import { hashOf, sameSecret } from "./secret.ts";
import type { Services } from "./services.ts";

export const SESSION_COOKIE = "koprogo_session";

export type Viewer = {
  readonly scope: Scope;
  readonly credential: Credential;
  readonly tokenHash: Buffer;
};

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * @throws KoproError `session_missing` without any credential, `credential_unknown` for one that is not (or no longer)
 * valid, `csrf_missing` when only the cookie vouches for a request that changes something.
 */
export async function authenticate(request: FastifyRequest, services: Services): Promise<Viewer> {
  const bearer = bearerToken(request.headers.authorization);
  const token = bearer ?? request.cookies[SESSION_COOKIE];
  if (token === undefined || token === "") {
    throw new KoproError("session_missing", "This needs a session: sign in, or send a bearer token.");
  }
  const viewer = await viewerWith(hashOf(token), services);
  if (viewer === undefined)
    throw new KoproError("credential_unknown", "The session or token is not valid (any more).");
  if (bearer === undefined && !SAFE.has(request.method)) requireCsrfToken(request, viewer.credential);
  if (viewer.credential.via === "api-token") {
    await touchApiToken(services.pool, viewer.tokenHash, viewer.scope.atMs);
  }
  return viewer;
}

/** The viewer behind a token's hash as of now, or `undefined`. Long-lived streams ask again. */
export async function viewerWith(tokenHash: Buffer, services: Services): Promise<Viewer | undefined> {
  const nowMs = services.time.now();
  const credential = await findCredential(services.pool, tokenHash, nowMs);
  return credential === undefined
    ? undefined
    : { credential, tokenHash, scope: scopeOf(credential.account, nowMs) };
}

function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const match = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header);
  if (match === null)
    throw new KoproError("credential_unknown", "The Authorization header is not a bearer token.");
  return match[1];
}

function requireCsrfToken(request: FastifyRequest, credential: Credential): void {
  const given = request.headers["x-csrf-token"];
  const expected = credential.csrfToken;
  if (expected === null || typeof given !== "string" || !sameSecret(given, expected)) {
    throw new KoproError(
      "csrf_missing",
      "With the cookie, a change needs the session's csrfToken in x-csrf-token.",
    );
  }
}
