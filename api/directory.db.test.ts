// Buildings, supply points, contracts, devices and assignments, as the contract names them.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { authenticateDevices } from "#store";
import { ADMIN_EMAIL, PASSWORD, building, createdId, register, testApi, type TestApi } from "./test-api.ts";

let api: TestApi;
let token: string;
let buildingId: string;
const nowMs = Date.UTC(2026, 5, 1, 12);

beforeAll(async () => {
  api = await testApi({ time: { now: () => nowMs } });
  token = await api.signIn(ADMIN_EMAIL);
  buildingId = await create("/v1/buildings", building);
});
afterAll(() => api.stop());

const create = async (url: string, body: unknown) => createdId(await api.ask("POST", url, { token, body }));
const get = async (url: string) => (await api.ask("GET", url, { token })).json<Record<string, unknown>>();

test("a building comes back as it was written, with its country's zone", async () => {
  expect(await get(`/v1/buildings/${buildingId}`)).toEqual({
    ...building,
    id: buildingId,
    organisationId: "1",
    timezone: "Europe/Brussels",
    heatedAreaM2: null,
    gasZone: null,
  });
  const patch = await api.ask("PATCH", `/v1/buildings/${buildingId}`, {
    token,
    body: { heatedAreaM2: 1450.5 },
  });
  expect(patch.json()).toMatchObject({ heatedAreaM2: 1450.5, name: building.name });
});

test("a list is cut into pages that neither lose nor repeat", async () => {
  for (let count = 0; count < 4; count++)
    await create("/v1/buildings", { ...building, name: `page ${count}` });
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const answer = await api.ask("GET", `/v1/buildings?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`, {
      token,
    });
    const page = answer.json<{ items: { id: string }[]; nextCursor: string | null }>();
    expect(page.items.length).toBeLessThanOrEqual(2);
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBe(5);
});

test("an unchanged answer is not sent again", async () => {
  const first = await api.ask("GET", `/v1/buildings/${buildingId}`, { token });
  const etag = String(first.headers["etag"]);
  const again = await api.ask("GET", `/v1/buildings/${buildingId}`, {
    token,
    headers: { "if-none-match": etag },
  });
  expect(again.statusCode).toBe(304);
  expect(again.body).toBe("");
  await api.ask("PATCH", `/v1/buildings/${buildingId}`, { token, body: { dwellings: 13 } });
  const changed = await api.ask("GET", `/v1/buildings/${buildingId}`, {
    token,
    headers: { "if-none-match": etag },
  });
  expect(changed.statusCode).toBe(200);
});

test("a supply point's code is checked by its country, and written without spaces", async () => {
  const url = `/v1/buildings/${buildingId}/supply-points`;
  const point = {
    carrier: "electricity",
    direction: "both",
    scope: "common",
    connectionKva: 17.3,
    vatRate: 0.21,
  };
  const created = await api.ask("POST", url, { token, body: { ...point, code: "54 1448 8600 0399 5215" } });
  expect(created.json()).toEqual({
    ...point,
    id: expect.stringMatching(/^\d+$/),
    buildingId,
    code: "541448860003995215",
    unitId: null,
  });
  for (const code of ["541448860000123456", "123456789123456789", "5414488600", "IT001E12345678"]) {
    const refused = await api.ask("POST", url, { token, body: { ...point, code } });
    expect(refused.json(), code).toMatchObject({ code: "request_invalid", errors: [{ pointer: "/code" }] });
  }
  const twice = await api.ask("POST", url, { token, body: { ...point, code: "541448860003995215" } });
  expect(twice.json()).toMatchObject({ status: 409, code: "already_exists" });
});

test("a private supply point without a unit gets a dwelling of its own", async () => {
  const url = `/v1/buildings/${buildingId}/supply-points`;
  const created = await api.ask("POST", url, {
    token,
    body: { carrier: "gas", scope: "private", vatRate: 0.06 },
  });
  const { unitId } = created.json<{ unitId: string }>();
  const units = (await get(`/v1/buildings/${buildingId}/units`))["items"];
  expect(units).toContainEqual({ id: unitId, buildingId, name: "1", kind: "dwelling" });
});

