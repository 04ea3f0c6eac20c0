// The dossier as it was published: the canonical text that was hashed, its profile as CSV or numbers, and what was revised since.
import type { FastifyReply, FastifyRequest } from "fastify";
import { revisionOf } from "#analytics";
import { KoproError } from "#devices/error";
import { carrierQuantity, findDossier, findTender, type DossierRow, type TenderRow } from "#store";
import { EVERYONE, found, idOf, viewerOf } from "../access.ts";
import { prefersCsv, sendCsv } from "../csv.ts";
import { isKnown, keepPrivate } from "../etag.ts";
import { Dossier, DossierProfile, DossierRevision, ref, series } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";

/** What is made of a dossier, which never changes: each has an ETag of its own. */
type Form = "json" | "csv" | "profile";

export function tenderDossierRoutes(app: Api, services: Services): void {
  const access = { roles: EVERYONE, sees: ["tender", "id"] } as const;
  const profiles: Profiles = new Map();
  const description =
    "JSON: the canonical text (RFC 8785), byte for byte; its SHA-256 without the member `hash` is `hash`. CSV: the aggregated quarter-hours, whose SHA-256 is `profileSha256`. Empty where a quarter-hour is missing or withheld.";

  app.get(
    "/v1/tenders/:id/dossier",
    {
      config: { access },
      schema: {
        summary: "What suppliers price, as published; its quarter-hours by Accept",
        description,
        tags: ["Tenders"],
        response: { 200: series(ref(Dossier)) },
      },
    },
    (request, reply) => send(request, reply, services, prefersCsv(request) ? "csv" : "json"),
  );

  app.get(
    "/v1/tenders/:id/dossier.json",
    {
      config: { access },
      schema: {
        summary: "The dossier, to keep as a file",
        description,
        tags: ["Tenders"],
        response: { 200: ref(Dossier) },
      },
    },
    (request, reply) => {
      void reply.header("content-disposition", `attachment; filename="${nameOf(idOf(request))}.json"`);
      return send(request, reply, services, "json");
    },
  );

  app.get(
    "/v1/tenders/:id/dossier.csv",
    {
      config: { access },
      schema: {
        summary: "The dossier's quarter-hours, to keep as a file",
        description,
        tags: ["Tenders"],
        response: { 200: csvOnly },
      },
    },
    (request, reply) => send(request, reply, services, "csv"),
  );

  app.get(
    "/v1/tenders/:id/dossier/profile",
    {
      config: { access },
      schema: {
        summary: "The dossier's quarter-hours as numbers, for charts",
        tags: ["Tenders"],
        response: { 200: ref(DossierProfile) },
      },
    },
    (request, reply) => send(request, reply, services, "profile", profiles),
  );

  app.get(
    "/v1/tenders/:id/dossier/revision",
    {
      config: { access },
      schema: {
        summary: "By how much later corrections change the published volume",
        tags: ["Tenders"],
        response: { 200: ref(DossierRevision) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      published(found(await findTender(services.pool, scope, idOf(request))));
      const view = await revisionOf(services.desk, scope, idOf(request));
      return {
        asOf: new Date(view.asOfMs).toISOString(),
        publishedWh: view.publishedWh,
        presentWh: view.presentWh,
        revisedShare: view.revisedShare,
      };
    },
  );
}

const csvOnly = { description: "As `text/csv`.", content: { "text/csv": { schema: { type: "string" } } } };

const nameOf = (tenderId: number) => `tender-${tenderId}-dossier`;

/** The tag follows from the hash in the tender's row: whoever has the dossier spares the megabytes of its profile. */
async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { pool }: Services,
  form: Form,
  profiles: Profiles = new Map(),
) {
  const { scope } = viewerOf(request);
  const tender = found(await findTender(pool, scope, idOf(request)));
  const tag = `"${published(tender)}${form === "json" ? "" : `-${form}`}"`;
  keepPrivate(reply);
  void reply.header("etag", tag).header("vary", "accept");
  if (isKnown(request, tag)) return reply.code(304).send();
  const kept = form === "profile" ? profiles.get(tag) : undefined;
  if (kept !== undefined) return reply.type("application/json").send(kept);

  const dossier = found(await findDossier(pool, scope, tender.id));
  if (form === "csv") return sendCsv(reply, nameOf(tender.id), dossier.profileCsv);
  // As text, so that no serialiser changes a byte of what was hashed.
  const text = form === "json" ? dossier.text : JSON.stringify(profileOf(tender, dossier));
  if (form === "profile") keep(profiles, tag, text);
  return reply.type("application/json").send(text);
}

/** Texts of profiles by their tag. A dossier never changes, and making its numbers costs 25 ms; each is some 150 kB. */
type Profiles = Map<string, string>;
const PROFILES_KEPT = 32;

function keep(profiles: Profiles, tag: string, text: string): void {
  const [oldest] = profiles.keys();
  if (profiles.size >= PROFILES_KEPT && oldest !== undefined) profiles.delete(oldest);
  profiles.set(tag, text);
}

function published(tender: TenderRow): string {
  if (tender.dossierHash !== null) return tender.dossierHash;
  throw new KoproError(
    "state_forbidden",
    `Tender ${tender.id} has no dossier: it is in state ${tender.state} and was not published.`,
    { extra: { reason: tender.state === "cancelled" ? "tender_cancelled" : "not_published" } },
  );
}

/** The numbers of the stored lines `from,to,energyWh`: their order is time's, without a gap. */
function profileOf({ timezone, carrier }: TenderRow, { profileCsv }: DossierRow) {
  const quarters: (number | null)[] = [];
  let from = "";
  for (let start = profileCsv.indexOf("\n") + 1; start < profileCsv.length;) {
    const end = profileCsv.indexOf("\r\n", start);
    const value = profileCsv.slice(profileCsv.lastIndexOf(",", end) + 1, end);
    if (from === "") from = profileCsv.slice(start, profileCsv.indexOf(",", start));
    quarters.push(value === "" ? null : Number(value));
    start = end + 2;
  }
  return { from, timezone, unit: carrierQuantity(carrier).unit, quarters };
}
