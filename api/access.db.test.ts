// Who may do what: every route of the router, asked without a credential and by strangers of every role (I8).
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROLES } from "#devices/vocabulary";
import { knowledgeOf, scopeOf } from "#store";
import type { RouteEntry } from "./access.ts";
import { unclaimedId } from "./unclaimed-id.ts";
import {
  building,
  createdId,
  profileDay,
  testApi,
  testWorld,
  type Site,
  type TestApi,
  type World,
} from "./test-api.ts";

let api: TestApi;
let world: World;

let tender: string;
let history: string;
let quarantined: string;

beforeAll(async () => {
  api = await testApi();
  world = await testWorld(api);
  tender = await enrollingTender();
  history = await stagedImport();
  quarantined = await quarantinedMessage();
});
afterAll(() => api.stop());

/** Of the first site's coordinator, and not published: no supplier knows of it either. */
async function enrollingTender(): Promise<string> {
  const body = {
    name: "home",
    carrier: "electricity",
    regions: ["BE"],
    deliveryStart: "2035-01-01",
    termMonths: 12,
    bidDeadline: "2039-06-01T12:00:00Z",
  };
  return createdId(await api.ask("POST", "/v1/tenders", { token: world.tokens.coordinator, body }));
}

/** A file of the first site's coordinator. */
async function stagedImport(): Promise<string> {
  const { rows } = await api.pool.query<{ id: number }>(
    `insert into import (created_by, created_at, format, file_name, file_hash)
     values ($1, now(), 'interval-csv', 'home.csv', sha256('home'))
     returning id`,
    [world.home.people.coordinator],
  );
  return String(rows[0]?.id);
}

/** Of the first site's dwelling. */
async function quarantinedMessage(): Promise<string> {
  const { rows } = await api.pool.query<{ id: string }>(
    `insert into quarantine (device_id, received_at, client_id, topic, payload, retained, profile, reason, detail)
     values ($1, now(), 'c', 't', '?', false, 'senml', 'reading_malformed', 'one sentence')
     returning id`,
    [world.home.privateDevice],
  );
  return rows[0]?.id ?? "";
}

/** The thing of this site that a route's address names. */
function addressAt(route: RouteEntry, site: Site): string {
  const ids: Record<string, string> = {
    "/v1/users/:id": site.people.resident,
    "/v1/tokens/:id": "1",
    "/v1/buildings/:id": site.building,
    "/v1/supply-points/:id": site.private,
    "/v1/devices/:id": site.privateDevice,
    "/v1/devices/unclaimed/:id": unclaimedId({
      gatewayId: Number(site.privateDevice),
      externalId: "20260001/water",
    }),
    "/v1/registers/:id": site.privateRegister,
    "/v1/tenders/:id": tender,
    "/v1/imports/:id": history,
    "/v1/quarantine/:id": quarantined,
  };
  const start = Object.keys(ids).find((prefix) => route.url.startsWith(prefix));
  if (start === undefined) throw new Error(`the walk does not know which thing ${route.url} names`);
  return route.url
    .replace(":id", ids[start] ?? "")
    .replace(":consentId", "1")
    .replace(":commandId", "1");
}

const guarded = () => api.routes().filter(({ access, method }) => !("public" in access) && method !== "HEAD");
const aboutSomething = () => guarded().filter(({ url }) => url.includes(":"));
const send = (route: RouteEntry, url: string, token?: string) =>
  api.ask(route.method as "GET", url, token === undefined ? {} : { token });

test("the walk meets every kind of route", () => {
  expect(guarded().length).toBeGreaterThan(30);
  expect(aboutSomething().length).toBeGreaterThan(20);
  const open = api.routes().filter(({ access, url }) => "public" in access && url.startsWith("/v1/"));
  expect(open.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "POST /v1/session",
    "POST /v1/invitations/accept",
  ]);
});

