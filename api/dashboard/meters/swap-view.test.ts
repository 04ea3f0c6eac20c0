// Swaps become meters: each of the API's is in one card, a P1 meter's registers are together, and every refusal has words.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { SwapRefusal } from "#store";
import english from "../messages/en.json" with { type: "json" };
import type { Swap } from "../data/meters.ts";
import { meterSwaps, REFUSAL_TEXTS } from "./swap-view.ts";

const AT = Date.UTC(2026, 2, 1, 11, 7);
const swap = (change: Partial<Swap> = {}): Swap => ({
  id: null,
  key: "k",
  supplyPointId: "1",
  state: "suspected",
  at: new Date(AT).toISOString(),
  since: "2026-03-01T10:15:00.000Z",
  oldRegisterId: "10",
  newRegisterId: "20",
  oldEquipmentId: "A",
  newEquipmentId: "B",
  name: "1-0:1.8.1",
  tariff: "1",
  direction: "import",
  closingIndex: "1000.4",
  closingUnit: "kWh",
  openingIndex: "0.2",
  openingUnit: "kWh",
  ...change,
});

test("the four registers of a P1 meter are one swap, by name, and the latest of their last words counts", () => {
  const names = ["1-0:2.8.2", "1-0:1.8.1", "1-0:2.8.1", "1-0:1.8.2"];
  const swaps = names.map((name, at) =>
    swap({ name, oldRegisterId: `1${at}`, newRegisterId: `2${at}`, since: `2026-03-01T10:0${at}:00.000Z` }),
  );
  expect(meterSwaps(swaps)).toMatchObject([
    { kind: "serials", oldSerial: "A", newSerial: "B", sinceMs: Date.UTC(2026, 2, 1, 10, 3) },
  ]);
  expect(meterSwaps(swaps)[0]?.registers.map(({ name }) => name)).toEqual(names.toSorted());
});

test("another supply point, another meter, another time or another state is another swap; an index that fell is no pair", () => {
  const later = new Date(AT + 901_000).toISOString();
  const others = [
    swap(),
    swap({ supplyPointId: "2", oldRegisterId: "30" }),
    swap({ newEquipmentId: "C", newRegisterId: "21" }),
    swap({ at: later }),
    swap({ id: "7", state: "recorded", since: null }),
    swap({ newRegisterId: "10" }),
  ];
  const cards = meterSwaps(others);
  expect(cards.length).toBe(others.length);
  expect(cards.filter(({ kind }) => kind === "fall").length).toBe(1);
  expect(new Set(cards.map(({ key }) => key)).size).toBe(others.length);
});

test("what is to be checked comes first, of each the latest; nothing is lost or doubled, in whatever order it comes", () => {
  const any = fc.record({
    at: fc.integer({ min: 0, max: 100 }).map((minutes) => new Date(AT + minutes * 60_000).toISOString()),
    state: fc.constantFrom("suspected" as const, "recorded" as const),
    supplyPointId: fc.constantFrom("1", "2"),
    newEquipmentId: fc.constantFrom("B", "C"),
  });
  fc.assert(
    fc.property(fc.array(any), (drawn) => {
      const swaps = drawn.map((change, at) => swap({ ...change, oldRegisterId: String(at), name: `${at}` }));
      const cards = meterSwaps(swaps);
      const held = cards.flatMap(({ registers }) =>
        registers.map(({ oldRegisterId }) => Number(oldRegisterId)),
      );
      expect(held.toSorted((one, other) => one - other)).toEqual(swaps.map((_, at) => at));
      const states = cards.map(({ state }) => state);
      expect(states).toEqual(states.toSorted().toReversed());
      for (const state of ["suspected", "recorded"]) {
        const times = cards.filter((card) => card.state === state).map(({ atMs }) => atMs);
        expect(times).toEqual(times.toSorted((one, other) => other - one));
      }
      const sizes = (its: readonly Swap[]) =>
        meterSwaps(its)
          .map(({ registers }) => registers.length)
          .toSorted((one, other) => one - other);
      expect(sizes(swaps.toReversed())).toEqual(sizes(swaps));
    }),
  );
});

test("every refusal of the store and of the API has words", () => {
  const refusals: Record<SwapRefusal | "not_suspected" | "registers_are_one" | "ruling_of_swap", true> = {
    old_register_unknown: true,
    new_register_unknown: true,
    old_not_in_force: true,
    registers_differ: true,
    closing_behind_reading: true,
    opening_ahead_of_reading: true,
    swap_too_close: true,
    not_suspected: true,
    registers_are_one: true,
    ruling_of_swap: true,
  };
  expect(Object.keys(REFUSAL_TEXTS).toSorted()).toEqual(Object.keys(refusals).toSorted());
  for (const key of Object.values(REFUSAL_TEXTS)) expect(english[key]).toBeTruthy();
});
