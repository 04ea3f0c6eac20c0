// Whose price it is: every tender route asked by everybody, sealed, opened and awarded; the bodies searched for its digits.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RouteEntry } from "./access.ts";
import { BIDS, PEOPLE, tenderWorld, type Person, type TenderWorld } from "./test-tender.ts";

let world: TenderWorld;
let openedAt = "";

beforeAll(async () => {
  world = await tenderWorld();
});
afterAll(() => world.stop());

const SUPPLIERS = ["cheap", "dear", "middle"] as const;
type Supplier = (typeof SUPPLIERS)[number];
const RUNNING: readonly (Person | "admin")[] = ["admin", "coordinator"];
const TAKING_PART: readonly (Person | "admin")[] = ["manager", "otherManager", "resident"];
const EVERYBODY = ["admin", ...PEOPLE] as const;

/** Whether this person may read that supplier's bid. */
function mayRead(who: Person | "admin", whose: Supplier, opened: boolean): boolean {
  return who === whose || (opened && (RUNNING.includes(who) || TAKING_PART.includes(who)));
}

/** A price and a fee as anything in the house might write them. */
function traces({ pricePerKwh, annualFee }: (typeof BIDS)[Supplier]): string[] {
  const digits = (text: string, places: number) =>
    text.split(".").join("").replace(/^0+/, "").padEnd(places, "0");
  return [pricePerKwh, pricePerKwh.slice(1), annualFee, digits(pricePerKwh, 9), digits(annualFee, 8)];
}

const tenderRoutes = () =>
  world.api.routes().filter(({ url, method }) => url.includes("tenders") && method !== "HEAD");

/** A revision is sized anew each time, which takes a second: these ask for it, of each side one. */
const ASKING_REVISION: readonly (Person | "admin")[] = ["coordinator", "dear"];
const asks = (who: Person | "admin", { url }: RouteEntry) =>
  !url.endsWith("/revision") || ASKING_REVISION.includes(who);

/** A body that no step accepts, so that asking changes nothing. */
const HARMLESS = { bidId: "2147483647" };

async function bodyOf(who: Person | "admin", { method, url }: RouteEntry, at: string, accept: string) {
  const id = at.split("/").at(-1) ?? "";
  const buildingId =
    who === "bystander" ? world.quietBuilding : (world.buildings[who === "otherManager" ? 2 : 0] ?? "");
  const path = url
    .replace("/v1/tenders/:id", `/v1/tenders/${id}`)
    .replace("/v1/buildings/:id", `/v1/buildings/${buildingId}`);
  const answer =
    method === "GET" ? await world.get(who, path, { accept }) : await world.post(who, path, HARMLESS);
  expect(answer.statusCode, `${who} ${method} ${path}: ${answer.body}`).toBeLessThan(500);
  return `${JSON.stringify(answer.headers)}${answer.body}`;
}

async function searchAll(at: string, opened: boolean): Promise<void> {
  let found = 0;
  for (const who of EVERYBODY) {
    for (const route of tenderRoutes().filter((one) => asks(who, one))) {
      const series = /\/dossier$|supply-points$/.test(route.url);
      for (const accept of series ? ["application/json", "text/csv"] : ["application/json"]) {
        const body = await bodyOf(who, route, at, accept);
        for (const whose of SUPPLIERS) {
          const seen = traces(BIDS[whose]).filter((trace) => body.includes(trace));
          if (mayRead(who, whose, opened)) found += seen.length;
          else expect(seen, `${who} ${route.method} ${route.url} tells ${whose}'s price`).toEqual([]);
        }
      }
    }
  }
  expect(found, "whoever may read a price does, or this searches for nothing").toBeGreaterThan(
    opened ? 40 : 3,
  );
}

test("the walk meets every tender route", () => {
  expect(tenderRoutes().length).toBeGreaterThanOrEqual(22);
});

test("the number of bids cannot be read from anything that changes when one arrives", async () => {
  const id = await world.tender("bidding");
  const at = `/v1/tenders/${id}`;
  const looks = async () => {
    const seen: string[] = [];
    for (const who of ["dear", "middle", "manager", "resident", "bystander"] as const) {
      for (const path of [at, "/v1/tenders", `${at}/log`, `${at}/bids`, `${at}/dossier`]) {
        const answer = await world.get(who, path);
        seen.push(`${who} ${path} ${String(answer.headers.etag)} ${answer.body}`);
      }
    }
    return seen;
  };
  const before = await looks();
  expect((await world.post("cheap", `${at}/bids`, BIDS.cheap)).statusCode).toBe(201);
  expect(await looks()).toEqual(before);
  await world.post("coordinator", `${at}/cancel`, { reason: "One look was enough" });
});

/** Some three hundred requests. */
const WALK_MS = 240_000;

describe("a bid's price is told to nobody who may not have it", { timeout: WALK_MS }, () => {
  test("while the bids are sealed: to its supplier alone", async () => {
    const at = `/v1/tenders/${await world.tender("bid")}`;
    await searchAll(at, false);
    for (const who of EVERYBODY.filter((one) => !RUNNING.includes(one))) {
      const tender = await world.get(who, at);
      if (tender.statusCode === 404) continue;
      expect(tender.json(), `${who} is not told how many bid`).toMatchObject({ sealedBids: null });
      const log = (await world.get(who, `${at}/log`)).json<{ items: { event: string }[]; intact: boolean }>();
      expect(log.intact).toBe(true);
      expect(
        log.items.map(({ event }) => event),
        who,
      ).not.toContain("bid");
    }
    await world.post("coordinator", `${at}/cancel`, { reason: "Nobody read these bids" });
    await searchAll(at, false);
  });

  test("after the opening: to who runs the tender and who takes part", async () => {
    openedAt = `/v1/tenders/${await world.tender("evaluated")}`;
    await searchAll(openedAt, true);
  });

  test("after the award: no more than before", async () => {
    const at = openedAt;
    const { bids } = (await world.get("coordinator", `${at}/evaluation`)).json<{
      bids: { bidId: string }[];
    }>();
    const awarded = await world.post("coordinator", `${at}/award`, {
      bidId: bids[0]?.bidId,
      reason: "Cheapest",
    });
    expect(awarded.statusCode, awarded.body).toBe(200);
    await searchAll(at, true);
    for (const who of ["dear", "middle", "bystander"] as const) {
      expect((await world.get(who, at)).json(), who).toMatchObject({ state: "awarded", award: null });
    }
  });
});
