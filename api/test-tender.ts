// A coordinator's four buildings with a year of load, their people, and three suppliers, for the tests of tenders.
import { createdId, building, PASSWORD, register, testApi, ADMIN_EMAIL, type TestApi } from "./test-api.ts";
import type { Pool } from "#store";

/** Of the first building's common parts; the others use 20 Wh more each. */
export const COMMON_WH = 100;
/** Of the one dwelling that consents, in the first building. */
export const PRIVATE_WH = 30;
export const QUARTERS_OF_YEAR = 365 * 96;
/** What all supply points pay now. */
export const PRESENT = { pricePerKwh: "0.300000", annualFee: "60.00" };
export const NOW_MS = Date.UTC(2026, 10, 10, 9);
export const DEADLINE = "2026-11-20T12:00:00.000Z";
export const AFTER_DEADLINE_MS = Date.parse(DEADLINE) + 3_600_000;

/** The call that fits this world. */
export const CALL = {
  name: "Électricité 2027",
  carrier: "electricity",
  regions: ["BE-BRU"],
  deliveryStart: "2027-01-01",
  termMonths: 12,
  minimumCohort: 3,
  bidDeadline: DEADLINE,
};

/** Every digit of these prices is found nowhere else, so that a body which contains one has given it away. */
export const BIDS = {
  cheap: { ...offer("0.213579", "47.31"), greenShare: 1 },
  dear: { ...offer("0.317593", "58.97"), greenShare: 0.5 },
  middle: { ...offer("0.268713", "53.19"), greenShare: 0 },
};

function offer(pricePerKwh: string, annualFee: string) {
  return { pricePerKwh, annualFee, currency: "EUR", vat: "excluded", termMonths: 12 };
}

export const PEOPLE = [
  "coordinator",
  "manager",
  "otherManager",
  "bystander",
  "resident",
  "cheap",
  "dear",
  "middle",
  "strangeCoordinator",
  "strangeManager",
  "strangeResident",
] as const;
export type Person = (typeof PEOPLE)[number];
const emailOf = (name: Person) => `${name.toLowerCase()}@koprogo.example`;
type Tokens = Readonly<Record<Person | "admin", string>>;

async function signInAll(api: TestApi): Promise<Tokens> {
  const tokens: Record<string, string> = { admin: await api.signIn(ADMIN_EMAIL) };
  for (const name of PEOPLE) tokens[name] = await api.signIn(emailOf(name));
  return tokens as Tokens;
}

export type TenderWorld = {
  readonly api: TestApi;
  /** By the server's clock, which tests move. */
  readonly clock: { nowMs: number };
  /** Moves the clock to an instant at which the sessions may have ended, and signs everybody in again. */
  readonly wakeUpAt: (nowMs: number) => Promise<void>;
  /** The manager looks after the first two, the other manager after the rest. */
  readonly buildings: readonly string[];
  readonly common: readonly string[];
  readonly private: string;
  /** The bystander's: of the same coordinator, with nothing in it, so that it cannot take part. */
  readonly quietBuilding: string;
  /** Of another organisation. */
  readonly strangeBuilding: string;
  /** The organisations of the suppliers. */
  readonly suppliers: Readonly<Record<"cheap" | "dear" | "middle", string>>;
  readonly get: (who: Person | "admin", path: string, headers?: Record<string, string>) => Answer;
  readonly post: (who: Person | "admin", path: string, body?: unknown) => Answer;
  /** A tender in the state that the step leads to, without bids before `bidding`. */
  readonly tender: (until: Step, more?: object) => Promise<string>;
  readonly stop: () => Promise<void>;
};
type Answer = ReturnType<TestApi["ask"]>;
export type Step = "enrolling" | "joined" | "bidding" | "bid" | "evaluated";

