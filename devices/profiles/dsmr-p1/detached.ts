// A copy of a short text cut out of a long one: what is remembered must not keep a whole message alive.

/** V8 keeps the parent of a longer slice in memory; a copy has no parent. For ASCII and Latin-1. */
export function detached(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
