// A register's steps as a list: no decision and no ruling is lost, and each says what it is, why, and what counts of it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { REGISTER_STATES } from "#devices/vocabulary";
import type { Decision, Ruling } from "../data/rulings.ts";
import {
  consequenceKey,
  countedKey,
  isOfSwap,
  openSlip,
  riseOf,
  rulingKey,
  stepEntries,
  titleKey,
  whyKey,
} from "./step-view.ts";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const at = (minute: number): string => new Date(NOW - 86_400_000 + minute * 60_000).toISOString();

function decided(from: number, to: number, fields: Partial<Decision> = {}): Decision {
  return {
    from: at(from),
    to: at(to),
    kind: "spike",
    fromIndex: "100.5",
    toIndex: "300.25",
    unit: "kWh",
    counts: 0,
    rulingId: null,
    choices: [],
    evidence: { rule: "jump", move: "jump" },
    decidedAt: at(to),
    ...fields,
  };
}

function ruled(id: string, from: number, to: number, fields: Partial<Ruling> = {}): Ruling {
  return {
    id,
    kind: "ok",
    from: at(from),
    to: at(to),
    closingIndex: null,
    openingIndex: null,
    reason: "the lift was tested",
    ruledBy: "coordinator@koprogo.example",
    ruledAt: new Date(NOW - 5000).toISOString(),
    ...fields,
  };
}

const LONG_AGO = "2026-03-01T20:00:00.000Z";
const WHOLE = { isWhole: true, beforeMs: NOW, nowMs: NOW };
const standings = (decisions: Decision[], rulings: Ruling[]) =>
  stepEntries(decisions, rulings, WHOLE).map(({ standing, decision, ruling }) => [
    standing,
    decision !== undefined,
    ruling?.id,
  ]);

test("a ruling is pending until something is decided by it, and told as idle when nothing ever is", () => {
  expect(standings([decided(0, 15)], [])).toEqual([["decided", true, undefined]]);
  expect(standings([decided(0, 15)], [ruled("1", 0, 15)])).toEqual([["pending", true, "1"]]);
  expect(standings([decided(0, 15, { rulingId: "1" })], [ruled("1", 0, 15)])).toEqual([
    ["decided", true, "1"],
  ]);
  expect(standings([decided(0, 15)], [ruled("1", 0, 15, { ruledAt: LONG_AGO })])).toEqual([
    ["idle", true, "1"],
  ]);
});

test("one that was taken back is pending as long as something is decided by it", () => {
  expect(standings([decided(0, 15, { rulingId: "1" })], [])).toEqual([["pending", true, undefined]]);
});

test("a ruling of a whole time is told at each step that it decides", () => {
  const steps = [decided(30, 45, { rulingId: "1" }), decided(0, 15, { rulingId: "1" })];
  expect(standings(steps, [ruled("1", 0, 60)])).toEqual([
    ["decided", true, "1"],
    ["decided", true, "1"],
  ]);
});

test("a reading that counts leaves no decision, and can be taken back all the same", () => {
  const entries = stepEntries([], [ruled("1", 15, 15, { ruledAt: LONG_AGO })], WHOLE);
  expect(entries.map(({ standing }) => standing)).toEqual(["decided"]);
  expect(entries.map(titleKey)).toEqual(["steps.realReading"]);
});

test("what is older than the steps that were fetched waits for them", () => {
  const rulings = [ruled("1", 0, 15), ruled("2", 90, 105)];
  const partly = { ...WHOLE, isWhole: false };
  const told = stepEntries([decided(60, 75)], rulings, partly).map(({ ruling }) => ruling?.id);
  expect(told).toEqual(["2", undefined]);
  expect(stepEntries([decided(60, 75)], rulings, { ...WHOLE, beforeMs: Date.parse(at(80)) }).length).toBe(2);
});

test("no decision and no ruling is lost or told twice, whatever pages repeat", () => {
  const minutes = fc.integer({ min: 0, max: 300 });
  const decisions = fc.uniqueArray(fc.tuple(minutes, fc.integer({ min: 0, max: 30 })), {
    selector: String,
    maxLength: 20,
  });
  const said = fc.array(
    fc.record({
      from: minutes,
      long: fc.integer({ min: 0, max: 60 }),
      kind: fc.constantFrom(...REGISTER_STATES),
    }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(decisions, said, fc.nat({ max: 20 }), (spans, rulingsSaid, repeated) => {
      const rulings = rulingsSaid.map(({ from, long, kind }, place) =>
        ruled(String(place + 1), from, from + long, { kind }),
      );
      const all = spans.map(([from, long], place) =>
        decided(from, from + long, { rulingId: place % 3 === 0 ? (rulings[place % 7]?.id ?? null) : null }),
      );
      const entries = stepEntries([...all, ...all.slice(0, repeated)], rulings, WHOLE);
      expect(entries.filter(({ decision }) => decision !== undefined).length).toBe(all.length);
      expect(new Set(entries.flatMap(({ ruling }) => ruling?.id ?? []))).toEqual(
        new Set(rulings.map(({ id }) => id)),
      );
      expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length);
      const begins = entries.map(({ fromMs }) => fromMs);
      expect(begins).toEqual(begins.toSorted((one, other) => other - one));
    }),
  );
});

const SLIP = { kind: "glitch", counts: null, evidence: { rule: "unit slip", factor: 1000 } } as const;
const OVER = { kind: "glitch", counts: null, evidence: { rule: "unit slip over", factor: 1000 } } as const;