test("money comes back exactly as it was given", async () => {
  const point = await create(`/v1/buildings/${buildingId}/supply-points`, {
    carrier: "electricity",
    scope: "common",
    vatRate: 0.06,
  });
  const url = `/v1/supply-points/${point}/contract`;
  expect((await api.ask("GET", url, { token })).statusCode).toBe(404);
  const contract = {
    supplier: "Énergie du Nord",
    pricePerKwh: "0.285000",
    annualFee: "60.00",
    currency: "EUR",
    vat: "excluded",
    start: "2026-01-01",
    end: "2027-01-01",
    noticeDays: 30,
  };
  expect((await api.ask("PUT", url, { token, body: contract })).json()).toMatchObject(contract);
  expect(await get(url)).toMatchObject(contract);
  const exact = { ...contract, pricePerKwh: "0.123456789", annualFee: "-9000000000.000001", end: null };
  expect((await api.ask("PUT", url, { token, body: exact })).json()).toMatchObject({ status: 400 });
  const corrected = { ...contract, pricePerKwh: "0.123456789", end: null };
  expect((await api.ask("PUT", url, { token, body: corrected })).json()).toMatchObject(corrected);
  for (const wrong of [
    { pricePerKwh: 0.285 },
    { pricePerKwh: "0.1234567891" },
    { pricePerKwh: "1e-3" },
    { annualFee: "60,00" },
    { annualFee: "999999999999999.00" },
    { end: "2025-01-01" },
    { start: "2026-02-30" },
  ]) {
    const refused = await api.ask("PUT", url, { token, body: { ...contract, ...wrong } });
    expect(refused.json(), JSON.stringify(wrong)).toMatchObject({ status: 400, code: "request_invalid" });
  }
});

test("a device's secret is shown once, opens the broker, and ends with its rotation or removal", async () => {
  const url = `/v1/buildings/${buildingId}/devices`;
  const body = { name: "meter", profile: "dsmr-p1", expectedIntervalS: 10 };
  const created = await api.ask("POST", url, { token, body });
  const { id, secret } = created.json<{ id: string; secret: string }>();
  expect(created.json()).toMatchObject({ ...body, supplyPoints: {}, status: "never-seen", lastSeenAt: null });
  expect(Buffer.from(secret.slice(4), "base64url").length * 8).toBeGreaterThanOrEqual(128);
  expect((await api.ask("GET", `/v1/devices/${id}`, { token })).body).not.toContain(secret);

  const opens = async (password: string) => {
    const hash = createHash("sha256").update(password).digest();
    const claim = { deviceId: Number(id), proof: { kind: "secret", secretHash: hash } } as const;
    const [device] = await authenticateDevices(api.pool, [claim], nowMs);
    return device !== undefined;
  };
  expect(await opens(secret)).toBe(true);
  const rotated = await api.ask("POST", `/v1/devices/${id}/secret`, { token });
  const next = rotated.json<{ secret: string }>().secret;
  expect([await opens(secret), await opens(next)]).toEqual([false, true]);
  expect(rotated.json()).toMatchObject({ earlierValidUntil: new Date(nowMs).toISOString() });
  expect(
    (await api.ask("DELETE", `/v1/devices/${id}`, { token, headers: { "content-type": "application/json" } }))
      .statusCode,
  ).toBe(204);
  expect(await opens(next)).toBe(false);
  expect((await api.ask("GET", `/v1/devices/${id}`, { token })).statusCode).toBe(404);
});

