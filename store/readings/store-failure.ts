// What an error of the store asks for: take the merging path, find the message at fault, or try again.

/**
 * - `duplicate`: a row is there already, the batch must be merged;
 * - `data`: the store refuses something in this batch, and will refuse it again;
 * - `store`: nothing is wrong with the batch, the same attempt may succeed later.
 */
export type StoreFailure = "duplicate" | "data" | "store";

/** SQLSTATE classes that blame the data: 22 data exception, 23 integrity constraint, 54 program limit exceeded. */
const DATA_CLASSES = new Set(["22", "23", "54"]);

/** Whatever is not known to blame the data blames the store: an unknown error repeats, and drops nothing. */
export function storeFailureOf(error: unknown): StoreFailure {
  const state = sqlState(error);
  if (state === undefined) return "store";
  if (state === "23505") return "duplicate";
  return DATA_CLASSES.has(state.slice(0, 2)) ? "data" : "store";
}

/** The SQLSTATE of a server's error; `undefined` for errors of the connection, such as ECONNRESET. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("severity" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
