// What is typed is sent as it is meant: decimal comma, lower case and blanks included; what cannot be meant is said.
import { expect, test } from "vitest";
import { valueFaults, valueOf, type ValueForm } from "./value-form.ts";

const good: ValueForm = { zone: " be-bru ", from: "2026-01-01", kwhPerM3: " 11,63", source: " Sibelga " };

test("a value is sent as the API writes it", () => {
  expect(valueFaults(good)).toEqual({});
  expect(valueOf(good)).toEqual({ zone: "BE-BRU", from: "2026-01-01", kwhPerM3: "11.63", source: "Sibelga" });
});

test("each field says what is wrong with it", () => {
  expect(Object.keys(valueFaults({ zone: "", from: "", kwhPerM3: "", source: " " }))).toEqual([
    "zone",
    "from",
    "kwhPerM3",
    "source",
  ]);
  expect(valueFaults({ ...good, from: "2026-02-31" })).toEqual({ from: "calorific.fromFault" });
  expect(valueFaults({ ...good, zone: "Brussel!" })).toEqual({ zone: "calorific.zoneFault" });
});

test.each(["4.99", "15.1", "11.123456", "1e1", "elf", "-11"])("%s kWh per m³ is no gas", (kwhPerM3) => {
  expect(valueFaults({ ...good, kwhPerM3 })).toEqual({ kwhPerM3: "calorific.valueFault" });
});

test.each(["5", "15", "9.7", "11.12345"])("%s kWh per m³ is taken", (kwhPerM3) => {
  expect(valueFaults({ ...good, kwhPerM3 })).toEqual({});
});
