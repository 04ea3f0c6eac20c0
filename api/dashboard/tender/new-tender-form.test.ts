// The form of a new tender: every fault has its field, and the deadline is read on the clocks of the country.
import { expect, test } from "vitest";
import { faultsOf, requestOf, type TenderForm } from "./new-tender-form.ts";

const NOW_MS = Date.parse("2026-03-01T09:00:00Z");
const FORM: TenderForm = {
  name: " Hiver 2027 ",
  carrier: "electricity",
  country: "BE",
  regions: ["BE-BRU"],
  deliveryStart: "2027-01-01",
  termMonths: "24",
  minimumCohort: "",
  deadlineDay: "2026-06-30",
  deadlineTime: "17:00",
  draft: false,
};

test("a whole form has no fault and makes the request as written", () => {
  expect(faultsOf(FORM, NOW_MS)).toEqual({});
  expect(requestOf(FORM)).toEqual({
    name: "Hiver 2027",
    carrier: "electricity",
    regions: ["BE-BRU"],
    deliveryStart: "2027-01-01",
    termMonths: 24,
    bidDeadline: "2026-06-30T15:00:00.000Z",
  });
});

test("what was chosen beyond the rule goes along", () => {
  const regions = ["BE-WAL", "BE-BRU", "BE-VLG"];
  expect(requestOf({ ...FORM, regions, minimumCohort: "12", draft: true })).toMatchObject({
    regions: ["BE"],
    minimumCohort: 12,
    draft: true,
  });
  expect(requestOf({ ...FORM, country: "FR", regions: ["FR"], deadlineDay: "2026-12-01" }).bidDeadline).toBe(
    "2026-12-01T16:00:00.000Z",
  );
});

test.each([
  ["name", { name: "  " }, "tenders.form.nameMissing"],
  ["name", { name: "x".repeat(201) }, "tenders.form.nameTooLong"],
  ["regions", { regions: [] }, "tenders.form.regionsMissing"],
  ["deadline", { deadlineDay: "" }, "tenders.form.deadlineMissing"],
  ["deadline", { deadlineDay: "2026-02-31" }, "tenders.form.deadlineMissing"],
  ["deadline", { deadlineDay: "2026-03-01", deadlineTime: "10:00" }, "tenders.form.deadlinePast"],
  ["deliveryStart", { deliveryStart: "" }, "tenders.form.deliveryMissing"],
  ["deliveryStart", { deliveryStart: "2026-06-30" }, "tenders.form.deliveryTooEarly"],
  ["termMonths", { termMonths: "0" }, "tenders.form.termInvalid"],
  ["termMonths", { termMonths: "1.5" }, "tenders.form.termInvalid"],
  ["minimumCohort", { minimumCohort: "-3" }, "tenders.form.cohortInvalid"],
] as const)("%s of %j is refused", (field, change, key) => {
  expect(faultsOf({ ...FORM, ...change }, NOW_MS)).toEqual({ [field]: key });
});
