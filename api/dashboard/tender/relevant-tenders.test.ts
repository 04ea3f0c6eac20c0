// A building's page tells of what concerns the building, what runs first.
import { expect, test } from "vitest";
import { relevantTenders } from "./relevant-tenders.ts";

type State = "draft" | "enrolling" | "bidding" | "in_force" | "cancelled";
const view = (
  name: string,
  state: State,
  joined: boolean,
  missing: { code: "region_not_covered" | "contract_missing" }[] = [],
) => ({
  name,
  joined,
  missing,
  tender: { state, createdAt: name },
});

test("its own come first, then what is open to it; other regions and missed calls are left out", () => {
  const views = [
    view("a", "enrolling", false, [{ code: "region_not_covered" }]),
    view("b", "enrolling", false, [{ code: "contract_missing" }]),
    view("c", "bidding", false),
    view("d", "cancelled", true),
    view("e", "cancelled", false),
    view("f", "in_force", true),
    view("g", "bidding", true),
    view("h", "enrolling", false),
  ];
  expect(relevantTenders(views).map(({ name }) => name)).toEqual(["g", "f", "h", "b", "d"]);
});
