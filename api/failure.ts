// Every failure leaves as RFC 9457 problem+json, and none with a stack trace.
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { KoproError, problemOf, type ErrorCode } from "#devices/error";
import { storeFault } from "#store";

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** Fastify's own refusals that are the request's fault, by status. */
const FRAMEWORK: Readonly<Record<number, { code: ErrorCode; detail: string }>> = {
  400: { code: "request_invalid", detail: "The request could not be read." },
  404: { code: "not_found", detail: "There is nothing at this address." },
  413: { code: "payload_too_large", detail: "The body is larger than this route accepts." },
  414: { code: "request_invalid", detail: "The address is too long." },
  415: { code: "media_type_unsupported", detail: "Send the body as application/json." },
  429: { code: "too_many_requests", detail: "Too many requests from this address; wait before the next." },
  503: { code: "dependency_missing", detail: "The service is stopping." },
};

/** Of the framework's errors, those whose text helps whoever wrote the request. */
const SPEAKING: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: "The body is not valid JSON.",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "The body is not as long as its Content-Length says.",
  FST_ERR_BAD_URL: "The address is not valid.",
};

export function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => sendProblem(error, request, reply));
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = knownError(error);
  const problem = problemOf(known);
  if (problem.status >= 500) {
    // WARN where waiting helps and nothing is lost; ERROR where a human has to look.
    const level = known.code === "dependency_missing" ? "warn" : "error";
    request.log[level]({ err: known.cause ?? known, route: request.routeOptions.url }, known.message);
  }
  const { retryAfterS } = known.extra;
  if (typeof retryAfterS === "number") void reply.header("retry-after", retryAfterS);
  if (problem.status === 401) void reply.header("www-authenticate", "Bearer");
  // Failures depend on who asks and when: no cache may keep them.
  void reply.header("cache-control", "no-store").code(problem.status).type(PROBLEM_TYPE);
  // Text, so that no response schema can cut members off.
  return reply.send(JSON.stringify(problem));
}

function knownError(error: unknown): KoproError {
  if (error instanceof KoproError) return error;
  const fault = storeFault(error);
  if (fault !== undefined) return fault;
  const { statusCode, code } = (error ?? {}) as { statusCode?: unknown; code?: unknown };
  const framework = typeof statusCode === "number" ? FRAMEWORK[statusCode] : undefined;
  if (framework !== undefined) {
    const detail = typeof code === "string" ? SPEAKING[code] : undefined;
    return new KoproError(framework.code, detail ?? framework.detail, { cause: error });
  }
  if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
    return new KoproError("request_invalid", "The request could not be read.", { cause: error });
  }
  return new KoproError("internal", "The request failed.", { cause: error });
}
