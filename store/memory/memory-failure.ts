// What the store in memory refuses, told as PostgreSQL's driver tells it, so that it is sorted alike (`storeFailureOf`).

/** SQLSTATEs (PostgreSQL manual, appendix A). */
const STATES = {
  duplicate: "23505",
  foreignKey: "23503",
  check: "23514",
  text: "22021",
  twiceInOneStatement: "21000",
} as const;

export class MemoryFailure extends Error {
  readonly severity = "ERROR";
  readonly code: string;

  constructor(reason: keyof typeof STATES, message: string) {
    super(message);
    this.name = "MemoryFailure";
    this.code = STATES[reason];
  }
}

/** No text column takes NUL. */
export function requireStorable(...texts: readonly (string | null)[]): void {
  if (texts.some((text) => text?.includes("\0") === true))
    throw new MemoryFailure("text", "invalid byte sequence for encoding: 0x00");
}