test("with an overlap the secret before is accepted until its end, and a revocation ends both at once", async () => {
  const url = `/v1/buildings/${buildingId}/devices`;
  const created = await api.ask("POST", url, { token, body: { name: "overlap", profile: "senml" } });
  const { id, secret } = created.json<{ id: string; secret: string }>();
  const ask = (body?: object) =>
    api.ask("POST", `/v1/devices/${id}/secret`, { token, ...(body && { body }) });
  const opens = async (password: string, atMs: number) => {
    const secretHash = createHash("sha256").update(password).digest();
    const claim = { deviceId: Number(id), proof: { kind: "secret", secretHash } } as const;
    return (await authenticateDevices(api.pool, [claim], atMs))[0] !== undefined;
  };
  const holds = async (validFromMs: number) => {
    const claim = { deviceId: Number(id), proof: { kind: "certificate", validFromMs } } as const;
    return (await authenticateDevices(api.pool, [claim], nowMs))[0] !== undefined;
  };

  const rotated = await ask({ overlapS: 3600 });
  const endMs = nowMs + 3_600_000;
  expect(rotated.json()).toMatchObject({ earlierValidUntil: new Date(endMs).toISOString() });
  const next = rotated.json<{ secret: string }>().secret;
  expect([await opens(secret, endMs - 1), await opens(secret, endMs)]).toEqual([true, false]);
  expect([await opens(next, nowMs), await opens(next, endMs)]).toEqual([true, true]);
  expect(await holds(nowMs - 1)).toBe(true);

  expect((await ask({ overlapS: 7200 })).statusCode).toBe(201);
  expect(await opens(secret, endMs)).toBe(false);
  for (const overlapS of [-1, 604_801, 1.5, "60"]) expect((await ask({ overlapS })).statusCode).toBe(400);

  expect((await api.ask("DELETE", `/v1/devices/${id}/secret`, { token })).statusCode).toBe(204);
  expect([await opens(secret, nowMs), await opens(next, nowMs)]).toEqual([false, false]);
  expect([await holds(nowMs - 1), await holds(nowMs)]).toEqual([false, true]);
  const { rows } = await api.pool.query<{ kind: string }>(
    "select kind from device_change where device_id = $1",
    [id],
  );
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(["access"]));
  expect((await api.ask("DELETE", `/v1/devices/${id}`, { token })).statusCode).toBe(204);
  expect((await api.ask("DELETE", `/v1/devices/${id}/secret`, { token })).statusCode).toBe(404);
});

test("a supply point of another carrier is refused for a device", async () => {
  const point = await create(`/v1/buildings/${buildingId}/supply-points`, {
    carrier: "water",
    scope: "common",
    vatRate: 0.06,
  });
  const body = { name: "x", profile: "senml", supplyPoints: { gas: point } };
  const refused = await api.ask("POST", `/v1/buildings/${buildingId}/devices`, { token, body });
  expect(refused.json()).toMatchObject({ status: 400, errors: [{ pointer: "/supplyPoints" }] });
  const list = (await get(`/v1/buildings/${buildingId}/devices`))["items"];
  expect(list).toEqual([]);
});

test("an assignment is corrected in place, or ended and begun anew at an instant, and never overlaps", async () => {
  const points = `/v1/buildings/${buildingId}/supply-points`;
  const electricity = { carrier: "electricity", scope: "common", vatRate: 0.06 };
  const [first, second] = [await create(points, electricity), await create(points, electricity)];
  const device = await create(`/v1/buildings/${buildingId}/devices`, { name: "swap", profile: "dsmr-p1" });
  const id = await register(api.pool, device, first);
  const url = `/v1/registers/${id}/assignments`;
  expect((await get(`/v1/devices/${device}/registers`))["items"]).toMatchObject([
    {
      id,
      deviceId: device,
      supplyPointId: first,
      name: "1-0:1.8.0",
      role: "main",
      unit: "kWh",
      kind: "cumulative",
    },
  ]);

  const corrected = await api.ask("PATCH", url, { token, body: { role: "sub" } });
  expect(corrected.json()).toMatchObject({
    items: [{ supplyPointId: first, role: "sub", from: null, to: null }],
  });
  const swap = {
    supplyPointId: second,
    role: "main",
    from: "2026-03-01T00:00:00+01:00",
    closingIndex: "15.758",
    openingIndex: "0",
  };
  const swapped = await api.ask("PATCH", url, { token, body: swap });
  expect(swapped.json()).toMatchObject({
    items: [
      {
        supplyPointId: first,
        role: "sub",
        from: null,
        to: "2026-02-28T23:00:00.000Z",
        closingIndex: "15.758",
      },
      { supplyPointId: second, role: "main", from: "2026-02-28T23:00:00.000Z", to: null, openingIndex: "0" },
    ],
  });
  const between = await api.ask("PATCH", url, {
    token,
    body: { role: "main", from: "2026-01-01T00:00:00Z" },
  });
  expect(between.json()).toMatchObject({ status: 409, code: "state_forbidden" });
});

