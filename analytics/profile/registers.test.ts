// The states of a register: the table in the README is the one in the code, and every case that meters are known for.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { indexText } from "./decisions.ts";
import { MOVES, stateByRule, stateByRuling, WITNESSES } from "./register-states.ts";
import { ruling, told, type Told } from "./test-told.ts";
import { meter } from "./test-register-worlds.ts";

/** The cells of the README's table whose heading row reads so. */
function tableOf(heading: string): string[][] {
  const lines = readFileSync(new URL("./README.md", import.meta.url), "utf8").split("\n");
  const first = lines.indexOf(heading);
  expect(first, heading).toBeGreaterThan(0);
  const rows = lines.slice(first + 2);
  return rows.slice(0, rows.indexOf("")).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test("the table of states is total, and the README shows it", () => {
  const shown = MOVES.map((move) => [
    move,
    ...WITNESSES.map((witness) => stateByRule(move, witness).toUpperCase()),
  ]);
  const table = tableOf("| move | none | left | back |");
  expect(new Set(table.map(String))).toEqual(new Set(shown.map(String)));
});

test("the table of rulings is total, and the README shows it", () => {
  const table = tableOf("| ruling | upwards | downwards |");
  const kinds = ["ok", "glitch", "reset", "rollover", "swap", "spike"] as const;
  expect(table).toEqual(
    kinds.map((kind) => [
      kind,
      stateByRuling(kind, "rise")?.toUpperCase() ?? "–",
      stateByRuling(kind, "collapse")?.toUpperCase() ?? "–",
    ]),
  );
  for (const kind of kinds) {
    expect(stateByRuling(kind, "jump")).toBe(stateByRuling(kind, "rise"));
    for (const move of ["dip", "fall", "wrap"] as const)
      expect(stateByRuling(kind, move)).toBe(stateByRuling(kind, "collapse"));
  }
});

test("a single 0.0 is a glitch on both its sides, with the reading that gives it away", () => {
  const seen = told([
    [0, "100.0"],
    [15, "100.1"],
    [20, "0.0"],
    [30, "100.2"],
    [45, "100.3"],
  ]);
  expect(seen.booked).toBe(200);
  expect(seen.decided).toEqual(["glitch 100.1 → 0", "glitch 0 → 100.2"]);
  expect(seen.evidence).toMatchObject([
    { rule: "collapse", witness: "left", witness_index: 100_200 },
    { witness: "back", witness_at: "2026-10-24T00:15:00.000Z" },
  ]);
});

test("a 0.0 that comes back a little lower than before books nothing either", () => {
  const seen = told([
    [0, "100"],
    [30, "0.0"],
    [90, "99.9"],
    [105, "100"],
  ]);
  expect(seen.kinds).toEqual(["glitch", "glitch", "glitch"]);
  expect(seen.booked).toBe(0);
});

test("of a meter that speaks once a day too", () => {
  const seen = told([
    [0, "100"],
    [500, "0"],
    [1000, "100.5"],
  ]);
  expect(seen.pieces).toEqual([
    ["glitch", -100_000],
    ["glitch", 100_500],
  ]);
});

test("a dip of 0.1 and back is a wobble: it books nothing, and takes nothing away", () => {
  const seen = told([
    [0, "500.0"],
    [15, "500.4"],
    [16, "500.3"],
    [30, "500.5"],
    [45, "500.6"],
  ]);
  expect(seen.kinds).toEqual(["glitch", "glitch", "glitch"].slice(0, seen.kinds.length));
  expect(seen.booked).toBe(100);
  expect(seen.slots.every((energy) => energy >= 0)).toBe(true);
});

test("a dip that stays is named, and books nothing on its way", () => {
  const seen = told([
    [0, "500"],
    [15, "500"],
    [30, "495"],
    [45, "495.1"],
    [60, "495.2"],
  ]);
  expect(seen.decided).toEqual(["glitch 500 → 495"]);
  expect(seen.pieces).toEqual([["glitch", -5000]]);
  expect(seen.booked).toBe(200);
});

test("a fall to near zero that stays is a reset, one to in between another meter's index", () => {
  expect(
    told([
      [0, "500"],
      [15, "0.2"],
      [30, "0.4"],
    ]).decided,
  ).toEqual(["reset 500 → 0.2"]);
  expect(
    told([
      [0, "500"],
      [15, "120"],
      [30, "120.2"],
    ]).decided,
  ).toEqual(["swap 500 → 120"]);
});

test("a counter past its last digit books what flowed, and the piece of its capacity keeps the sum", () => {
  const seen = told([
    [0, "99999.9"],
    [15, "0.1"],
    [30, "0.3"],
  ]);
  expect(seen.slots.slice(0, 2)).toEqual([200, 200]);
  expect(seen.pieces).toEqual([["rollover", -100_000_000]]);
  expect(seen.decided).toEqual(["rollover 99999.9 → 0.1"]);
  const bits = told(
    [
      [0, "4294967290"],
      [15, "104"],
    ],
    [],
    { ...meter, unit: "Wh" },
  );
  expect(bits.booked).toBe(110);
  expect(bits.pieces).toEqual([["rollover", -(2 ** 32)]]);
});

test("a counter that turned within a silence keeps its energy in the gap", () => {
  expect(
    told([
      [0, "99999.9"],
      [300, "1.1"],
    ]).pieces,
  ).toEqual([
    ["gap", 1200],
    ["rollover", -100_000_000],
  ]);
});

test("a fall from a nearly full counter to zero and back is a glitch all the same", () => {
  const seen = told([
    [0, "99999.8"],
    [15, "99999.9"],
    [16, "0.0"],
    [30, "99999.9"],
  ]);
  expect(seen.kinds).toEqual(["glitch", "glitch"]);
  expect(seen.booked).toBe(100);
});

test("a nearly full counter and zeros that stay are no rollover", () => {
  expect(
    told([
      [0, "9999.5"],
      [60, "0"],
      [120, "0"],
      [190, "9999.6"],
    ]).booked,
  ).toBe(0);
  expect(
    told([
      [0, "9999"],
      [15, "0"],
      [30, "1"],
    ]).slots.slice(0, 2),
  ).toEqual([1000, 1000]);
});

test("sentinels are no readings: the line goes over them, and a decision names each", () => {
  for (const value of ["4294967.295", "4294967.2950", "4294967295", "2147483.647", "429496729.5"]) {
    const seen = told([
      [0, "100"],
      [15, "100.1"],
      [20, value],
      [30, "100.2"],
    ]);
    expect(seen.slots.slice(0, 2), value).toEqual([100, 100]);
    expect(seen.pieces, value).toEqual([]);
    expect(seen.kinds, value).toEqual(["glitch"]);
    expect(seen.evidence[0], value).toMatchObject({ rule: "no reading", value });
  }
  const gas = { ...meter, carrier: "gas", quantity: "volume", unit: "m3" } as const;
  expect(
    told(
      [
        [0, "100"],
        [10, "16777.215"],
        [15, "100.1"],
      ],
      [],
      gas,
    ).slots[0],
  ).toBe(100);
  expect(
    told(
      [
        [0, "16777.2"],
        [10, "16777.215"],
        [15, "16777.3"],
      ],
      [],
      meter,
    ).decided,
  ).toEqual([]);
});

test("nothing but a sentinel is nothing", () => {
  const seen = told([
    [0, "4294967.295"],
    [15, "4294967.295"],
    [30, "4294967.295"],
  ]);
  expect(seen).toMatchObject({ booked: 0, pieces: [], kinds: ["glitch", "glitch", "glitch"] });
});

test("53 MWh in a quarter-hour are a spike with the bound that they break", () => {
  const seen = told([
    [0, "100"],
    [15, "53100"],
    [30, "53100.1"],
  ]);
  expect(seen.pieces).toEqual([["spike", 53_000_000]]);
  expect(seen.evidence).toMatchObject([{ rule: "jump", bound_per_hour: 250_000 }]);
  const back = told([
    [0, "100"],
    [15, "53100"],
    [30, "100.1"],
    [45, "100.2"],
  ]);
  expect(back.kinds).toEqual(["spike", "glitch"]);
  expect(back.booked).toBe(100);
});

test("a person's word goes before the rules, and leaves with them what it does not speak of", () => {
  const values: Told = [
    [0, "100"],
    [15, "400"],
    [30, "400.1"],
  ];
  expect(told(values).booked).toBe(100);
  const ruled = told(values, [ruling("ok", 0, 15)]);
  expect(ruled.slots.slice(0, 2)).toEqual([300_000, 100]);
  expect(ruled.decided).toEqual(["ok 100 → 400"]);
  expect(told(values, [ruling("glitch", 15, 30)]).pieces).toEqual([
    ["spike", 300_000],
    ["glitch", 100],
  ]);
});

test("a reset of a young index, ruled as one, is no glitch any more", () => {
  const values: Told = [
    [0, "0.9"],
    [15, "1"],
    [30, "0"],
    [45, "0.95"],
    [60, "1.2"],
  ];
  expect(told(values).booked).toBe(0);
  expect(told(values, [ruling("reset", 15, 30)]).booked).toBe(1300);
});

test("a rollover ruled as one books the least that fits, or what the ruling says", () => {
  const values: Told = [
    [0, "9950"],
    [15, "30"],
    [30, "31"],
  ];
  expect(told(values).kinds).toEqual(["reset"]);
  expect(told(values, [ruling("rollover", 0, 15)]).slots.slice(0, 2)).toEqual([80_000, 1000]);
  expect(told(values, [ruling("rollover", 0, 15, 9990, 0)]).slots[0]).toBe(70_000);
  // It would be negative: named, and nothing booked.
  expect(told(values, [ruling("rollover", 0, 15, 9900, 0)])).toMatchObject({
    booked: 1000,
    pieces: [["rollover", -9_920_000]],
  });
});

test("a reading that a person took away is bridged, a sentinel that a person vouched for counts", () => {
  const values: Told = [
    [0, "100"],
    [15, "100.5"],
    [30, "100.2"],
  ];
  expect(told(values, [ruling("glitch", 15, 15)])).toMatchObject({
    booked: 200,
    pieces: [],
    kinds: ["glitch"],
  });
  const gas = { ...meter, carrier: "gas", quantity: "volume", unit: "m3" } as const;
  const full: Told = [
    [0, "16777"],
    [15, "16777.215"],
    [30, "16778"],
  ];
  expect(told(full, [], gas).statuses.slice(0, 2)).toEqual([3, 3]);
  expect(told(full, [ruling("ok", 15, 15)], gas).slots.slice(0, 2)).toEqual([215, 785]);
});

test("a meter swapped within a quarter-hour: it is complete, from both of them", () => {
  const values: Told = [
    [0, "1000"],
    [15, "1001"],
    [30, "7.5"],
    [45, "8.5"],
  ];
  const seen = told(values, [ruling("swap", 20, 20, 1001.4, 7)]);
  expect(seen.slots.slice(0, 3)).toEqual([1000, 400 + 500, 1000]);
  expect(seen.pieces).toEqual([["swap", -994_400]]);
  expect(seen.decided).toEqual(["swap 1001.4 → 7"]);
  // The same where the second meter shows more than the first.
  const higher = told(
    [
      [0, "7"],
      [15, "8"],
      [30, "5000.5"],
    ],
    [ruling("swap", 20, 20, 8.4, 5000)],
  );
  expect(higher.slots.slice(0, 2)).toEqual([1000, 900]);
});

test("where an index ends it stays until the quarter-hour is over, where one begins it stood there before", () => {
  const ended = told(
    [
      [0, "1000"],
      [15, "1001"],
      [29, "0"],
    ],
    [ruling("swap", 20, 20, 1001.4)],
  );
  expect(ended.slots.slice(0, 3)).toEqual([1000, 400, 0]);
  expect(ended.statuses.slice(0, 3)).toEqual([4, 4, 0]);
  expect(ended.pieces).toEqual([]);
  const begun = told(
    [
      [16, "900"],
      [30, "7.5"],
      [45, "8.5"],
    ],
    [ruling("swap", 20, 20, undefined, 7)],
  );
  expect(begun.slots.slice(0, 4)).toEqual([0, 500, 1000, 0]);
  expect(begun.statuses.slice(0, 3)).toEqual([0, 4, 4]);
});

test("an index is told in the register's unit", () => {
  expect(indexText(123_456_789, "kWh")).toBe("123.456789");
  expect(indexText(-1_500_000, "m3")).toBe("-1.5");
  expect(indexText(277_777_778, "GJ")).toBe("1.000000001");
  expect(indexText(4_294_967_295_000, "Wh")).toBe("4294967295");
});
