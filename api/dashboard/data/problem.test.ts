// What a failed request tells: the API's code where there is one, and something true where there is not.
import { expect, test } from "vitest";
import { explanationKeys, isAbort, problemOfAnswer, problemOfFailure, RequestProblem } from "./problem.ts";

test("a problem document gives its code and title", () => {
  const problem = problemOfAnswer(400, { code: "span_too_long", title: "The requested span is too long" });
  expect([problem.code, problem.title, problem.status]).toEqual([
    "span_too_long",
    "The requested span is too long",
    400,
  ]);
});

test("an answer of something in between still says what it can", () => {
  expect(problemOfAnswer(502, "<html>").code).toBe("dependency_missing");
  expect(problemOfAnswer(404, null).code).toBe("not_found");
  expect(problemOfAnswer(500, { code: 7 }).code).toBe("internal");
});

test("no answer is offline, with its cause kept; a problem stays itself", () => {
  const cause = new TypeError("fetch failed");
  expect(problemOfFailure(cause)).toMatchObject({ code: "offline", cause });
  const problem = new RequestProblem("forbidden", "No", 403);
  expect(problemOfFailure(problem)).toBe(problem);
});

test("a request that the page itself gave up is no failure", () => {
  expect(isAbort(new DOMException("gone", "AbortError"))).toBe(true);
  expect(isAbort(new TypeError("fetch failed"))).toBe(false);
});

test("a refusal keeps why, and for whom what is missing", () => {
  const late = problemOfAnswer(409, { code: "state_forbidden", title: "No", reason: "deadline_not_reached" });
  expect(late.extras.reason).toBe("deadline_not_reached");
  expect(explanationKeys(late).each).toEqual(["tenders.refusal.deadline_not_reached"]);
  const bid = problemOfAnswer(422, { code: "bid_refused", title: "No", reasons: ["bid_fee_absurd", 7] });
  expect(explanationKeys(bid).each).toEqual(["tenders.refusal.bid_fee_absurd"]);
  const stale = { code: "profile_stale", supplyPointId: "4", lastMeasuredDay: "2026-01-02" };
  const publish = problemOfAnswer(409, {
    code: "conditions_missing",
    title: "No",
    participants: [{ buildingId: "3", missing: [stale, "?"] }, null, { buildingId: "4" }],
  });
  expect(publish.extras.participants).toEqual([{ buildingId: "3", missing: [stale] }]);
  expect(explanationKeys(publish).otherwise).toContain("tenders.refusal.conditions_missing");
});

test("extras of another shape are no extras", () => {
  expect(
    problemOfAnswer(409, { code: "x", title: "x", missing: "all", reasons: {}, reason: 1 }).extras,
  ).toEqual({
    reason: undefined,
    reasons: [],
    missing: [],
    participants: [],
    errors: [],
  });
});

test("a request that was not understood says which member is at fault", () => {
  const errors = [{ pointer: "/format", detail: "is needed" }, "?", { pointer: "/file" }];
  expect(problemOfAnswer(400, { code: "request_invalid", title: "No", errors }).extras.errors).toEqual([
    { pointer: "/format", detail: "is needed" },
  ]);
});