test("no route answers without a credential, whatever is sent", async () => {
  for (const route of guarded()) {
    if (route.url === "/metrics") continue;
    const url = route.url.includes(":") ? addressAt(route, world.home) : route.url;
    const response = await send(route, url);
    expect(response.statusCode, `${route.method} ${route.url}`).toBe(401);
    expect(response.json(), route.url).toMatchObject({ code: "session_missing" });
    expect((await send(route, url, "kps_guess")).json(), route.url).toMatchObject({
      code: "credential_unknown",
    });
  }
});

describe.each(ROLES.filter((role) => role !== "admin"))("a stranger who is %s elsewhere", (role) => {
  test("gets not_found, never forbidden, for everything that is somebody else's", async () => {
    for (const route of aboutSomething()) {
      const response = await send(route, addressAt(route, world.home), world.strangers[role]);
      expect(response.statusCode, `${route.method} ${route.url}: ${response.body}`).toBe(404);
      expect(response.json(), route.url).toMatchObject({ code: "not_found" });
      const missing = await send(
        route,
        addressAt(route, world.home).replace(/\/\d+/, "/999999"),
        world.strangers[role],
      );
      expect(missing.body, "what exists and what does not look the same").toBe(response.body);
    }
  });

  test("finds nothing of it in any list", async () => {
    for (const route of guarded().filter(({ method, url }) => method === "GET" && !url.includes(":"))) {
      if (route.url === "/metrics") continue;
      const span = route.url.startsWith("/v1/portfolio/") ? "?from=2026-01-01&to=2026-02-01" : "";
      const response = await send(route, `${route.url}${span}`, world.strangers[role]);
      expect([200, 403], route.url).toContain(response.statusCode);
      expect(response.body, route.url).not.toContain("home");
    }
  });

  test("cannot create inside it either, not even with a body that is right", async () => {
    const token = world.strangers[role];
    const attempts: [string, unknown][] = [
      [`/v1/buildings/${world.home.building}/units`, { name: "9Z" }],
      [
        `/v1/buildings/${world.home.building}/supply-points`,
        { carrier: "gas", scope: "common", vatRate: 0.06 },
      ],
      [`/v1/buildings/${world.home.building}/devices`, { name: "spy", profile: "senml" }],
      [
        `/v1/supply-points/${world.home.private}/consents`,
        { purpose: "load-profile", from: "2026-01-01T00:00:00Z", evidence: "none" },
      ],
      [`/v1/tenders/${tender}/join`, { buildingId: world.away.building }],
      [`/v1/tenders/${tender}/cancel`, { reason: "none" }],
      [`/v1/tenders/${tender}/publish`, undefined],
    ];
    for (const [url, body] of attempts) {
      expect((await api.ask("POST", url, { token, body })).statusCode, url).toBe(404);
    }
  });
});

describe("who knows of a tender but may not take this step", () => {
  test.each([
    ["manager", ["enrol", "publish", "cancel", "open", "award", "bids"]],
    ["resident", ["enrol", "publish", "cancel", "open", "award", "bids", "join", "leave", "withdraw"]],
    ["coordinator", ["bids"]],
  ] as const)("%s gets forbidden, before the body is looked at", async (role, steps) => {
    for (const step of steps) {
      const answer = await api.ask("POST", `/v1/tenders/${tender}/${step}`, { token: world.tokens[role] });
      expect(answer.json(), step).toMatchObject({ status: 403, code: "forbidden" });
      expect(answer.json<{ detail: string }>().detail).toContain(`The role ${role}`);
    }
  });
});

