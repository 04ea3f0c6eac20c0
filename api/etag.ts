// Every answer that is derived carries an ETag; whoever has it already is told so instead of being sent it again.
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Api } from "./services.ts";

/** Of answers without an ETag of their own: the hash of what is sent. */
export function tagAnswers(app: Api): void {
  app.addHook("onSend", async (request, reply, payload) => {
    if ((request.method !== "GET" && request.method !== "HEAD") || reply.statusCode !== 200) return payload;
    if (!reply.hasHeader("etag")) {
      if (typeof payload !== "string") return payload;
      void reply.header("etag", quoted(payload));
    }
    if (!reply.hasHeader("cache-control")) keepPrivate(reply);
    if (!isKnown(request, String(reply.getHeader("etag")))) return payload;
    void reply.code(304).removeHeader("content-length");
    return null;
  });
}

/** May be kept by the reader alone, who must ask each time whether it still holds. */
export function keepPrivate(reply: FastifyReply): void {
  void reply.header("cache-control", "private, no-cache");
}

/** An ETag from what an answer is derived from: known before the answer is computed. */
export function tagOf(...parts: readonly (string | number)[]): string {
  return quoted(parts.join("\n"));
}

/** Whether the reader holds this version (RFC 9110, 13.1.2: weak comparison). */
export function isKnown(request: FastifyRequest, tag: string): boolean {
  const header = request.headers["if-none-match"];
  if (header === undefined) return false;
  return header.trim() === "*" || header.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);
}

function quoted(text: string): string {
  return `"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;
}
