// What a tender refuses: each with status, code, reason, and a sentence that says what was tried and with which value.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { DAY_MS } from "#devices/time";
import {
  AFTER_DEADLINE_MS,
  BIDS,
  CALL,
  DEADLINE,
  NOW_MS,
  giveTenderConsent,
  tenderWorld,
  type Person,
  type TenderWorld,
} from "./test-tender.ts";

let world: TenderWorld;
const called: string[] = [];
beforeAll(async () => {
  world = await tenderWorld();
});
afterAll(() => world.stop());

/** A tender of one test, which ends with it: a building is in one tender of a carrier at a time. */
async function tender(...[until, more]: Parameters<TenderWorld["tender"]>): Promise<string> {
  const at = `/v1/tenders/${await world.tender(until, more)}`;
  called.push(at);
  return at;
}
afterEach(async () => {
  for (const at of called.splice(0)) await cancel(at);
});
const cancel = (at: string) => world.post("coordinator", `${at}/cancel`, { reason: "The test is over" });

/** Refused so, and readably: a sentence, with these values in it. */
function refused(
  answer: LightMyRequestResponse,
  status: number,
  code: string,
  extra: object = {},
  values: readonly string[] = [],
): void {
  expect(answer.json(), answer.body).toMatchObject({ status, code, ...extra });
  expect(answer.statusCode).toBe(status);
  const { detail } = answer.json<{ detail: string }>();
  expect(detail).toMatch(/^[A-Z/].{20,}[.!]$/s);
  for (const value of values) expect(detail).toContain(value);
}
const idIn = (at: string) => at.split("/").at(-1) ?? "";

describe("joining", () => {
  const building = () => ({ buildingId: world.buildings[0] });

  test("a building is in one tender of a carrier at a time, and is told which", async () => {
    const first = await tender("joined");
    const second = await tender("enrolling");
    const missing = [{ code: "in_other_tender", tenderId: idIn(first) }];
    refused(await world.post("manager", `${second}/join`, building()), 409, "conditions_missing", {
      missing,
    });
    const card = await world.get("manager", `/v1/buildings/${world.buildings[0]}/tenders`);
    expect(card.json<{ items: object[] }>().items).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ joined: false, mayJoin: false })]),
    );
  });

  test("without the consent of the common parts it does not take part, and is told of which supply point", async () => {
    const supplyPointId = world.common[2] ?? "";
    await world.api.ask("DELETE", `/v1/supply-points/${supplyPointId}/consents?purpose=tender`, {
      token: await world.api.signIn("admin@koprogo.example"),
    });
    const at = await tender("enrolling");
    const answer = await world.post("otherManager", `${at}/join`, { buildingId: world.buildings[2] });
    refused(answer, 403, "consent_missing", { missing: [{ code: "consent_missing", supplyPointId }] });
    await giveTenderConsent(world.api, await world.api.signIn("admin@koprogo.example"), supplyPointId);
    const mended = await world.post("otherManager", `${at}/join`, { buildingId: world.buildings[2] });
    expect(mended.statusCode, mended.body).toBe(200);
  });

  test("what lacks everything is told everything at once", async () => {
    const at = await tender("enrolling", { regions: ["BE-WAL"] });
    const body = { buildingId: world.quietBuilding };
    refused(await world.post("bystander", `${at}/join`, body), 409, "conditions_missing", {
      missing: [{ code: "region_not_covered", region: "BE-BRU" }, { code: "supply_point_missing" }],
    });
  });

  test("twice is the same as once", async () => {
    const at = await tender("joined");
    const log = (await world.get("coordinator", `${at}/log`)).body;
    const again = await world.post("manager", `${at}/join`, building());
    expect([again.statusCode, again.json<{ participants: number }>().participants], again.body).toEqual([
      200, 4,
    ]);
    expect((await world.get("coordinator", `${at}/log`)).body).toBe(log);
  });

  test("of a building that one does not look after finds nothing", async () => {
    const at = await tender("enrolling");
    for (const buildingId of [world.buildings[3], world.strangeBuilding, "999999"]) {
      for (const step of ["join", "leave"]) {
        refused(await world.post("manager", `${at}/${step}`, { buildingId }), 404, "not_found");
      }
    }
  });

  test("is for managers and who runs the tender, not for residents", async () => {
    const at = await tender("enrolling");
    refused(await world.post("resident", `${at}/join`, building()), 403, "forbidden", {}, ["resident"]);
    refused(await world.post("manager", `${at}/join`, { buildingId: "x" }), 400, "request_invalid");
    refused(await world.post("manager", `${at}/join`, {}), 400, "request_invalid", {}, ["buildingId"]);
  });

  test("leaving what one is not in is refused", async () => {
    const at = await tender("enrolling");
    const answer = await world.post("manager", `${at}/leave`, building());
    expect([404, 409], answer.body).toContain(answer.statusCode);
  });
});

