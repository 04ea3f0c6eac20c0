// Faults lose, double and shuffle; they invent nothing, and the same seed does the same.
import fc from "fast-check";
import { expect, test } from "vitest";
import { FAULTS, withDuplicates, withFaults, withGaps, withReorder, type Sending } from "./faults.ts";

const sendings = fc
  .uniqueArray(fc.record({ deviceId: fc.constantFrom("1", "2"), minute: fc.nat(5000) }), {
    selector: ({ deviceId, minute }) => `${deviceId} ${minute}`,
    maxLength: 400,
  })
  .map((list) =>
    list
      .map(({ deviceId, minute }): Sending => ({ deviceId, observedAtMs: minute * 60_000, repeated: false }))
      .toSorted((a, b) => a.observedAtMs - b.observedAtMs),
  );

const keyOf = ({ deviceId, observedAtMs }: Sending) => `${deviceId} ${observedAtMs}`;
const keys = (list: Iterable<Sending>) => Array.from(list, keyOf);

test("a gap only removes, and keeps the order", () => {
  fc.assert(
    fc.property(sendings, fc.nat(), (list, seed) => {
      const left = new Set(keys(withGaps(list, seed)));
      expect(keys(list).filter((key) => left.has(key))).toEqual(keys(withGaps(list, seed)));
    }),
  );
});

test("duplicates keep every first sending in order and mark the second", () => {
  fc.assert(
    fc.property(sendings, fc.nat(), (list, seed) => {
      const sent = [...withDuplicates(list, seed)];
      expect(keys(sent.filter(({ repeated }) => !repeated))).toEqual(keys(list));
      const first = new Set(keys(list));
      expect(sent.filter(({ repeated }) => repeated).every((one) => first.has(keyOf(one)))).toBe(true);
    }),
  );
});

test("reordering loses nothing and doubles nothing", () => {
  fc.assert(
    fc.property(sendings, fc.nat(), (list, seed) => {
      expect(keys(withReorder(list, seed)).toSorted()).toEqual(keys(list).toSorted());
    }),
  );
});

test("all faults together are the same for the same seed, and do something", () => {
  const list = Array.from({ length: 4000 }, (_, minute): Sending => {
    return { deviceId: "1", observedAtMs: minute * 60_000, repeated: false };
  });
  const sent = keys(withFaults(list, new Set(FAULTS), 5));
  expect(sent).toEqual(keys(withFaults(list, new Set(FAULTS), 5)));
  expect(new Set(sent).size).toBeLessThan(list.length);
  expect(sent.length).toBeGreaterThan(new Set(sent).size);
  expect(sent).not.toEqual(sent.toSorted());
});