test("an index at the end of an assignment changes the profile, or is refused in so many words", async () => {
  const points = `/v1/buildings/${buildingId}/supply-points`;
  const electricity = { carrier: "electricity", scope: "common", vatRate: 0.06 };
  const [first, second] = [await create(points, electricity), await create(points, electricity)];
  const device = await create(`/v1/buildings/${buildingId}/devices`, { name: "moved", profile: "dsmr-p1" });
  const id = await register(api.pool, device, first);
  const patch = (body: object) => api.ask("PATCH", `/v1/registers/${id}/assignments`, { token, body });
  const rulings = async () => (await get(`/v1/registers/${id}/rulings`))["items"];
  const stale = async () => {
    const { rows } = await api.pool.query<{ days: string[] }>(
      "delete from journal where $1 = any (register_ids) and cause = 'ruling' returning days::text[] as days",
      [id],
    );
    return rows.flatMap(({ days }) => days);
  };

  for (const [body, reason] of [
    [{ openingIndex: "3" }, "no_beginning"],
    [{ closingIndex: "3" }, "no_end"],
    [{ role: "outside" }, "outside_is_temperature"],
  ] as const) {
    expect((await patch(body)).json()).toMatchObject({ status: 409, code: "state_forbidden", reason });
  }
  expect(await rulings()).toEqual([]);

  const from = "2026-03-01T00:00:00Z";
  const moved = { supplyPointId: second, from, closingIndex: "15.758", openingIndex: "15.758" };
  expect((await patch(moved)).statusCode).toBe(200);
  const at = "2026-03-01T00:00:00.000Z";
  expect(await rulings()).toMatchObject([
    { kind: "swap", from: at, to: at, closingIndex: "15.758", openingIndex: "15.758" },
  ]);
  expect(await stale()).toContain("2026-03-01");

  // Corrected, it is another ruling in place of the first; the same again is none.
  expect((await patch({ openingIndex: "16" })).statusCode).toBe(200);
  expect(await rulings()).toMatchObject([{ closingIndex: "15.758", openingIndex: "16" }]);
  expect(await stale()).toContain("2026-03-01");
  expect((await patch({ openingIndex: "16.0" })).statusCode).toBe(200);
  expect(await stale()).toEqual([]);
  expect((await patch({ openingIndex: null })).statusCode).toBe(200);
  expect(await rulings()).toMatchObject([{ closingIndex: "15.758", openingIndex: null }]);
});

test("a thermometer hangs outside, at a supply point of any carrier", async () => {
  const gas = await create(`/v1/buildings/${buildingId}/supply-points`, {
    carrier: "gas",
    scope: "common",
    vatRate: 0.06,
  });
  const device = await create(`/v1/buildings/${buildingId}/devices`, { name: "weather", profile: "senml" });
  const { rows } = await api.pool.query<{ id: number }>(
    `insert into register (device_id, name, quantity, unit, kind) values ($1, 'outside', 'temperature', 'Cel', 'instantaneous')
     returning id`,
    [device],
  );
  const url = `/v1/registers/${rows[0]?.id}/assignments`;
  const hung = await api.ask("PATCH", url, { token, body: { supplyPointId: gas, role: "outside" } });
  expect(hung.json()).toMatchObject({ items: [{ supplyPointId: gas, role: "outside" }] });
  const indexed = await api.ask("PATCH", url, {
    token,
    body: { from: "2026-03-01T00:00:00Z", openingIndex: "3" },
  });
  expect(indexed.json()).toMatchObject({ status: 409, reason: "register_without_profile" });
});

