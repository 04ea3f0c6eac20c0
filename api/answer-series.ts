// Derived answers as JSON or, by Accept, as CSV, with an ETag of what they say: not of the instant at which they say so.
import type { FastifyReply, FastifyRequest } from "fastify";
import { csvOf, prefersCsv, sendCsv, type Cell } from "./csv.ts";
import { isKnown, keepPrivate, tagOf } from "./etag.ts";

export type Table = {
  readonly name: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
};

/** `asOf` moves with the clock, so it is no part of the ETag: who has the answer has all that counts of it. */
type Derived = Readonly<Record<string, unknown>>;

export function answerSeries(request: FastifyRequest, reply: FastifyReply, answer: Derived, table: Table) {
  void reply.header("vary", "accept");
  if (!prefersCsv(request)) return answerJson(request, reply, answer);
  if (isTagged(request, reply, answer, "csv")) return reply.code(304).send();
  return sendCsv(reply, table.name, csvOf(table.header, table.rows));
}

export function answerJson(request: FastifyRequest, reply: FastifyReply, answer: Derived) {
  return isTagged(request, reply, answer, "json") ? reply.code(304).send() : reply.send(answer);
}

/** Sets the ETag, and says whether the reader has it already. */
function isTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Derived,
  form: "csv" | "json",
): boolean {
  const tag = tagOf(request.url, form, JSON.stringify({ ...answer, asOf: undefined }));
  keepPrivate(reply);
  void reply.header("etag", tag);
  return isKnown(request, tag);
}
