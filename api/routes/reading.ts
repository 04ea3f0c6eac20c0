// Raw readings of one register, as received.
import { Type } from "typebox";
import type { Role } from "#devices/vocabulary";
import { findRegister, listReadings, type ReadingCursor, type StoredReading } from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { csvOf, prefersCsv, sendCsv } from "../csv.ts";
import { invalid } from "../identifier.ts";
import { PAGE, ReadingList, query, ref, series } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { spanOf } from "../span.ts";

const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];
const DAYS_MAX = 3660;
const PAGE_MAX = 10_000;
const PAGE_DEFAULT = 1000;

const ReadingQuery = query({
  from: Type.String({ description: "RFC 3339 instant, or a UTC date." }),
  to: Type.String({ description: "Exclusive." }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_MAX, default: PAGE_DEFAULT })),
  cursor: PAGE.cursor,
});

export function readingRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/registers/:id/readings",
    {
      config: { access: { roles: TENANTS, measures: ["register", "id"] } },
      schema: {
        summary: "Raw readings, by the device's time",
        description:
          "Two readings of one instant are a correction: both are shown. As CSV, the next page's cursor is in the header `x-next-cursor`.",
        tags: ["Registers"],
        querystring: ReadingQuery,
        response: { 200: series(ref(ReadingList)) },
      },
    },
    async (request, reply) => {
      const register = found(await findRegister(pool, viewerOf(request).scope, idOf(request)));
      const { limit, cursor } = request.query;
      const page = await listReadings(pool, register.id, {
        ...spanOf(request.query, "UTC", DAYS_MAX),
        limit: limit ?? PAGE_DEFAULT,
        after: cursor === undefined ? undefined : readCursor(cursor),
      });
      const items = page.items.map((reading) => presentReading(reading, register.unit));
      const nextCursor = page.next === undefined ? null : writeCursor(page.next);
      void reply.header("vary", "accept");
      if (!prefersCsv(request)) return { items, nextCursor };
      if (nextCursor !== null) void reply.header("x-next-cursor", nextCursor);
      return sendCsv(reply, `register-${register.id}`, readingsCsv(items));
    },
  );
}

function presentReading(reading: StoredReading, unit: string) {
  return {
    observedAt: new Date(reading.observedAtMs).toISOString(),
    receivedAt: new Date(reading.receivedAtMs).toISOString(),
    value: reading.value,
    unit,
    clock: reading.clock,
    flags: [...reading.flags],
  };
}

function readingsCsv(items: readonly ReturnType<typeof presentReading>[]): string {
  const header = ["observedAt", "receivedAt", "value", "unit", "clock", "flags"];
  return csvOf(
    header,
    items.map((item) => [
      item.observedAt,
      item.receivedAt,
      item.value,
      item.unit,
      item.clock,
      item.flags.join(" "),
    ]),
  );
}

function writeCursor({ observedAtMs, layoutId, fingerprint }: ReadingCursor): string {
  return Buffer.from(`${observedAtMs}.${layoutId}.${fingerprint}`, "latin1").toString("base64url");
}

function readCursor(cursor: string): ReadingCursor {
  const match = /^(-?\d{1,15})\.(\d{1,10})\.(-?\d{1,19})$/.exec(
    Buffer.from(cursor, "base64url").toString("latin1"),
  );
  const [, observedAtMs, layoutId, fingerprint] = match ?? [];
  const known = observedAtMs !== undefined && layoutId !== undefined && fingerprint !== undefined;
  // A fingerprint is any signed 64-bit number, and 19 digits hold a little more than that.
  if (!known || BigInt.asIntN(64, BigInt(fingerprint)) !== BigInt(fingerprint)) {
    throw invalid("/cursor", "this is not a cursor that a list gave out");
  }
  return { observedAtMs: Number(observedAtMs), layoutId: Number(layoutId), fingerprint };
}
