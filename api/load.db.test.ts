// Loads and readings over HTTP: civil days, CSV, ETags, spans, and hiding one among many.
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packDecimals } from "#devices/decimal";
import {
  ADMIN_EMAIL,
  PASSWORD,
  building,
  createdId,
  profileDay,
  register,
  testApi,
  type TestApi,
} from "./test-api.ts";

let api: TestApi;
let admin: string;
let manager: string;
let buildingId: string;
let common: string;
let commonRegister: string;
const privateRegisters: string[] = [];

const create = async (url: string, body: unknown) =>
  createdId(await api.ask("POST", url, { token: admin, body }));

async function meter(scope: "common" | "private"): Promise<{ point: string; registerId: string }> {
  const point = await create(`/v1/buildings/${buildingId}/supply-points`, {
    carrier: "electricity",
    scope,
    vatRate: 0.06,
  });
  const device = await create(`/v1/buildings/${buildingId}/devices`, {
    name: scope,
    profile: "dsmr-p1",
    supplyPoints: { electricity: point },
  });
  return { point, registerId: await register(api.pool, device, point) };
}

beforeAll(async () => {
  api = await testApi({ cohortMin: 3 });
  admin = await api.signIn(ADMIN_EMAIL);
  buildingId = await create("/v1/buildings", building);
  ({ point: common, registerId: commonRegister } = await meter("common"));
  for (let count = 0; count < 3; count++) privateRegisters.push((await meter("private")).registerId);
  await create("/v1/users", {
    email: "manager@koprogo.example",
    role: "manager",
    buildingIds: [buildingId],
    password: PASSWORD,
  });
  manager = await api.signIn("manager@koprogo.example");
  // 29 March 2026 has 23 hours in Brussels.
  for (const day of ["2026-03-28", "2026-03-29"]) await profileDay(api.pool, commonRegister, day, 100);
});
afterAll(() => api.stop());

type Load = { points: { from: string; to: string; value: number | null; maxPowerW: number | null }[] };

test("a civil day of 23 hours has 92 quarter-hours, and its sum is the day's", async () => {
  const url = `/v1/supply-points/${common}/load?from=2026-03-29&to=2026-03-30`;
  const quarters = (await api.ask("GET", url, { token: admin })).json<Load>();
  expect(quarters).toMatchObject({
    unit: "Wh",
    quantity: "energy",
    timezone: "Europe/Brussels",
    resolution: "quarter-hour",
  });
  expect(quarters.points.length).toBe(92);
  expect(quarters.points[0]).toEqual({
    from: "2026-03-28T23:00:00.000Z",
    to: "2026-03-28T23:15:00.000Z",
    value: 100,
    maxPowerW: 400,
    quality: { measured: 1, estimated: 0, missing: 0 },
  });
  const days = (await api.ask("GET", `${url}&resolution=day`, { token: admin })).json<Load>();
  expect(days.points.map((point) => point.value)).toEqual([9200]);
});

test("an instant with an unescaped plus sign is understood", async () => {
  const url = `/v1/supply-points/${common}/load?from=2026-03-28T12:00:00+01:00&to=2026-03-28T13:00:00+01:00`;
  expect((await api.ask("GET", url, { token: admin })).json<Load>().points.length).toBe(4);
});

test("the same series as CSV, by Accept", async () => {
  const url = `/v1/supply-points/${common}/load?from=2026-03-28T12:00:00Z&to=2026-03-28T12:30:00Z`;
  const response = await api.ask("GET", url, { token: admin, headers: { accept: "text/csv" } });
  expect(response.headers["content-type"]).toBe("text/csv; charset=utf-8; header=present");
  expect(response.body).toBe(
    "from,to,value_Wh,maxPower_W,measured,estimated,missing\r\n" +
      "2026-03-28T12:00:00.000Z,2026-03-28T12:15:00.000Z,100,400,1,0,0\r\n" +
      "2026-03-28T12:15:00.000Z,2026-03-28T12:30:00.000Z,100,400,1,0,0\r\n",
  );
  expect(response.headers["vary"]).toContain("accept");
});

