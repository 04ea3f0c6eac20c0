// What may be ruled of a decision is what the rulings make of it, to the watt-hour.
import fc from "fast-check";
import { expect, test } from "vitest";
import { MINUTE_MS } from "#devices/time";
import type { Decision } from "./decisions.ts";
import { profileOf, type RegisterValue } from "./profile-of.ts";
import { countsOf, rulingChoices } from "./ruling-choices.ts";
import { SPAN, START, meter, world } from "./test-register-worlds.ts";

const atMs = (minutes: number) => START + minutes * MINUTE_MS;

function decisionsOf(values: readonly (readonly [minutes: number, value: string])[]): readonly Decision[] {
  const all = values.map(([minutes, value]): RegisterValue => ({ atMs: atMs(minutes), clock: 0, value }));
  return profileOf(all, meter, [], SPAN).decisions;
}

const told = (values: readonly (readonly [number, string])[]) =>
  decisionsOf(values).map((decision) => [
    decision.kind,
    countsOf(decision, meter.unit),
    rulingChoices(decision, meter.unit).map(({ kind, fromMs, toMs, counts }) =>
      fromMs === toMs ? [kind, (fromMs - START) / MINUTE_MS] : [kind, counts],
    ),
  ]);

test.each([
  [
    "a unit that slips: the index is right from here, or another meter's; where it is over nothing is left to say",
    [
      [0, "100"],
      [15, "100100"],
      [30, "100200"],
      [45, "100.3"],
    ],
    [
      [
        "glitch",
        null,
        [
          ["spike", 0],
          ["swap", 0],
        ],
      ],
      ["glitch", null, []],
    ],
  ],
  [
    "a unit that slips downwards may be a counter that began anew",
    [
      [0, "100000"],
      [15, "100.1"],
      [30, "100.2"],
    ],
    [
      [
        "glitch",
        null,
        [
          ["spike", 0],
          ["reset", 0],
          ["swap", 0],
        ],
      ],
    ],
  ],
  [
    "more than can have been counted may have been used",
    [
      [0, "100"],
      [15, "300"],
      [30, "300.1"],
    ],
    [
      [
        "spike",
        0,
        [
          ["ok", 200_000],
          ["swap", 0],
        ],
      ],
    ],
  ],
  [
    "away and back: the reading that is away may be none; what leads back was not used",
    [
      [0, "100"],
      [15, "0"],
      [30, "100.1"],
    ],
    [
      [
        "glitch",
        0,
        [
          ["glitch", 15],
          ["reset", 0],
          ["rollover", 900_000],
          ["swap", 0],
        ],
      ],
      [
        "glitch",
        0,
        [
          ["glitch", 15],
          ["swap", 0],
        ],
      ],
    ],
  ],
  [
    "a counter that began anew may have turned",
    [
      [0, "812.5"],
      [15, "0.2"],
      [30, "0.3"],
    ],
    [
      [
        "reset",
        0,
        [
          ["rollover", 187_700],
          ["swap", 0],
        ],
      ],
    ],
  ],
  [
    "one that turned may be at fault",
    [
      [0, "99999.9"],
      [15, "0.2"],
      [30, "0.3"],
    ],
    [
      [
        "rollover",
        300,
        [
          ["reset", 0],
          ["swap", 0],
          ["glitch", 0],
        ],
      ],
    ],
  ],
  [
    "a fall to another level may be the same meter's",
    [
      [0, "800"],
      [15, "400"],
      [30, "400.1"],
    ],
    [["swap", 0, [["reset", 0]]]],
  ],
  [
    "a value that is no reading may be one",
    [
      [0, "5"],
      [15, "4294967.295"],
      [30, "5.1"],
    ],
    [["glitch", null, [["ok", 15]]]],
  ],
] as const)("%s", (_, values, expected) => {
  expect(told(values)).toEqual(expected);
});

test("what was ruled is not ruled again, but taken back", () => {
  const [decision] = decisionsOf([
    [0, "100"],
    [15, "300"],
  ]);
  expect(decision && rulingChoices({ ...decision, rulingId: 7 }, meter.unit)).toEqual([]);
});

test("whatever a register did, a choice that is ruled is what was offered", () => {
  fc.assert(
    fc.property(world, ({ values, register }) => {
      const { decisions, window } = profileOf(values, register, [], SPAN);
      const { unit } = register;
      for (const decided of decisions) {
        // Over a slip a ruling speaks of its edges too.
        if (window.slipEdges.some(({ fromMs, toMs }) => fromMs >= decided.fromMs && toMs < decided.toMs))
          continue;
        for (const { counts, ...choice } of rulingChoices(decided, unit)) {
          const ruling = { id: 1, ...choice, closingMilli: null, openingMilli: null };
          const after = profileOf(values, register, [ruling], SPAN).decisions;
          if (choice.fromMs === choice.toMs) {
            const refused = after.filter(({ fromMs, toMs }) => fromMs === choice.fromMs && toMs === fromMs);
            expect(refused.map(({ rulingId }) => rulingId)).toEqual(choice.kind === "ok" ? [] : [1]);
            continue;
          }
          const own = after.find(({ fromMs, toMs }) => fromMs === choice.fromMs && toMs === choice.toMs);
          expect(own).toMatchObject({ kind: choice.kind, rulingId: 1 });
          expect(own && countsOf(own, unit)).toBe(counts);
        }
      }
    }),
    { numRuns: 300 },
  );
});
