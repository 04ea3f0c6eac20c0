// The log checked where it is read: every entry's hash follows from the one before, so no byte of the past has changed.
import type { TenderLog } from "../data/tenders.ts";

export type LogCheck =
  | { readonly result: "intact"; readonly entries: number }
  /** `sequence` of the first entry that does not follow; one more than there are where the head is another's. */
  | { readonly result: "broken"; readonly sequence: number };

/** SHA-256 of a UTF-8 text, hexadecimal. */
export type Sha256 = (text: string) => Promise<string>;

type Chain = Pick<TenderLog, "genesis" | "head"> & {
  readonly items: readonly Pick<TenderLog["items"][number], "sequence" | "previousHash" | "hash" | "text">[];
};

/** The hash of an entry is SHA-256 of the previous hash, a line feed and the entry's text (`analytics/tender/log.ts`). */
export async function verifyChain({ genesis, head, items }: Chain, sha256: Sha256): Promise<LogCheck> {
  let previous = genesis;
  for (const [index, entry] of items.entries()) {
    const follows = entry.sequence === index + 1 && entry.previousHash === previous;
    if (!follows || entry.hash !== (await sha256(`${previous}\n${entry.text}`))) {
      return { result: "broken", sequence: index + 1 };
    }
    previous = entry.hash;
  }
  if (previous !== head) return { result: "broken", sequence: items.length + 1 };
  return { result: "intact", entries: items.length };
}

/** The browser's own; `undefined` where it has none, as on a page without TLS that is not this machine's. */
export function browserSha256(): Sha256 | undefined {
  // The type says that it is always there; browsers leave it out on insecure pages.
  const subtle = (crypto as Partial<Crypto>).subtle;
  if (subtle === undefined) return undefined;
  return async (text) => {
    const digest = await subtle.digest("SHA-256", new TextEncoder().encode(text));
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
}