describe("what a body may refer to is only what its sender sees", () => {
  const coordinator = () => world.strangers.coordinator;

  test("a coordinator adds neither buildings nor people to another organisation", async () => {
    const body = { ...building, organisationId: world.home.organisation };
    expect((await api.ask("POST", "/v1/buildings", { token: coordinator(), body })).statusCode).toBe(400);
    for (const more of [
      { organisationId: world.home.organisation },
      { buildingIds: [world.home.building] },
      { role: "resident", unitId: world.home.unit },
    ]) {
      const user = { email: "spy@away.example", role: "manager", ...more };
      expect((await api.ask("POST", "/v1/users", { token: coordinator(), body: user })).statusCode).toBe(400);
    }
  });

  test("nobody makes an administrator but an administrator", async () => {
    const body = { email: "root@away.example", role: "admin" };
    const created = await api.ask("POST", "/v1/users", { token: coordinator(), body });
    expect(created.json()).toMatchObject({ status: 403, code: "forbidden" });
    const promoted = await api.ask("PATCH", `/v1/users/${world.away.people.manager}`, {
      token: coordinator(),
      body: { role: "admin" },
    });
    expect(promoted.json()).toMatchObject({ status: 403, code: "forbidden" });
  });

  test("nobody changes more of himself than locale and password", async () => {
    for (const [role, id] of Object.entries(world.away.people)) {
      const token = world.strangers[role as keyof Site["people"]];
      const url = `/v1/users/${id}`;
      expect(
        (await api.ask("PATCH", url, { token, body: { role: "supplier", unitId: null } })).statusCode,
      ).toBe(403);
      expect((await api.ask("PATCH", url, { token, body: { locale: "nl" } })).statusCode).toBe(200);
    }
  });

  test("a device is not connected to another building's supply point, nor a register assigned to it", async () => {
    const body = { name: "x", profile: "senml", supplyPoints: { electricity: world.home.common } };
    for (const token of [coordinator(), world.tokens.admin]) {
      const url = `/v1/buildings/${world.away.building}/devices`;
      expect((await api.ask("POST", url, { token, body })).statusCode).toBe(400);
      const patch = `/v1/registers/${world.away.commonRegister}/assignments`;
      const assigned = await api.ask("PATCH", patch, { token, body: { supplyPointId: world.home.common } });
      expect(assigned.statusCode, assigned.body).toBe(400);
    }
  });
});

