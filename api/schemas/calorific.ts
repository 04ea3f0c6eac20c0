// Gross calorific values of gas, as they are recorded and read.
import { Type } from "typebox";
import { CivilDate, Id, Instant, body, decimal, listOf, named, text } from "./shape.ts";

const Zone = Type.String({
  pattern: "^[A-Z0-9-]{2,32}$",
  description: "A gas network's zone, a region or a country.",
  examples: ["BE-BRU"],
});
const KwhPerM3 = decimal(5, "11.63000", "");

export const CalorificValue = named("CalorificValue", {
  id: Id,
  zone: Zone,
  from: CivilDate,
  version: Type.Integer({ minimum: 1 }),
  kwhPerM3: KwhPerM3,
  source: Type.String(),
  recordedAt: Instant,
});
export const CalorificValueList = listOf(CalorificValue);
export const NewCalorificValue = body("NewCalorificValue", {
  zone: Zone,
  from: CivilDate,
  kwhPerM3: KwhPerM3,
  source: text(500),
});
