// The reader's own check of a log agrees with the one that wrote it, and finds every byte that was changed.
import fc from "fast-check";
import { genesisHash, nextEntry, type LogEntry, type TenderEventKind } from "#analytics";
import { expect, test } from "vitest";
import { browserSha256, verifyChain } from "./verify-log.ts";

const KINDS: readonly TenderEventKind[] = [
  "enrol",
  "join",
  "join",
  "leave",
  "publish",
  "open_bidding",
  "bid",
];

function writtenLog(): { genesis: string; head: string; items: LogEntry[] } {
  const items: LogEntry[] = [];
  let state = "draft" as Parameters<typeof nextEntry>[2];
  for (const [index, kind] of KINDS.entries()) {
    const event = { kind, atMs: 1000 * index, by: { accountId: 4 }, reason: null };
    const next = nextEntry(7, items.at(-1), state, event, { note: "é" });
    if (!next.allowed) throw new Error(`The log of the test cannot ${kind}: ${next.refusal}.`);
    items.push(next.entry);
    state = next.state;
  }
  const genesis = genesisHash(7);
  return { genesis, head: items.at(-1)?.hash ?? genesis, items };
}

const sha256 = browserSha256() ?? (() => Promise.reject(new Error("Node has no SHA-256.")));

test("a log as it was written is intact, also an empty one", async () => {
  const log = writtenLog();
  expect(await verifyChain(log, sha256)).toEqual({ result: "intact", entries: KINDS.length });
  const empty = { genesis: log.genesis, head: log.genesis, items: [] };
  expect(await verifyChain(empty, sha256)).toEqual({ result: "intact", entries: 0 });
});

test("a character changed in any text is found at its entry", async () => {
  const log = writtenLog();
  await fc.assert(
    fc.asyncProperty(fc.nat(KINDS.length - 1), fc.nat(1000), async (index, place) => {
      const items = log.items.map((entry, at) => {
        if (at !== index) return entry;
        const cut = place % entry.text.length;
        const other = entry.text[cut] === "x" ? "y" : "x";
        return { ...entry, text: entry.text.slice(0, cut) + other + entry.text.slice(cut + 1) };
      });
      expect(await verifyChain({ ...log, items }, sha256)).toEqual({ result: "broken", sequence: index + 1 });
    }),
    { numRuns: 50 },
  );
});

test("an entry left out, or an end cut off, is found", async () => {
  const log = writtenLog();
  expect(await verifyChain({ ...log, items: log.items.toSpliced(2, 1) }, sha256)).toEqual({
    result: "broken",
    sequence: 3,
  });
  expect(await verifyChain({ ...log, items: log.items.slice(0, -1) }, sha256)).toEqual({
    result: "broken",
    sequence: KINDS.length,
  });
});
