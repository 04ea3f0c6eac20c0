// What an entry of the log is about, read from its text.

export type LogFacts = { readonly buildingId: string | undefined };

/** A text without facts, or with others than we know, is about nothing that we can name. */
export function factsOf(text: string): LogFacts {
  const entry = parsed(text);
  const facts = isObject(entry) && "facts" in entry ? entry.facts : undefined;
  const id = isObject(facts) && "buildingId" in facts ? facts.buildingId : undefined;
  return { buildingId: typeof id === "string" || typeof id === "number" ? String(id) : undefined };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // A damaged entry is what the check of the chain tells about.
  }
}
