// Identifiers at the border: decimal strings outside, integers inside; and the opaque cursors of lists.
import { KoproError } from "#devices/error";
import type { Page, PageRequest } from "#store";

/** The largest identifier that the database's `integer` holds. */
const ID_MAX = 2_147_483_647;

/** `undefined` for everything that cannot be an identifier: nothing has it, so it is not found. */
export function identifier(text: unknown): number | undefined {
  if (typeof text !== "string" || !/^[1-9]\d{0,9}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= ID_MAX ? id : undefined;
}

/** An identifier in a body or query, whose form the schema has checked. */
export function identifierIn(text: string, pointer: string): number {
  const id = identifier(text);
  if (id === undefined) throw invalid(pointer, `${JSON.stringify(text)} is not an identifier`);
  return id;
}

/** A member of the request is at fault. */
export function invalid(pointer: string, detail: string): KoproError {
  return new KoproError("request_invalid", `${pointer}: ${detail}.`, {
    extra: { errors: [{ pointer, detail }] },
  });
}

const PAGE_DEFAULT = 100;

export function pageRequest(query: { limit?: number; cursor?: string }): PageRequest {
  return {
    limit: query.limit ?? PAGE_DEFAULT,
    after: query.cursor === undefined ? 0 : cursorId(query.cursor),
  };
}

function cursorId(cursor: string): number {
  const id = identifier(Buffer.from(cursor, "base64url").toString("latin1"));
  if (id === undefined) throw invalid("/cursor", "this is not a cursor that a list gave out");
  return id;
}

/** The list as it is answered. */
export function listed<Row, Item>(
  page: Page<Row>,
  present: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } {
  return {
    items: page.items.map(present),
    nextCursor:
      page.next === undefined ? null : Buffer.from(String(page.next), "latin1").toString("base64url"),
  };
}
