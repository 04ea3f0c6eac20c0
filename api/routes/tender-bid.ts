// A supplier's bid: handed in sealed, a receipt in return; read by nobody else before the opening.
import { countingBids, submitBid, type BidReceipt } from "#analytics";
import type { Role } from "#devices/vocabulary";
import { findTender, listBids, type BidRow } from "#store";
import { EVERYONE, found, idOf, viewerOf } from "../access.ts";
import { millionthsIn } from "../amount.ts";
import { identifierIn, invalid } from "../identifier.ts";
import { MICRO_PLACES, NANO_PLACES, parseFixed } from "../money.ts";
import { presentOffer } from "../present-tender.ts";
import { Bid, BidList, NewBid, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { instantIn } from "../span.ts";

const SUPPLIERS: readonly Role[] = ["supplier"];

export function tenderBidRoutes(app: Api, { pool, desk }: Services): void {
  app.post(
    "/v1/tenders/:id/bids",
    {
      config: { access: { roles: SUPPLIERS, sees: ["tender", "id"] } },
      schema: {
        summary: "Bid for my organisation; of several bids the last before the deadline counts",
        description:
          "Amounts are without VAT, in the tender's currency. What does not fit the call is `bid_refused`, with all its `reasons`. After the deadline, by the server's clock: `state_forbidden`, `bid_too_late`.",
        tags: ["Tenders"],
        body: ref(NewBid),
        response: { 201: ref(Bid) },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const receipt = await submitBid(desk, viewerOf(request).scope, idOf(request), {
        lotId: body.lotId == null ? null : identifierIn(body.lotId, "/lotId"),
        priceNanoPerKwh: offered(body.pricePerKwh, NANO_PLACES, "/pricePerKwh"),
        annualFeeMicro: offered(body.annualFee, MICRO_PLACES, "/annualFee"),
        currency: body.currency,
        vat: body.vat,
        termMonths: body.termMonths,
        greenMillionths: millionthsIn(body.greenShare),
        validUntilMs: body.validUntil === undefined ? undefined : instantIn(body.validUntil, "/validUntil"),
      });
      void reply.code(201);
      return presentReceipt(receipt);
    },
  );

  app.get(
    "/v1/tenders/:id/bids",
    {
      config: { access: { roles: EVERYONE, sees: ["tender", "id"] } },
      schema: {
        summary: "The bids that I may read",
        description:
          "Suppliers read their own organisation's. After the opening, who runs the tender reads all, and so do managers and residents of a building that takes part. Before it, nobody else reads any.",
        tags: ["Tenders"],
        response: { 200: ref(BidList) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const tender = found(await findTender(pool, scope, idOf(request)));
      const bids = await listBids(pool, scope, tender.id);
      const counting = countingIds(bids, tender.bidDeadline);
      return {
        items: bids.map((bid) => ({ ...presentBid(bid, counting.has(bid.id)), logHead: null })),
        nextCursor: null,
      };
    },
  );
}

/** Any amount that can be written exactly: whether it is absurd, the rules of a bid say, not the size of a column. */
function offered(text: string, places: number, pointer: string): bigint {
  const value = parseFixed(text, places);
  if (value === undefined) throw invalid(pointer, `is not a decimal with at most ${places} places`);
  return value;
}

/** Whoever reads a supplier's bid reads all of that supplier's, so the last of them is among these rows. */
function countingIds(bids: readonly BidRow[], deadline: Date): ReadonlySet<number> {
  const stored = bids.map((bid) => ({
    bidId: bid.id,
    supplierId: bid.supplierId,
    receivedAtMs: bid.receivedAt.getTime(),
    submission: {
      form: "terms" as const,
      terms: {
        lotId: null,
        price: { kind: "flat" as const, nanoPerKwh: bid.priceNanoPerKwh },
        annualFeeMicro: bid.annualFeeMicro,
        currency: bid.currency,
        vat: "excluded" as const,
        termMonths: bid.termMonths,
        greenMillionths: bid.greenMillionths,
        validUntilMs: bid.validUntil.getTime(),
      },
    },
  }));
  return new Set(countingBids(stored, deadline.getTime()).map(({ bidId }) => bidId));
}

function presentReceipt(receipt: BidReceipt) {
  return { ...presentBid(receipt, receipt.counts), logHead: receipt.logHead };
}

function presentBid(row: BidRow, counts: boolean) {
  return {
    id: String(row.id),
    tenderId: String(row.tenderId),
    ...presentOffer(row),
    currency: row.currency,
    vat: "excluded" as const,
    termMonths: row.termMonths,
    validUntil: row.validUntil.toISOString(),
    receivedAt: row.receivedAt.toISOString(),
    counts,
    salt: row.salt,
    receipt: row.receipt,
  };
}
