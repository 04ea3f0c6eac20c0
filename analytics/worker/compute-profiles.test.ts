// What is read from beyond the stretch of a register that shows no reading.
import { beforeEach, expect, test } from "vitest";
import { fingerprint, packDecimals } from "#devices/decimal";
import { DAY_MS, HOUR_MS } from "#devices/time";
import { MemoryDatabase, memoryStore } from "#memory-store";
import { computeProfiles } from "./compute-profiles.ts";

const START = Date.UTC(2026, 9, 5);
const DAYS = 30;
const SENTINEL = "4294967.295";

let database: MemoryDatabase;
let deviceId: number;
let registerId: number;
let layoutId: number;

beforeEach(() => {
  database = new MemoryDatabase({ now: () => START + DAYS * DAY_MS });
  const { directory } = database;
  const point = directory.addSupplyPoint({ carrier: "water", direction: "import", connectionKva: null });
  deviceId = directory.addDevice({ profile: "wmbusmeters", supplyPointIds: [point] }).id;
  const spec = {
    name: "total",
    equipmentId: "A",
    carrier: "water",
    quantity: "volume",
    unit: "m3",
    kind: "cumulative",
    tariff: null,
    direction: "import",
    keepEveryS: 0,
  } as const;
  const [register] = directory.createRegisters([{ deviceId, specs: [spec] }], 1);
  registerId = register?.id ?? 0;
  const [layout] = directory.createLayouts([{ deviceId, layouts: [[registerId]] }], 1);
  layoutId = layout?.id ?? 0;
  tell(0, "100");
  tell(1, "100.25");
  for (let hour = 2; hour < 24 * DAYS; hour++) tell(hour, SENTINEL);
});

function tell(hour: number, value: string): void {
  const values = packDecimals([value]);
  const atMs = START + hour * HOUR_MS;
  const row = { observedAtMs: atMs, receivedAtMs: atMs, clock: 0, flags: 0 };
  database.readings.merge([{ deviceId, layoutId, ...row, fingerprint: fingerprint(values), values }]);
}

/** The last day alone: what it is, and which sides it asked for. */
async function lastDay() {
  const asked: string[] = [];
  const day = START / DAY_MS + DAYS - 1;
  const { computed } = await memoryStore(database).transaction(async (transaction) => {
    const pairs = [{ registerId, day }];
    database.journal.add(database.journal.row({ notBeforeMs: 0, late: false, cause: "readings", pairs }));
    return computeProfiles(
      {
        ...transaction,
        indexValuesBeyond: (needs) => {
          asked.push(...needs.map(({ side }) => side));
          return transaction.indexValuesBeyond(needs);
        },
      },
      await transaction.claimJournal(1),
    );
  });
  return { asked, pieces: computed.flatMap(({ window }) => window.unallocated) };
}

test("of a register that shows no reading, nobody looks for one before", async () => {
  expect(await lastDay()).toEqual({ asked: ["after"], pieces: [] });
});

test("one reading that lies behind leads back to the last ones, and what went by between is a piece", async () => {
  tell(24 * DAYS + 5, "130.25");
  const { asked, pieces } = await lastDay();
  expect(asked).toEqual(["after", "before"]);
  expect(pieces).toMatchObject([{ fromMs: START + HOUR_MS, energy: 30_000, cause: "gap" }]);
});

test("so does one within the day, at once", async () => {
  tell(24 * DAYS - 0.5, "130.25");
  const { asked, pieces } = await lastDay();
  expect(asked).toEqual(["before", "after"]);
  expect(pieces).toMatchObject([{ fromMs: START + HOUR_MS, energy: 30_000, cause: "gap" }]);
});