describe("publishing", () => {
  test("is refused for too few, and says so to who runs it", async () => {
    const at = await tender("enrolling");
    for (const buildingId of world.buildings.slice(0, 2)) {
      await world.post("manager", `${at}/join`, { buildingId });
    }
    refused(await world.post("coordinator", `${at}/publish`), 409, "cohort_too_small", {
      scope: "publication",
    });
  });

  test("is refused with a profile gone stale since, and names building and supply point", async () => {
    const at = await tender("joined", { bidDeadline: "2027-02-01T12:00:00Z", deliveryStart: "2027-03-01" });
    await world.wakeUpAt(Date.UTC(2026, 11, 20));
    refused(await world.post("coordinator", `${at}/publish`), 409, "conditions_missing", {
      participants: expect.arrayContaining([
        {
          buildingId: world.buildings[1],
          missing: [{ code: "profile_stale", supplyPointId: world.common[1], lastMeasuredDay: "2026-11-03" }],
        },
      ]),
    });
    await world.wakeUpAt(NOW_MS);
  });

  test("nothing is read of a dossier before it", async () => {
    const at = await tender("enrolling");
    for (const path of ["dossier", "dossier.json", "dossier.csv", "dossier/profile", "dossier/revision"]) {
      const answer = await world.get("manager", `${at}/${path}`);
      refused(answer, 409, "state_forbidden", { reason: "not_published" });
    }
    refused(await world.get("cheap", `${at}/dossier`), 404, "not_found");
    refused(await world.post("cheap", `${at}/bids`, BIDS.cheap), 404, "not_found");
  });

  test("a draft is enrolled once", async () => {
    const at = await tender("enrolling");
    refused(await world.post("coordinator", `${at}/enrol`), 409, "state_forbidden", {
      reason: "already_enrolling",
    });
  });
});

describe("a call", () => {
  test.each([
    ["of two countries", { regions: ["BE-BRU", "FR"] }, "regions"],
    ["of a country without a known clock", { regions: ["XX"] }, "regions"],
    ["with a deadline that has passed", { bidDeadline: "2026-11-01T00:00:00Z" }, "bidDeadline"],
    ["on a day that does not exist", { deliveryStart: "2027-02-30" }, "deliveryStart"],
    ["for fewer than the installation's minimum", { minimumCohort: 2 }, "minimumCohort"],
    ["of no carrier", { carrier: "steam" }, "carrier"],
    ["with a member that nobody knows", { colour: "green" }, "colour"],
  ])("%s is not valid", async (_what, more, member) => {
    const answer = await world.post("coordinator", "/v1/tenders", { ...CALL, ...more });
    refused(answer, 400, "request_invalid", {}, [member]);
  });
});