test("quarter-hours that were spread from longer intervals are marked as such", async () => {
  const { rows } = await api.pool.query<{ id: number }>(
    `insert into import (created_by, created_at, format, file_name, file_hash)
     select id, now(), 'interval-csv', 'a.csv', sha256('a') from account limit 1
     returning id`,
  );
  const history = (day: string, resolutionS: number) =>
    api.pool.query(
      `insert into imported_day (supply_point_id, direction, day, quarters, statuses, resolution_s, import_id)
       values ($1, 'import', $2, $3, $4, $5, $6)
       on conflict on constraint imported_day_pk do update set resolution_s = excluded.resolution_s`,
      [common, day, Buffer.alloc(4 * 96), Buffer.alloc(96, 4), resolutionS, rows[0]?.id],
    );
  await history("2025-01-10", 3600);
  await history("2025-01-11", 300);
  const urls = [`/v1/supply-points/${common}/load?`, `/v1/buildings/${buildingId}/load?`];
  for (const url of urls) {
    const of = async (span: string) =>
      (await api.ask("GET", `${url}${span}`, { token: admin })).json<{ resolutionS: number }>().resolutionS;
    expect(await of("from=2025-01-10&to=2025-01-12")).toBe(3600);
    expect(await of("from=2025-01-10T12:00:00Z&to=2025-01-10T13:00:00Z&resolution=day")).toBe(3600);
    expect(await of("from=2025-01-11T00:00:00Z&to=2025-01-12T00:00:00Z")).toBe(900);
    expect(await of("from=2025-01-10&to=2025-01-12&direction=export")).toBe(900);
    expect(await of("from=2026-03-29&to=2026-03-30")).toBe(900);
    const whole = `${url}from=2025-01-10&to=2025-01-12`;
    const first = await api.ask("GET", whole, { token: admin });
    const headers = { "if-none-match": String(first.headers["etag"]) };
    expect((await api.ask("GET", whole, { token: admin, headers })).statusCode).toBe(304);
    await history("2025-01-11", 1800 + urls.indexOf(url));
    expect((await api.ask("GET", whole, { token: admin, headers })).statusCode).toBe(304);
    await history("2025-01-11", 7200);
    expect((await api.ask("GET", whole, { token: admin, headers })).statusCode).toBe(200);
    await history("2025-01-11", 300);
  }
});

test("a load that did not change is 304; a new revision, another form or another span is not", async () => {
  const url = `/v1/buildings/${buildingId}/load?from=2026-03-28&to=2026-03-29&resolution=hour`;
  const first = await api.ask("GET", url, { token: admin });
  const headers = { "if-none-match": String(first.headers["etag"]) };
  expect((await api.ask("GET", url, { token: admin, headers })).statusCode).toBe(304);
  expect(
    (await api.ask("GET", url, { token: admin, headers: { ...headers, accept: "text/csv" } })).statusCode,
  ).toBe(200);
  expect((await api.ask("GET", `${url}&direction=export`, { token: admin, headers })).statusCode).toBe(200);
  await profileDay(api.pool, commonRegister, "2026-03-28", 101);
  expect((await api.ask("GET", url, { token: admin, headers })).statusCode).toBe(200);
  await profileDay(api.pool, commonRegister, "2026-03-28", 100);
});

test.each([
  ["quarter-hour", "2024-01-01", "2025-12-31", 400],
  ["hour", "2010-01-01", "2025-12-31", 1600],
])("a span too long for %s names the maximum", async (resolution, from, to, maximumDays) => {
  const url = `/v1/supply-points/${common}/load?from=${from}&to=${to}&resolution=${resolution}`;
  const response = await api.ask("GET", url, { token: admin });
  expect(response.json()).toMatchObject({ status: 400, code: "span_too_long", maximumDays });
  expect(response.json<{ detail: string }>().detail).toContain(String(maximumDays));
});

test.each([
  "from=2026-01-02&to=2026-01-01",
  "from=2026-02-30&to=2026-03-01",
  "from=yesterday&to=today",
  "from=2026-01-01",
])("a span that is none is refused: %s", async (query) => {
  const response = await api.ask("GET", `/v1/supply-points/${common}/load?${query}`, { token: admin });
  expect(response.json()).toMatchObject({ status: 400, code: "request_invalid" });
});

test("a long series is packed for those who unpack it, and is the same", async () => {
  const url = `/v1/supply-points/${common}/load?from=2026-03-01&to=2026-04-01&resolution=quarter-hour`;
  const plain = await api.ask("GET", url, { token: admin });
  const packed = await api.ask("GET", url, { token: admin, headers: { "accept-encoding": "gzip" } });
  expect(packed.headers["content-encoding"]).toBe("gzip");
  expect(packed.headers["etag"]).toBe(plain.headers["etag"]);
  expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body);
});