test("a slip goes on until it is over", () => {
  const open = (...steps: Decision[]) => openSlip(stepEntries(steps, [], WHOLE))?.fromMs;
  expect(open(decided(60, 75), decided(30, 45, SLIP))).toBe(Date.parse(at(30)));
  expect(open(decided(60, 75, OVER), decided(30, 45, SLIP))).toBeUndefined();
  expect(open(decided(60, 75))).toBeUndefined();
});

test.each([
  [SLIP, "steps.slipUp", "steps.whySlip", "steps.countsNoMore"],
  [
    { ...SLIP, evidence: { ...SLIP.evidence, factor: 0.001 } },
    "steps.slipDown",
    "steps.whySlip",
    "steps.countsNoMore",
  ],
  [OVER, "steps.slipOver", "steps.whySlipOver", "steps.countsAgain"],
  [{}, "steps.spike", "steps.whySpike", "steps.notCounted"],
  [{ rulingId: "1" }, "steps.rightFrom", undefined, "steps.notCounted"],
  [{ kind: "ok", rulingId: "1", counts: 199_750 }, "steps.used", undefined, "steps.counted"],
  [
    { kind: "glitch", evidence: { move: "rise", witness: "left" } },
    "steps.away",
    "steps.whyLeft",
    "steps.notCounted",
  ],
  [
    { kind: "glitch", toIndex: "99", evidence: { move: "dip" } },
    "steps.dip",
    "steps.whyDip",
    "steps.countsNothing",
  ],
  [
    { kind: "glitch", toIndex: "0", evidence: { move: "collapse", witness: "back" } },
    "steps.away",
    "steps.whyBack",
    "steps.countsNothing",
  ],
  [{ kind: "glitch", rulingId: "1" }, "steps.notUsed", undefined, "steps.notCounted"],
  [{ kind: "reset", toIndex: "0", evidence: {} }, "steps.reset", "steps.whyReset", "steps.countsNothing"],
  [
    { kind: "rollover", toIndex: "0", counts: 5, evidence: { turn: 9 } },
    "steps.rollover",
    "steps.whyRollover",
    "steps.counted",
  ],
  [{ kind: "swap", toIndex: "50", evidence: {} }, "steps.fall", "steps.whyFall", "steps.countsNothing"],
  [
    { kind: "swap", toIndex: "50", rulingId: "1", evidence: {} },
    "steps.swap",
    undefined,
    "steps.countsNothing",
  ],
] as const satisfies readonly (readonly [Partial<Decision>, string, string | undefined, string])[])(
  "a step that was decided as %j",
  (fields, title, why, counted) => {
    const decision = decided(0, 15, fields);
    const [entry] = stepEntries([decision], [ruled("1", 0, 15)], WHOLE);
    expect(entry && titleKey(entry)).toBe(title);
    expect([whyKey(decision), countedKey(decision)]).toEqual([why, counted]);
  },
);

test("a value that is no reading says why, and one that a person left out does not", () => {
  const value = { kind: "glitch", counts: null } as const;
  const [full, beyond, out] = [
    decided(0, 0, { ...value, evidence: { rule: "no reading", stands_for: "0xFFFFFFFF" } }),
    decided(0, 0, { ...value, evidence: { rule: "no reading", stands_for: "beyond any index" } }),
    decided(0, 0, { ...value, rulingId: "1", evidence: { rule: "ruling", stands_for: "ruling" } }),
  ];
  const title = (decision: Decision) => stepEntries([decision], [], WHOLE).map(titleKey);
  expect([title(full), title(out)]).toEqual([["steps.noReading"], ["steps.leftOut"]]);
  expect([full, beyond, out].map(whyKey)).toEqual(["steps.whyFull", "steps.whyBeyond", undefined]);
  expect(countedKey(out)).toBe("steps.readingOut");
});

test("of a swap between two registers the edges are told, and not taken back one by one", () => {
  const edge = { kind: "swap", counts: null, rulingId: "1" } as const;
  const keys = ["closing index", "opening index"].flatMap((rule) =>
    stepEntries([decided(0, 0, { ...edge, evidence: { rule } })], [], WHOLE).map(titleKey),
  );
  expect(keys).toEqual(["steps.closing", "steps.opening"]);
  expect(isOfSwap(ruled("1", 0, 0, { kind: "swap", closingIndex: "5" }))).toBe(true);
  expect(isOfSwap(ruled("1", 0, 0, { kind: "swap", closingIndex: "5", openingIndex: "0" }))).toBe(false);
});

test("every answer is a sentence of its own, about a step and about a reading", () => {
  const step = { from: at(0), to: at(15), counts: 0 };
  expect(new Set(REGISTER_STATES.map((kind) => rulingKey({ kind, ...step }))).size).toBe(6);
  const reading = { from: at(0), to: at(0), counts: null };
  for (const kind of ["ok", "glitch"] as const) {
    expect(rulingKey({ kind, ...reading })).not.toBe(rulingKey({ kind, ...step }));
    expect(consequenceKey({ kind, ...reading })).not.toBe(consequenceKey({ kind, ...step }));
  }
});

test("a rise is told with the digits of its indices", () => {
  expect(riseOf(decided(0, 15))).toBe("199.75");
  expect(riseOf(decided(0, 15, { fromIndex: "20.001", toIndex: "20001" }))).toBe("19980.999");
});
