// The call: drafting a tender, opening its enrolment, publishing it, cancelling it.
import { cancelTender, createTender, enrolTender, publishTender } from "#analytics";
import type { Role } from "#devices/vocabulary";
import { findTender, listTenders } from "#store";
import { EVERYONE, found, idOf, viewerOf } from "../access.ts";
import { listed, pageRequest } from "../identifier.ts";
import { presentTender } from "../present-tender.ts";
import { NewTender, Tender, TenderList, TenderQuery, TenderReason, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { instantIn } from "../span.ts";

const KEEPERS: readonly Role[] = ["admin", "coordinator"];
const CURRENCY_DEFAULT = "EUR";

export function tenderRoutes(app: Api, { pool, desk }: Services): void {
  app.get(
    "/v1/tenders",
    {
      config: { access: { roles: EVERYONE } },
      schema: {
        summary: "The tenders that I may see",
        description:
          "Coordinators see those of their organisation; managers and residents those of their building's, from enrolment on; suppliers all that are published.",
        tags: ["Tenders"],
        querystring: TenderQuery,
        response: { 200: ref(TenderList) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const page = await listTenders(pool, scope, pageRequest(request.query), { state: request.query.state });
      return listed(page, (row) => presentTender(row, scope));
    },
  );

  app.post(
    "/v1/tenders",
    {
      config: { access: { roles: KEEPERS } },
      schema: {
        summary: "Call for bids; enrolment opens at once, unless it is a draft",
        tags: ["Tenders"],
        body: ref(NewTender),
        response: { 201: ref(Tender) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { body } = request;
      const created = await createTender(desk, scope, {
        name: body.name,
        carrier: body.carrier,
        regions: body.regions,
        deliveryStartsOn: body.deliveryStart,
        termMonths: body.termMonths,
        minimumCohort: body.minimumCohort,
        bidDeadlineMs: instantIn(body.bidDeadline, "/bidDeadline"),
        currency: body.currency ?? CURRENCY_DEFAULT,
        draft: body.draft ?? false,
      });
      void reply.code(201);
      return presentTender(created, scope);
    },
  );

  app.get(
    "/v1/tenders/:id",
    {
      config: { access: { roles: EVERYONE, sees: ["tender", "id"] } },
      schema: { summary: "One tender", tags: ["Tenders"], response: { 200: ref(Tender) } },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      return presentTender(found(await findTender(pool, scope, idOf(request))), scope);
    },
  );

  app.post(
    "/v1/tenders/:id/enrol",
    {
      config: { access: { roles: KEEPERS, sees: ["tender", "id"] } },
      schema: {
        summary: "Open the enrolment of a draft",
        tags: ["Tenders"],
        response: { 200: ref(Tender) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      return presentTender(await enrolTender(desk, scope, idOf(request)), scope);
    },
  );

  app.post(
    "/v1/tenders/:id/publish",
    {
      config: { access: { roles: KEEPERS, sees: ["tender", "id"] } },
      schema: {
        summary: "Close the enrolment, freeze the dossier and let suppliers bid",
        description:
          "Refused with `cohort_too_small` or `dominant_participant` where the figures, alone or together with earlier ones, would tell of too few; with `conditions_missing` where a participant's conditions do not hold any more.",
        tags: ["Tenders"],
        response: { 200: ref(Tender) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      return presentTender(await publishTender(desk, scope, idOf(request)), scope);
    },
  );

  app.post(
    "/v1/tenders/:id/cancel",
    {
      config: { access: { roles: KEEPERS, sees: ["tender", "id"] } },
      schema: {
        summary: "Cancel a tender that is not awarded, with the reason",
        tags: ["Tenders"],
        body: ref(TenderReason),
        response: { 200: ref(Tender) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      return presentTender(await cancelTender(desk, scope, idOf(request), request.body.reason), scope);
    },
  );
}