test("what was never measured is null, not zero", async () => {
  const url = `/v1/supply-points/${common}/load?from=2026-01-01&to=2026-01-02&resolution=day`;
  const { points } = (await api.ask("GET", url, { token: admin })).json<Load>();
  expect(points).toMatchObject([
    { value: null, maxPowerW: null, quality: { measured: 0, estimated: 0, missing: 1 } },
  ]);
});

test("a manager sees private parts only in quarter-hours that enough of them share, in every resolution", async () => {
  const [one, two, three] = privateRegisters as [string, string, string];
  // All three on the 10th, one of them alone on the 11th.
  for (const id of [one, two, three]) await profileDay(api.pool, id, "2026-02-10", 10);
  await profileDay(api.pool, one, "2026-02-11", 10);
  for (const day of ["2026-02-10", "2026-02-11"]) await profileDay(api.pool, commonRegister, day, 100);
  const sum = async (token: string, resolution: string) => {
    const url = `/v1/buildings/${buildingId}/load?from=2026-02-10T00:00:00Z&to=2026-02-12T00:00:00Z&resolution=${resolution}`;
    const { points } = (await api.ask("GET", url, { token })).json<Load>();
    return points.reduce((total, point) => total + (point.value ?? 0), 0);
  };
  for (const resolution of ["quarter-hour", "hour", "day", "month"]) {
    expect(await sum(admin, resolution)).toBe(96 * (130 + 110));
    expect(await sum(manager, resolution)).toBe(96 * (130 + 100));
  }
});

test("with fewer private supply points than the minimum a manager sees the common parts, and that others are withheld", async () => {
  const small = await testApi({ cohortMin: 4 });
  const strict = await small.signIn(ADMIN_EMAIL);
  const make = async (url: string, body: unknown) =>
    createdId(await small.ask("POST", url, { token: strict, body }));
  const id = await make("/v1/buildings", building);
  for (const scope of ["common", "private", "private", "private"]) {
    await make(`/v1/buildings/${id}/supply-points`, { carrier: "electricity", scope, vatRate: 0.06 });
  }
  const user = { email: "m@koprogo.example", role: "manager", buildingIds: [id], password: PASSWORD };
  await make("/v1/users", user);
  const url = `/v1/buildings/${id}/load?from=2026-02-10&to=2026-02-11&resolution=day`;
  const asked = async (token: string) => (await small.ask("GET", url, { token })).json<object>();
  expect(await asked(await small.signIn(user.email))).toMatchObject({
    supplyPoints: { common: 1, private: 0, withheld: 3 },
  });
  expect(await asked(strict)).toMatchObject({ supplyPoints: { common: 1, private: 3, withheld: 0 } });
  await small.stop();
});

test("readings come back as received, page by page and as CSV", async () => {
  const device = (
    await api.pool.query<{ device_id: number }>("select device_id from register where id = $1", [
      commonRegister,
    ])
  ).rows[0]?.device_id;
  const layout = await api.pool.query<{ id: number }>(
    "insert into layout (device_id, register_ids) values ($1, $2) returning id",
    [device, [commonRegister]],
  );
  for (const [second, value] of ["15.758", "15.760", "-0.5"].entries()) {
    const values = packDecimals([value]);
    await api.pool.query(
      `insert into reading (device_id, layout_id, observed_at, received_at, clock, flags, fingerprint, "values")
       values ($1, $2, $3, $3, 0, 1, $4, $5)`,
      [
        device,
        layout.rows[0]?.id,
        new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
        -(2n ** 63n) + BigInt(second),
        values,
      ],
    );
  }
  const url = `/v1/registers/${commonRegister}/readings?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&limit=2`;
  const first = await api.ask("GET", url, { token: admin });
  expect(first.json()).toMatchObject({
    items: [
      {
        observedAt: "2026-01-01T00:00:00.000Z",
        value: "15.758",
        unit: "kWh",
        clock: "device",
        flags: ["skewed"],
      },
      { value: "15.760" },
    ],
    nextCursor: expect.any(String),
  });
  const { nextCursor } = first.json<{ nextCursor: string }>();
  const second = await api.ask("GET", `${url}&cursor=${nextCursor}`, { token: admin });
  expect(second.json()).toMatchObject({ items: [{ value: "-0.5" }], nextCursor: null });
  const csv = await api.ask("GET", url, { token: admin, headers: { accept: "text/csv;q=1, */*;q=0.1" } });
  expect(csv.body.split("\r\n")[1]).toBe(
    "2026-01-01T00:00:00.000Z,2026-01-01T00:00:00.000Z,15.758,kWh,device,skewed",
  );
  expect(csv.headers["x-next-cursor"]).toBe(nextCursor);
});