export async function tenderWorld(): Promise<TenderWorld> {
  const clock = { nowMs: NOW_MS };
  const api = await testApi({ time: { now: () => clock.nowMs } });
  const admin = await api.signIn(ADMIN_EMAIL);
  const create = async (url: string, body: unknown) =>
    createdId(await api.ask("POST", url, { token: admin, body }));

  const organisation = (name: string, kind: string) => create("/v1/organisations", { name, kind });
  const home = await organisation("Coordination Bruxelles", "coordinator");
  const away = await organisation("Coordination Gand", "coordinator");
  const suppliers = {
    cheap: await organisation("Énergie Basse", "supplier"),
    dear: await organisation("Énergie Haute", "supplier"),
    middle: await organisation("Énergie Moyenne", "supplier"),
  };
  const buildings: string[] = [];
  const common: string[] = [];
  for (const index of [0, 1, 2, 3]) {
    const id = await create("/v1/buildings", { ...building, name: `Bloc ${index}`, organisationId: home });
    buildings.push(id);
    common.push(await supplyPoint(api, admin, id, COMMON_WH + 20 * index, { scope: "common" }));
  }
  const [first = ""] = buildings;
  const unit = await create(`/v1/buildings/${first}/units`, { name: "1A" });
  const own = await supplyPoint(api, admin, first, PRIVATE_WH, { scope: "private", unitId: unit });
  const quietBuilding = await create("/v1/buildings", { ...building, name: "Bloc 4", organisationId: home });
  const strangeBuilding = await create("/v1/buildings", { ...building, organisationId: away });
  const strangeUnit = await create(`/v1/buildings/${strangeBuilding}/units`, { name: "1A" });

  const person = (name: Person, role: string, organisationId: string, more: object = {}) =>
    create("/v1/users", { email: emailOf(name), role, organisationId, password: PASSWORD, ...more });
  await person("coordinator", "coordinator", home);
  await person("manager", "manager", home, { buildingIds: buildings.slice(0, 2) });
  await person("otherManager", "manager", home, { buildingIds: buildings.slice(2) });
  await person("bystander", "manager", home, { buildingIds: [quietBuilding] });
  await person("resident", "resident", home, { unitId: unit });
  await person("cheap", "supplier", suppliers.cheap);
  await person("dear", "supplier", suppliers.dear);
  await person("middle", "supplier", suppliers.middle);
  await person("strangeCoordinator", "coordinator", away);
  await person("strangeManager", "manager", away, { buildingIds: [strangeBuilding] });
  await person("strangeResident", "resident", away, { unitId: strangeUnit });
  let tokens = await signInAll(api);
  const get: TenderWorld["get"] = (who, path, headers = {}) =>
    api.ask("GET", path, { token: tokens[who], headers });
  const post: TenderWorld["post"] = (who, path, body) =>
    api.ask("POST", path, { token: tokens[who], ...(body === undefined ? {} : { body }) });

  const tender: TenderWorld["tender"] = async (until, more = {}) => {
    clock.nowMs = NOW_MS;
    const id = createdId(await post("coordinator", "/v1/tenders", { ...CALL, ...more }));
    const did = async (answer: Answer) => {
      const { statusCode, body } = await answer;
      if (statusCode >= 300) throw new Error(`${statusCode}: ${body}`);
    };
    if (until === "enrolling") return id;
    for (const [index, buildingId] of buildings.entries()) {
      const who = index < 2 ? "manager" : "otherManager";
      await did(post(who, `/v1/tenders/${id}/join`, { buildingId }));
    }
    if (until === "joined") return id;
    await did(post("coordinator", `/v1/tenders/${id}/publish`));
    if (until === "bidding") return id;
    for (const who of ["dear", "cheap", "middle"] as const) {
      await did(post(who, `/v1/tenders/${id}/bids`, BIDS[who]));
    }
    if (until === "bid") return id;
    clock.nowMs = AFTER_DEADLINE_MS;
    await did(post("coordinator", `/v1/tenders/${id}/open`));
    return id;
  };
  return {
    api,
    clock,
    wakeUpAt: async (nowMs) => {
      clock.nowMs = nowMs;
      tokens = await signInAll(api);
    },
    buildings,
    common,
    private: own,
    quietBuilding,
    strangeBuilding,
    suppliers,
    get,
    post,
    tender,
    stop: () => api.stop(),
  };
}

/** With a device, a contract, a consent for tenders and a year of the same load in every quarter-hour. */
async function supplyPoint(
  api: TestApi,
  token: string,
  buildingId: string,
  wh: number,
  more: object,
): Promise<string> {
  const point = { carrier: "electricity", vatRate: 0.06, ...more };
  const created = await api.ask("POST", `/v1/buildings/${buildingId}/supply-points`, { token, body: point });
  const id = createdId(created);
  const url = `/v1/supply-points/${id}`;
  const device = { name: `meter ${id}`, profile: "dsmr-p1", supplyPoints: { electricity: id } };
  const deviceId = createdId(
    await api.ask("POST", `/v1/buildings/${buildingId}/devices`, { token, body: device }),
  );
  await api.ask("PUT", `${url}/contract`, {
    token,
    body: {
      ...PRESENT,
      supplier: "Ancienne Énergie",
      currency: "EUR",
      vat: "excluded",
      start: "2025-01-01",
      noticeDays: 30,
    },
  });
  await giveTenderConsent(api, token, id);
  await profileYear(api.pool, await register(api.pool, deviceId, id), wh);
  return id;
}

export async function giveTenderConsent(api: TestApi, token: string, supplyPointId: string): Promise<void> {
  const body = { purpose: "tender", from: "2026-01-01T00:00:00Z", evidence: "minutes of the assembly" };
  createdId(await api.ask("POST", `/v1/supply-points/${supplyPointId}/consents`, { token, body }));
}

/** All measured, from October 2025 to the third of November 2026. */
async function profileYear(pool: Pool, registerId: string, wh: number): Promise<void> {
  const quarters = Buffer.alloc(4 * 96);
  for (let slot = 0; slot < 96; slot++) quarters.writeInt32LE(wh, slot * 4);
  await pool.query(
    `insert into load_profile_day (register_id, day, quarters, statuses, computed_at)
     select $1, day, $2, $3, now()
     from generate_series('2025-10-20'::date, '2026-11-03'::date, '1 day') as day`,
    [registerId, quarters, Buffer.alloc(96, 4)],
  );
}
