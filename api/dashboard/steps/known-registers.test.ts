// Which register of a supply point a reader begins with.
import { expect, test } from "vitest";
import type { Register } from "../data/api.ts";
import { chosenRegister, tellingRegisters, type KnownRegister } from "./known-registers.ts";

function known(id: string, direction: Register["direction"], lastMs: number | undefined): KnownRegister {
  return {
    register: {
      id,
      deviceId: "1",
      supplyPointId: "1",
      name: "1-0:1.8.1",
      equipmentId: "",
      carrier: "electricity",
      kind: "cumulative",
      quantity: "energy",
      unit: "kWh",
      tariff: null,
      direction,
      role: "main",
    },
    lastMs,
  };
}

const telling = tellingRegisters([
  known("1", "import", 10),
  known("2", "import", undefined),
  known("3", "export", 30),
  known("4", "import", 20),
]);

test("those without a step have nothing to tell, the latest comes first", () => {
  expect(telling.map(({ register }) => register.id)).toEqual(["3", "4", "1"]);
});

test.each([
  [{ registerId: "1", direction: "export" }, "1"],
  [{ registerId: null, direction: "import" }, "4"],
  [{ registerId: "2", direction: null }, "3"],
])("of %j it is register %s", (asked, id) => {
  expect(chosenRegister(telling, asked)?.register.id).toBe(id);
});

test("where none has anything to tell there is none", () => {
  expect(chosenRegister([], { registerId: "1", direction: "import" })).toBeUndefined();
});