test("when a register that came in another's place begins, a person may say: earlier than its values, or with them", async () => {
  const points = `/v1/buildings/${buildingId}/supply-points`;
  const common = await create(points, { carrier: "electricity", scope: "common", vatRate: 0.06 });
  const device = await create(`/v1/buildings/${buildingId}/devices`, { name: "later", profile: "dsmr-p1" });
  const id = await register(api.pool, device, common);
  const begins = (at: string, isSaid: boolean) =>
    api.pool.query(
      "update register_assignment set starts_at = $2, starts_with_values = not $3 where register_id = $1",
      [id, at, isSaid],
    );
  const patch = (from: string) =>
    api.ask("PATCH", `/v1/registers/${id}/assignments`, { token, body: { from } });
  const isSaid = async () =>
    (
      await api.pool.query(
        "select from register_assignment where register_id = $1 and not starts_with_values",
        [id],
      )
    ).rowCount;
  for (const from of ["2026-02-01T00:00:00.000Z", "2026-02-10T00:00:00.000Z"]) {
    await begins("2026-02-10T00:00:00Z", false);
    expect((await patch(from)).json()).toMatchObject({ items: [{ from, supplyPointId: common }] });
    expect(await isSaid()).toBe(1);
  }
  // What a person has said begins there: before it is nothing to change.
  await begins("2026-02-10T00:00:00Z", true);
  expect((await patch("2026-02-01T00:00:00Z")).statusCode).toBeGreaterThanOrEqual(400);
});

test("a register goes to no supply point of another carrier, and out of a dwelling only by an administrator", async () => {
  const points = `/v1/buildings/${buildingId}/supply-points`;
  const flat = await create(points, { carrier: "electricity", scope: "private", vatRate: 0.06 });
  const common = await create(points, { carrier: "electricity", scope: "common", vatRate: 0.06 });
  const gas = await create(points, { carrier: "gas", scope: "private", vatRate: 0.06 });
  const device = await create(`/v1/buildings/${buildingId}/devices`, { name: "flat", profile: "dsmr-p1" });
  const url = `/v1/registers/${await register(api.pool, device, flat)}/assignments`;
  const email = "assigning@koprogo.example";
  await create("/v1/users", { email, role: "coordinator", password: PASSWORD });
  const coordinator = await api.signIn(email);

  const other = await api.ask("PATCH", url, { token, body: { supplyPointId: gas } });
  expect(other.json()).toMatchObject({ status: 400, code: "request_invalid" });
  const taken = await api.ask("PATCH", url, { token: coordinator, body: { supplyPointId: common } });
  expect(taken.json()).toMatchObject({ status: 403, code: "forbidden" });
  const moved = await api.ask("PATCH", url, { token, body: { supplyPointId: common } });
  expect(moved.json()).toMatchObject({ items: [{ supplyPointId: common }] });
});

test("quarantined bytes are shown as they came, newest first", async () => {
  const device = await create(`/v1/buildings/${buildingId}/devices`, { name: "odd", profile: "senml" });
  for (const reason of ["reading_malformed", "time_missing"]) {
    await api.pool.query(
      `insert into quarantine (device_id, received_at, client_id, topic, payload, retained, profile, reason, detail)
       values ($1, now(), 'client', '\\x746f00ff', '\\x00ff', false, 'senml', $2, 'one sentence')`,
      [device, reason],
    );
  }
  const page = await api.ask("GET", `/v1/quarantine?deviceId=${device}&limit=1`, { token });
  expect(page.json()).toMatchObject({
    items: [
      {
        deviceId: device,
        buildingId,
        topic: "to\u0000\ufffd",
        payload: "AP8=",
        payloadBytes: 2,
        reason: "time_missing",
      },
    ],
    nextCursor: expect.any(String),
  });
  const { nextCursor } = page.json<{ nextCursor: string }>();
  const next = await api.ask("GET", `/v1/quarantine?deviceId=${device}&limit=1&cursor=${nextCursor}`, {
    token,
  });
  expect(next.json()).toMatchObject({ items: [{ reason: "reading_malformed" }], nextCursor: null });
});