describe("while it takes bids", () => {
  let at = "";
  beforeAll(async () => {
    at = `/v1/tenders/${await world.tender("bidding")}`;
  });
  afterAll(() => cancel(at));
  const bid = (more: object) => world.post("cheap", `${at}/bids`, { ...BIDS.cheap, ...more });

  test("joining and leaving end with the publication; a withdrawal needs a reason", async () => {
    const reason = "enrolment_closed";
    refused(
      await world.post("manager", `${at}/join`, { buildingId: world.buildings[0] }),
      409,
      "state_forbidden",
      { reason },
    );
    refused(
      await world.post("manager", `${at}/leave`, { buildingId: world.buildings[0] }),
      409,
      "state_forbidden",
      { reason },
    );
    refused(
      await world.post("manager", `${at}/withdraw`, { buildingId: world.buildings[0] }),
      400,
      "request_invalid",
      {},
      ["reason"],
    );
    const blank = { buildingId: world.buildings[0], reason: "   " };
    refused(await world.post("manager", `${at}/withdraw`, blank), 409, "state_forbidden", {
      reason: "reason_missing",
    });
  });

  test("publishing twice is refused, and so is what comes before or after its time", async () => {
    const reasons: [step: string, reason: string, body?: object][] = [
      ["publish", "already_published"],
      ["enrol", "enrolment_closed"],
      ["open", "deadline_not_reached"],
      ["award", "not_evaluated", { bidId: "1" }],
    ];
    for (const [step, reason, body] of reasons) {
      const answer = await world.post("coordinator", `${at}/${step}`, body);
      refused(answer, 409, "state_forbidden", { reason });
    }
    refused(await world.get("coordinator", `${at}/evaluation`), 409, "state_forbidden", {
      reason: "not_opened",
    });
    refused(await world.get("coordinator", `${at}/award/supply-points`), 409, "state_forbidden", {
      reason: "not_awarded",
    });
  });

  test("running a tender is the coordinator's: managers, residents and suppliers may not", async () => {
    for (const who of ["manager", "resident", "cheap"] as const) {
      for (const step of ["publish", "open", "enrol"]) {
        refused(await world.post(who, `${at}/${step}`), 403, "forbidden");
      }
      refused(await world.post(who, `${at}/cancel`, { reason: "no" }), 403, "forbidden");
      refused(await world.post(who, `${at}/award`, { bidId: "1" }), 403, "forbidden");
    }
    refused(await world.post("manager", "/v1/tenders", CALL), 403, "forbidden");
    for (const who of ["coordinator", "manager"] as const) {
      refused(await world.post(who, `${at}/bids`, BIDS.cheap), 403, "forbidden", {}, [who]);
    }
  });

  test("a bid that does not fit the call is told every rule that it breaks", async () => {
    const rules: [more: object, ...reasons: string[]][] = [
      [{ currency: "CHF" }, "bid_currency_other"],
      [{ vat: "included" }, "bid_vat_included"],
      [{ pricePerKwh: "-0.10" }, "bid_price_negative"],
      [{ pricePerKwh: "0" }, "bid_price_absurd"],
      [{ pricePerKwh: "213.579" }, "bid_price_absurd"],
      [{ pricePerKwh: "999999999999999" }, "bid_price_absurd"],
      [{ annualFee: "-0.000001" }, "bid_fee_negative"],
      [{ annualFee: "999999999999999.999999" }, "bid_fee_absurd"],
      [{ termMonths: 24 }, "bid_term_other"],
      [{ termMonths: 0 }, "bid_term_other"],
      [{ greenShare: 1.5 }, "bid_green_share_impossible"],
      [{ greenShare: -0.1 }, "bid_green_share_impossible"],
      [{ greenShare: 1e300 }, "bid_green_share_impossible"],
      [{ lotId: "7" }, "bid_lot_unknown"],
      [{ validUntil: "2026-11-20T11:59:59Z" }, "bid_validity_too_short"],
      [
        { currency: "CHF", vat: "included", pricePerKwh: "-1", greenShare: 2 },
        "bid_currency_other",
        "bid_vat_included",
        "bid_price_negative",
        "bid_green_share_impossible",
      ],
    ];
    for (const [more, ...reasons] of rules) refused(await bid(more), 422, "bid_refused", { reasons });
    expect((await world.get("cheap", `${at}/bids`)).json(), "nothing of it was kept").toMatchObject({
      items: [],
    });
    expect((await world.get("coordinator", at)).json()).toMatchObject({ sealedBids: 0 });
  });

  test("a bid that cannot be read as one is not valid", async () => {
    for (const [member, value] of [
      ["pricePerKwh", "0.1234567891"],
      ["pricePerKwh", 0.21],
      ["annualFee", "sixty"],
      ["currency", "euro"],
      ["validUntil", "tomorrow"],
      ["termMonths", 12.5],
    ] as const) {
      refused(await bid({ [member]: value }), 400, "request_invalid", {}, [member]);
    }
  });

  test("a bid after the deadline, by the server's clock, is too late", async () => {
    world.clock.nowMs = Date.parse(DEADLINE) - 1;
    for (const who of ["cheap", "dear", "middle"] as const) {
      expect((await world.post(who, `${at}/bids`, BIDS[who])).statusCode).toBe(201);
    }
    world.clock.nowMs = Date.parse(DEADLINE);
    const late = { reason: "bid_too_late" };
    refused(await bid({}), 409, "state_forbidden", late, [DEADLINE]);
    refused(await bid({ currency: "CHF" }), 409, "state_forbidden", late);
    world.clock.nowMs = AFTER_DEADLINE_MS;
    expect((await world.post("coordinator", `${at}/open`)).statusCode).toBe(200);
    refused(await bid({}), 409, "state_forbidden", { reason: "bidding_closed" });
  });

  test("a bid of another is nothing that a supplier finds", async () => {
    for (const who of ["cheap", "dear", "middle"] as const) {
      const { items } = (await world.get(who, `${at}/bids`)).json<{ items: { supplierId: string }[] }>();
      expect(items.map(({ supplierId }) => supplierId)).toEqual([world.suppliers[who]]);
      refused(await world.get(who, `${at}/evaluation`), 403, "forbidden");
      refused(await world.get(who, `${at}/participants`), 403, "forbidden");
    }
  });
});

