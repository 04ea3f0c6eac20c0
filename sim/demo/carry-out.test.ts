// The demo's tender reaches its end from wherever it was interrupted, and nothing is done twice.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ApiFailure, type ApiClient } from "../portfolio/api-client.ts";
import { carryOut, keepOpen, type Cast } from "./carry-out.ts";
import { AWARDED_TENDER, DEMO_BIDS, OPEN_TENDER } from "./tender-plan.ts";

type FakeTender = {
  id: string;
  name: string;
  state: string;
  bidDeadline: string;
  deliveryStart: string;
  termMonths: number;
  participants: string[];
  bids: string[];
};

const NOW_MS = Date.UTC(2026, 10, 28, 12);

/** An API that knows the life of a tender, a clock that passes only by pausing, and a fault at one call. */
function world() {
  const tenders: FakeTender[] = [];
  let nowMs = NOW_MS;
  let calls = 0;
  let faultAt = Infinity;
  let isAfterEffect = false;
  const find = (path: string): FakeTender => {
    const found = tenders.find(({ id }) => path.startsWith(`/v1/tenders/${id}/`));
    if (found === undefined) throw new ApiFailure(`${path} is not known`, 404, "not_found");
    return found;
  };
  const from = (tender: FakeTender, state: string, next: string) => {
    if (tender.state !== state) throw new ApiFailure(`${tender.state}, not ${state}`, 409, "state_forbidden");
    tender.state = next;
  };
  const isOver = (tender: FakeTender) => nowMs >= Date.parse(tender.bidDeadline);
  const effects: Record<string, (tender: FakeTender, body: Record<string, string>, who: string) => void> = {
    join: (tender, { buildingId = "" }) => {
      if (tender.participants.includes(buildingId)) throw new ApiFailure("joined twice", 409);
      tender.participants.push(buildingId);
    },
    publish: (tender) => from(tender, "enrolling", "bidding"),
    bids: (tender, _body, who) => {
      if (isOver(tender) || tender.state !== "bidding") throw new ApiFailure("late", 409, "state_forbidden");
      tender.bids.push(who);
    },
    open: (tender) => {
      if (!isOver(tender)) throw new ApiFailure("early", 409, "state_forbidden");
      from(tender, "bidding", "evaluated");
    },
    award: (tender) => from(tender, "evaluated", "in_force"),
    cancel: (tender) => (tender.state = "cancelled"),
  };
  const faulty = <T>(work: () => T): Promise<T> => {
    calls++;
    if (calls === faultAt && !isAfterEffect) return Promise.reject(new ApiFailure("gone", 0));
    const result = work();
    if (calls === faultAt) return Promise.reject(new ApiFailure("gone", 0));
    return Promise.resolve(result);
  };
  const create = (body: Record<string, string>): FakeTender => {
    const made = { ...body, id: String(tenders.length + 1), state: "enrolling", participants: [], bids: [] };
    tenders.push(made as unknown as FakeTender);
    return made as unknown as FakeTender;
  };
  const clientOf = (who: string): ApiClient => ({
    get: (() => faulty(() => ({ bids: [{ bidId: "1", rank: 1 }] }))) as ApiClient["get"],
    send: ((_method: string, path: string, body: Record<string, string>) =>
      faulty(() => {
        if (path === "/v1/tenders") return create(body);
        return effects[path.split("/").at(-1) ?? ""]?.(find(path), body, who);
      })) as ApiClient["send"],
    list: ((path: string) =>
      faulty(() => {
        if (path === "/v1/tenders") return tenders.map((one) => ({ ...one, sealedBids: one.bids.length }));
        const tender = find(path);
        if (path.endsWith("/bids")) return tender.bids.filter((bidder) => bidder === who);
        return tender.participants.map((buildingId) => ({ buildingId, leftAt: null }));
      })) as ApiClient["list"],
    upload: () => Promise.reject(new Error("nothing is uploaded here")),
  });
  const cast: Cast = {
    coordinator: clientOf("coordinator"),
    manager: clientOf("manager"),
    suppliers: DEMO_BIDS.map((bid) => ({ bid, api: clientOf(bid.account) })),
    buildings: new Map(
      [...AWARDED_TENDER.buildings, ...OPEN_TENDER.buildings].map((key) => [key, `id of ${key}`]),
    ),
  };
  const surroundings = {
    time: { now: () => nowMs },
    stop: new AbortController().signal,
    pause: (ms: number) => Promise.resolve(void (nowMs += ms)),
  };
  return {
    tenders,
    cast,
    surroundings,
    calls: () => calls,
    fail: (call: number, afterEffect: boolean, silenceMs: number) => {
      [faultAt, isAfterEffect] = [calls + call, afterEffect];
      return async (work: () => Promise<void>) => {
        await work().catch((error: unknown) => {
          if (!(error instanceof ApiFailure) || error.status !== 0) throw error;
        });
        faultAt = Infinity;
        nowMs += silenceMs;
      };
    },
  };
}

const valid = (tenders: readonly FakeTender[], name: string) =>
  tenders.filter((one) => one.name === name && one.state !== "cancelled");

test("interrupted at any call, before or after its effect, for a moment or past the deadline, it is in force once", async () => {
  const fault = fc.record({ call: fc.integer({ min: 1, max: 40 }), after: fc.boolean(), late: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 3 }), async (faults) => {
      const { tenders, cast, surroundings, fail } = world();
      for (const { call, after, late } of faults) {
        await fail(call, after, late ? 3_600_000 : 0)(() => carryOut(AWARDED_TENDER, cast, surroundings));
      }
      await carryOut(AWARDED_TENDER, cast, surroundings);
      const [tender, ...others] = valid(tenders, AWARDED_TENDER.name);
      expect(others).toEqual([]);
      expect(tender?.state).toBe("in_force");
      expect(tender?.bids.toSorted()).toEqual(DEMO_BIDS.map(({ account }) => account).toSorted());
      expect(tender?.participants).toHaveLength(AWARDED_TENDER.buildings.length);
    }),
  );
});

test("what is there is asked for once and left alone", async () => {
  const { tenders, cast, surroundings, calls } = world();
  await carryOut(AWARDED_TENDER, cast, surroundings);
  const before = [calls(), structuredClone(tenders)] as const;
  await carryOut(AWARDED_TENDER, cast, surroundings);
  expect([calls(), tenders]).toEqual([before[0] + 1, before[1]]);
});

test("the open tender stays open, and one whose deadline has passed is cancelled and made anew", async () => {
  const { tenders, cast, surroundings } = world();
  await keepOpen(OPEN_TENDER, cast, surroundings);
  await keepOpen(OPEN_TENDER, cast, surroundings);
  expect(tenders.map(({ state }) => state)).toEqual(["enrolling"]);
  expect(tenders[0]?.deliveryStart).toBe("2027-09-01");
  await surroundings.pause(OPEN_TENDER.openForMs);
  await keepOpen(OPEN_TENDER, cast, surroundings);
  expect(tenders.map(({ state }) => state)).toEqual(["cancelled", "enrolling"]);
  expect(tenders[1]?.participants).toHaveLength(OPEN_TENDER.buildings.length);
});