describe("within one building", () => {
  const DAY = "?from=2026-01-10&to=2026-01-11&resolution=day";
  const load = (token: string, id: string) => api.ask("GET", `/v1/supply-points/${id}/load${DAY}`, { token });

  beforeAll(async () => {
    await profileDay(api.pool, world.home.commonRegister, "2026-01-10", 10);
    await profileDay(api.pool, world.home.privateRegister, "2026-01-10", 10);
    await profileDay(api.pool, world.home.commonRegister, "2026-01-09", 10);
    await profileDay(api.pool, world.home.privateRegister, "2026-01-09", 10);
  });

  test("a manager sees the common parts, and of private ones not even that they exist", async () => {
    const { manager } = world.tokens;
    expect((await load(manager, world.home.common)).statusCode).toBe(200);
    for (const url of [
      `/v1/supply-points/${world.home.private}`,
      `/v1/supply-points/${world.home.private}/load${DAY}`,
      `/v1/devices/${world.home.privateDevice}`,
      `/v1/devices/${world.home.privateDevice}/registers`,
      `/v1/registers/${world.home.privateRegister}/readings${DAY}`,
    ]) {
      expect((await api.ask("GET", url, { token: manager })).statusCode, url).toBe(404);
    }
    const list = await api.ask("GET", `/v1/buildings/${world.home.building}/supply-points`, {
      token: manager,
    });
    expect(list.json<{ items: { id: string }[] }>().items.map(({ id }) => id)).toEqual([world.home.common]);
  });

  test("a resident sees the own unit and the common parts, not a neighbour", async () => {
    const { tokens, home } = world;
    const point = { carrier: "electricity", scope: "private", vatRate: 0.06 };
    const url = `/v1/buildings/${home.building}/supply-points`;
    const neighbour = (await api.ask("POST", url, { token: tokens.admin, body: point })).json<{
      id: string;
    }>().id;
    expect((await load(tokens.resident, home.common)).statusCode).toBe(200);
    expect((await load(tokens.resident, home.private)).statusCode).toBe(200);
    expect((await load(tokens.resident, neighbour)).statusCode).toBe(404);
    expect((await load(tokens.admin, neighbour)).statusCode).toBe(200);
  });

  test("who knows of a thing but may not do this gets forbidden", async () => {
    const { tokens, home } = world;
    const body = { name: "renamed" };
    for (const token of [tokens.manager, tokens.resident]) {
      const response = await api.ask("PATCH", `/v1/buildings/${home.building}`, { token, body });
      expect(response.json()).toMatchObject({ status: 403, code: "forbidden" });
    }
  });

  test("a coordinator needs a consent in force for the load, and loses it with the withdrawal", async () => {
    const { coordinator, resident, manager } = world.tokens;
    const point = world.home.private;
    expect((await api.ask("GET", `/v1/supply-points/${point}`, { token: coordinator })).statusCode).toBe(200);
    const refused = await load(coordinator, point);
    expect(refused.json()).toMatchObject({ status: 403, code: "consent_missing" });
    const reading = `/v1/registers/${world.home.privateRegister}/readings${DAY.replace("&resolution=day", "")}`;
    expect((await api.ask("GET", reading, { token: coordinator })).json()).toMatchObject({
      code: "consent_missing",
    });

    const consents = `/v1/supply-points/${point}/consents`;
    const body = {
      purpose: "load-profile",
      from: "2026-01-01T00:00:00Z",
      evidence: "signed form of 1 January",
    };
    expect((await api.ask("POST", consents, { token: manager, body })).statusCode).toBe(404);
    expect(
      (await api.ask("POST", consents, { token: resident, body: { ...body, purpose: "tender" } })).statusCode,
    ).toBe(201);
    expect((await load(coordinator, point)).statusCode, "another purpose does not count").toBe(403);
    const given = await api.ask("POST", consents, { token: resident, body });
    expect(given.statusCode).toBe(201);
    expect((await load(coordinator, point)).statusCode).toBe(200);
    expect((await api.ask("GET", reading, { token: coordinator })).statusCode).toBe(200);

    const { id } = given.json<{ id: string }>();
    expect((await api.ask("DELETE", `${consents}/${id}`, { token: resident })).statusCode).toBe(204);
    expect((await load(coordinator, point)).statusCode).toBe(403);
    const ledger = await api.ask("GET", consents, { token: resident });
    expect(ledger.json()).toMatchObject({
      items: [
        { purpose: "tender", withdrawnAt: null },
        { id, withdrawnAt: expect.any(String), givenBy: world.home.people.resident },
      ],
    });
  });

  test("a resident does not decide over the common parts, a manager does", async () => {
    const consents = `/v1/supply-points/${world.home.common}/consents`;
    const body = {
      purpose: "publication",
      from: "2026-01-01T00:00:00Z",
      evidence: "minutes of the assembly",
    };
    const { resident, manager } = world.tokens;
    expect((await api.ask("POST", consents, { token: resident, body })).json()).toMatchObject({
      code: "forbidden",
    });
    expect((await api.ask("DELETE", consents, { token: resident })).statusCode).toBe(403);
    expect((await api.ask("POST", consents, { token: manager, body })).statusCode).toBe(201);
    expect((await api.ask("DELETE", `${consents}?purpose=publication`, { token: manager })).statusCode).toBe(
      204,
    );
  });
});

test("what a viewer knows is decided in the query itself", async () => {
  const account = { id: 0, role: "manager" as const, organisationId: 1, unitId: null };
  const nobody = scopeOf(account, Date.UTC(2026, 0, 1));
  for (const [thing, id] of [
    ["building", world.home.building],
    ["supplyPoint", world.home.common],
    ["device", world.home.commonDevice],
    ["register", world.home.commonRegister],
    ["tender", tender],
  ] as const) {
    expect(await knowledgeOf(api.pool, nobody, thing, Number(id)), thing).toBe("unknown");
  }
});

test("metrics are for this machine and administrators only", async () => {
  expect((await api.ask("GET", "/metrics")).statusCode).toBe(200);
  const proxied = { "x-forwarded-for": "203.0.113.7" };
  expect((await api.ask("GET", "/metrics", { headers: proxied })).statusCode).toBe(401);
  const { manager, admin } = world.tokens;
  expect((await api.ask("GET", "/metrics", { headers: proxied, token: manager })).statusCode).toBe(403);
  const answer = await api.ask("GET", "/metrics", { headers: proxied, token: admin });
  expect(answer.body).toContain("koprogo_http_request_seconds_bucket");
});