describe("an award", () => {
  let at = "";
  let bidId: string | undefined;
  beforeAll(async () => {
    at = `/v1/tenders/${await world.tender("evaluated")}`;
    bidId = await bestOf(at);
  });
  const bestOf = async (tender: string) => {
    const evaluation = await world.get("coordinator", `${tender}/evaluation`);
    return evaluation.json<{ bids: { bidId: string }[] }>().bids[0]?.bidId;
  };
  const award = (choice: object) => world.post("coordinator", `${at}/award`, choice);

  test("of a bid that does not count, or of another tender, is refused", async () => {
    for (const other of ["999999", "1"]) {
      refused(await award({ bidId: other }), 409, "state_forbidden", { reason: "bid_not_counting" }, [other]);
    }
  });

  test("of a bid that has expired is refused", async () => {
    await world.wakeUpAt(Date.parse(DEADLINE) + 60 * DAY_MS);
    refused(await award({ bidId, reason: "late" }), 409, "state_forbidden", { reason: "bid_expired" });
    await world.wakeUpAt(AFTER_DEADLINE_MS);
  });

  test("after withdrawals below the minimum is refused: the tender can only be cancelled", async () => {
    for (const [index, participants] of [
      [2, 3],
      [3, 2],
    ] as const) {
      const body = { buildingId: world.buildings[index], reason: "The assembly decided otherwise" };
      const withdrawn = await world.post("otherManager", `${at}/withdraw`, body);
      expect(withdrawn.json(), withdrawn.body).toMatchObject({ state: "evaluated", participants });
    }
    refused(await award({ bidId, reason: "best" }), 409, "cohort_too_small", { scope: "award" });
    expect((await cancel(at)).json()).toMatchObject({ state: "cancelled" });
  });

  test("happens once, and ends what could still happen", async () => {
    at = `/v1/tenders/${await world.tender("evaluated")}`;
    const choice = { bidId: await bestOf(at), reason: "best" };
    expect((await award(choice)).statusCode).toBe(200);
    const reason = "already_awarded";
    const after: [step: string, reason: string, body?: object][] = [
      ["award", reason, choice],
      ["cancel", reason, { reason: "regret" }],
      ["withdraw", reason, { buildingId: world.buildings[0], reason: "regret" }],
      ["open", "already_opened"],
      ["publish", "already_published"],
    ];
    for (const [step, why, body] of after) {
      refused(await world.post("coordinator", `${at}/${step}`, body), 409, "state_forbidden", {
        reason: why,
      });
    }
  });
});

test("a coordinator, a manager and a resident of another organisation find nothing, whatever they try", async () => {
  const at = await tender("enrolling");
  const strangers: Person[] = ["strangeCoordinator", "strangeManager", "strangeResident"];
  const steps: [step: string, body: object][] = [
    ["join", { buildingId: world.strangeBuilding }],
    ["publish", {}],
    ["open", {}],
    ["award", { bidId: "1" }],
    ["cancel", { reason: "mischief" }],
    ["bids", BIDS.cheap],
  ];
  for (const who of strangers) {
    for (const [step, body] of steps) {
      refused(await world.post(who, `${at}/${step}`, body), 404, "not_found");
    }
    expect((await world.get(who, "/v1/tenders")).json()).toEqual({ items: [], nextCursor: null });
  }
});

test("what is cancelled stays so, with its reason in the log; cancelling needs one", async () => {
  const id = await world.tender("enrolling");
  const at = `/v1/tenders/${id}`;
  refused(await world.post("coordinator", `${at}/cancel`, {}), 400, "request_invalid", {}, ["reason"]);
  const reason = "Too few answered";
  expect((await world.post("coordinator", `${at}/cancel`, { reason })).json()).toMatchObject({
    state: "cancelled",
  });
  for (const [step, body] of [
    ["enrol", undefined],
    ["publish", undefined],
    ["cancel", { reason }],
    ["join", { buildingId: world.buildings[0] }],
  ] as const) {
    refused(await world.post("coordinator", `${at}/${step}`, body), 409, "state_forbidden", {
      reason: "tender_cancelled",
    });
  }
  const log = (await world.get("coordinator", `${at}/log`)).json<{ items: object[] }>();
  expect(log.items.at(-1)).toMatchObject({ event: "cancel", reason, state: "cancelled" });
});
