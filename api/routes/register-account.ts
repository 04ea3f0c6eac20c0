// What of a register's energy is in quarter-hours, what could not be put into any and why, and whether that is all of it.
import { Type } from "typebox";
import { registerAccount, type AccountEnd } from "#analytics";
import type { Role } from "#devices/vocabulary";
import {
  accountSource,
  feedsProfile,
  findRegister,
  findUnallocated,
  inSnapshot,
  isStale,
  type PieceRecord,
} from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { listed, pageRequest } from "../identifier.ts";
import { PAGE, RegisterAccount, query, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { spanOf } from "../span.ts";
import { refused } from "./ruling.ts";

const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];
const DAYS_MAX = 3660;

const AccountQuery = query({
  from: Type.String({ description: "RFC 3339 instant, or a UTC date." }),
  to: Type.String({ description: "Exclusive." }),
  ...PAGE,
});

export function registerAccountRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/registers/:id/account",
    {
      config: { access: { roles: TENANTS, measures: ["register", "id"] } },
      schema: {
        summary:
          "What of the index is in quarter-hours, what could not be allocated to any, and whether it adds up",
        description:
          "The items are the energy that belongs to no quarter-hour, oldest first. All of it and all quarter-hours together are what the index went by, resets, rollovers and swaps included; sums are over all pages.",
        tags: ["Registers"],
        querystring: AccountQuery,
        response: { 200: ref(RegisterAccount) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const register = found(await findRegister(pool, scope, idOf(request)));
      if (!feedsProfile(register))
        throw refused("register_without_profile", "Only an index of energy or volume has an account.");
      const span = spanOf(request.query, "UTC", DAYS_MAX);
      const { limit, after } = pageRequest(request.query);
      const { account, stale, rows } = await inSnapshot(pool, async (client) => {
        const account = await registerAccount(accountSource(client), register, span);
        const whole = { registerId: register.id, fromMs: account.fromMs, toMs: account.toMs };
        const stale = await isStale(client, whole);
        const rows = await findUnallocated(client, scope, whole, { after, limit: limit + 1 });
        return { account, stale, rows };
      });
      const { allocated, unallocated, unaccounted } = account;
      const page = { items: rows.slice(0, limit), next: rows.length > limit ? after + limit : undefined };
      return {
        ...quantityOf(register.quantity),
        from: new Date(account.fromMs).toISOString(),
        to: new Date(account.toMs).toISOString(),
        opening: presentEnd(account.opening),
        closing: presentEnd(account.closing),
        allocated,
        unallocated,
        unaccounted,
        closes: stale ? null : unaccounted === 0,
        ...listed(page, presentPiece),
      };
    },
  );
}

function quantityOf(quantity: string) {
  return quantity === "energy"
    ? ({ quantity: "energy", unit: "Wh" } as const)
    : ({ quantity: "volume", unit: "l" } as const);
}

function presentEnd(end: AccountEnd | undefined) {
  return end === undefined ? null : { at: new Date(end.atMs).toISOString(), index: end.index };
}

function presentPiece({ fromAt, toAt, energy, cause }: PieceRecord) {
  return { from: fromAt.toISOString(), to: toAt.toISOString(), energy, cause };
}
