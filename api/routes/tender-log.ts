// The log of a tender, so that a stranger can verify it: each entry's text byte for byte, and the hashes that chain them.
import { genesisHash, verifyLog, type LogEntry, type TenderEventKind, type TenderState } from "#analytics";
import { findTender, listTenderEvents } from "#store";
import { EVERYONE, found, idOf, viewerOf } from "../access.ts";
import { TenderLog, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";

export function tenderLogRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/tenders/:id/log",
    {
      config: { access: { roles: EVERYONE, sees: ["tender", "id"] } },
      schema: {
        summary: "What happened to a tender, append-only and chained by hashes",
        description:
          "Entry n: `hash` = SHA-256 of `previousHash`, a line feed and `text`; the first follows `genesis`. Until the opening, who does not run the tender reads it up to the first bid: a beginning of the chain, which verifies as such.",
        tags: ["Tenders"],
        response: { 200: ref(TenderLog) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const tender = found(await findTender(pool, scope, idOf(request)));
      const entries = await listTenderEvents(pool, scope, tender.id);
      const genesis = genesisHash(tender.id);
      return {
        items: entries.map((entry) => ({ ...entry, ...factsOf(entry) })),
        nextCursor: null,
        genesis,
        head: entries.at(-1)?.hash ?? genesis,
        intact: verifyLog(tender.id, entries).intact,
      };
    },
  );
}

type Facts = {
  readonly event: TenderEventKind | null;
  readonly at: string | null;
  readonly by: string | null;
  readonly reason: string | null;
  readonly state: TenderState | null;
};
const UNREADABLE: Facts = { event: null, at: null, by: null, reason: null, state: null };

/** Read out of the text for whoever does not verify; what counts is the text, also one that somebody has broken. */
function factsOf({ text }: LogEntry): Facts {
  try {
    return JSON.parse(text) as Facts;
  } catch (error) {
    if (error instanceof SyntaxError) return UNREADABLE;
    throw error;
  }
}
