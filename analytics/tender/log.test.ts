// The log: whatever is changed, moved, dropped or put in is noticed, and at the right place.
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "./canonical-json.ts";
import { genesisHash, nextEntry, verifyLog, type EventFacts, type LogEntry } from "./log.ts";
import { TENDER_EVENTS, type TenderEventKind, type TenderState } from "./states.ts";

const TENDER = 7;
const START_MS = Date.UTC(2026, 2, 1);

type Step = { readonly kind: TenderEventKind; readonly facts: EventFacts; readonly reason: string };

/** The log of the steps that were possible. */
function logOf(steps: readonly Step[], tenderId = TENDER): { entries: LogEntry[]; state: TenderState } {
  const entries: LogEntry[] = [];
  let state: TenderState = "draft";
  for (const [index, { kind, facts, reason }] of steps.entries()) {
    const event = { kind, atMs: START_MS + index * 1000, by: { accountId: 3 }, reason };
    const next = nextEntry(tenderId, entries.at(-1), state, event, facts);
    if (!next.allowed) continue;
    entries.push(next.entry);
    state = next.state;
  }
  return { entries, state };
}

const plain = (kind: TenderEventKind): Step => ({ kind, facts: {}, reason: "as decided" });
const WHOLE_LIFE = (
  ["enrol", "join", "join", "publish", "open_bidding", "bid", "open", "evaluate", "award"] as const
).map(plain);

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...TENDER_EVENTS.filter((kind) => kind !== "cancel")),
  facts: fc.dictionary(fc.string({ maxLength: 5 }), fc.oneof(fc.integer(), fc.string(), fc.constant(null)), {
    maxKeys: 3,
  }),
  reason: fc.string({ minLength: 1 }).map((text) => `so: ${text}`),
});
/** Logs long enough to be worth an attack. */
const log = fc
  .array(step, { maxLength: 25 })
  .map((steps) => logOf([...WHOLE_LIFE.slice(0, 4), ...steps]).entries);

test("a log as written is intact, and its state is the tender's", () => {
  const { entries, state } = logOf(WHOLE_LIFE);
  expect(entries).toHaveLength(WHOLE_LIFE.length);
  expect(verifyLog(TENDER, entries)).toEqual({ intact: true, head: entries.at(-1)?.hash, state });
  expect(state).toBe("awarded");
  expect(verifyLog(TENDER, [])).toEqual({ intact: true, head: genesisHash(TENDER), state: "draft" });
});

test("an entry is readable text with who, when and why, and its hash can be recomputed by hand", () => {
  const [first] = logOf([{ kind: "enrol", facts: { region: "BE-BRU" }, reason: "voted" }]).entries;
  const text =
    '{"at":"2026-03-01T00:00:00.000Z","by":"3","event":"enrol","facts":{"region":"BE-BRU"},"reason":"voted","sequence":1,"state":"enrolling"}';
  const previousHash = sha256('{"log":"koprogo tender log 1","tenderId":7}');
  expect(first).toEqual({ sequence: 1, previousHash, text, hash: sha256(`${previousHash}\n${text}`) });
});

test("what the state forbids is not written", () => {
  const event = { kind: "bid", atMs: START_MS, by: null, reason: null } as const;
  expect(nextEntry(TENDER, undefined, "draft", event, {})).toEqual({
    allowed: false,
    refusal: "bidding_not_open",
  });
});

test("one byte changed anywhere, in text or hashes, is noticed at its entry", () => {
  fc.assert(
    fc.property(
      log,
      fc.nat(),
      fc.constantFrom("text", "hash", "previousHash"),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (entries, which, field, where, flip) => {
        const index = which % entries.length;
        const changed = entries.map((entry, at) =>
          at === index ? { ...entry, [field]: byteChanged(entry[field], where, flip) } : entry,
        );
        // As bytes that are no text the change would be lost on the way back: then there is nothing to notice.
        fc.pre(changed[index]?.[field] !== entries[index]?.[field]);
        expect(verifyLog(TENDER, changed)).toMatchObject({ intact: false, sequence: index + 1 });
      },
    ),
    { numRuns: 500 },
  );
});

function byteChanged(text: string, where: number, flip: number): string {
  const bytes = Buffer.from(text, "utf8");
  const at = where % bytes.length;
  bytes.writeUInt8((bytes.readUInt8(at) ^ flip) & 0xff, at);
  return bytes.toString("utf8");
}

test("an entry dropped, doubled, moved or taken from another tender is noticed", () => {
  fc.assert(
    fc.property(log, log, fc.nat(), fc.nat(), (entries, others, one, two) => {
      const at = one % entries.length;
      const to = two % entries.length;
      if (at < entries.length - 1) expect(verifyLog(TENDER, entries.toSpliced(at, 1)).intact).toBe(false);
      const entry = entries.slice(at, at + 1);
      expect(verifyLog(TENDER, entries.toSpliced(at, 0, ...entry)).intact).toBe(false);
      if (at !== to) {
        expect(verifyLog(TENDER, entries.toSpliced(at, 1).toSpliced(to, 0, ...entry)).intact).toBe(false);
      }
      expect(verifyLog(TENDER + 1, others).intact).toBe(false);
    }),
  );
});

test("a rewritten entry with every later hash made anew betrays itself to whoever kept a later head", () => {
  const { entries } = logOf(WHOLE_LIFE);
  const forged = logOf(WHOLE_LIFE.with(5, { ...plain("bid"), facts: { bidId: "99" } })).entries;
  const kept = entries.at(-1)?.hash;
  expect(verifyLog(TENDER, forged).intact).toBe(true);
  expect(verifyLog(TENDER, forged, kept)).toEqual({ intact: false, sequence: 9, fault: "head" });
});

test("a log cut off at the end betrays itself to whoever kept its head; an older witness still agrees", () => {
  const { entries } = logOf(WHOLE_LIFE);
  const cut = entries.slice(0, -2);
  expect(verifyLog(TENDER, cut, entries.at(-1)?.hash)).toMatchObject({ intact: false, fault: "head" });
  expect(verifyLog(TENDER, entries, entries[2]?.hash)).toMatchObject({ intact: true });
});

test("hashes that fit do not make a false event true", () => {
  const forge = (text: string): LogEntry[] => {
    const previousHash = genesisHash(TENDER);
    return [{ sequence: 1, previousHash, text, hash: sha256(`${previousHash}\n${text}`) }];
  };
  const [honest] = logOf([plain("enrol")]).entries;
  const text = honest?.text ?? "";
  expect(verifyLog(TENDER, forge(text)).intact).toBe(true);
  for (const [replaced, fault] of [
    [text.replace('"enrolling"', '"awarded"'), "transition"],
    [text.replace('"enrol"', '"award"'), "transition"],
    [text.replace('"enrol"', '"praise"'), "form"],
    [text.replace('"sequence":1', '"sequence":2'), "form"],
    [text.replace("{", "{ "), "form"],
    [text.replace("2026-03-01", "2026-33-01"), "form"],
    [text.replace('"by":"3"', '"by":3'), "form"],
    ["[]", "form"],
    ["", "form"],
  ] as const) {
    expect(verifyLog(TENDER, forge(replaced))).toEqual({ intact: false, sequence: 1, fault });
  }
});
