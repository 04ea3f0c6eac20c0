// An entry names the building that it is about, and a damaged one names none.
import { expect, test } from "vitest";
import { factsOf } from "./log-facts.ts";

test("the building is read as a number or a text, and nothing else is", () => {
  expect(factsOf('{"event":"join","facts":{"buildingId":"17"}}').buildingId).toBe("17");
  expect(factsOf('{"event":"join","facts":{"buildingId":17}}').buildingId).toBe("17");
  for (const text of ['{"facts":{}}', '{"facts":null}', '{"event":"open"}', "[]", "null", '{"facts"']) {
    expect(factsOf(text).buildingId, text).toBeUndefined();
  }
});
