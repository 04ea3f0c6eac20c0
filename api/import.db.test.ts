// Imports over the API: staged, previewed, committed once, by those who may, over real tables.
import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Static } from "typebox";
import type { Import } from "./schemas/index.ts";
import { profileDay, testApi, testWorld, type TestApi, type World } from "./test-api.ts";
import { formOf, send, upload } from "./test-upload.ts";

type ImportAnswer = Static<typeof Import>;
type Points = { points: { value: number | null; quality: { measured: number; missing: number } }[] };

let api: TestApi;
let world: World;
const COMMON = "541448860000000019";
const PRIVATE = "541448860000000026";
const AWAY = "541448860000000033";

beforeAll(async () => {
  api = await testApi();
  world = await testWorld(api);
  const codes = [
    [COMMON, world.home.common],
    [PRIVATE, world.home.private],
    [AWAY, world.away.common],
  ];
  for (const [code, id] of codes)
    await api.pool.query("update supply_point set code = $1 where id = $2", [code, id]);
});
afterAll(() => api.stop());

const HEAD = "code,from,to,energyWh,status\n";
const hour = (code: string, at: string, wh: number, status = "measured") => {
  const from = Date.parse(at);
  return `${code},${new Date(from).toISOString()},${new Date(from + 3_600_000).toISOString()},${wh},${status}\n`;
};

async function commit(token: string, id: string): Promise<ImportAnswer> {
  const response = await api.ask("POST", `/v1/imports/${id}/commit`, { token });
  expect(response.statusCode, response.body).toBe(200);
  return response.json<ImportAnswer>();
}

async function imported(token: string, text: string, fields = {}): Promise<ImportAnswer> {
  const response = await upload(api, token, text, fields);
  expect(response.statusCode, response.body).toBe(201);
  return commit(token, response.json<ImportAnswer>().id);
}

async function load(point: string, from: string, to: string, resolution = "hour"): Promise<Points["points"]> {
  const url = `/v1/supply-points/${point}/load?from=${from}&to=${to}&resolution=${resolution}`;
  return (await api.ask("GET", url, { token: world.tokens.admin })).json<Points>().points;
}

test("a file is previewed, changes nothing before its commit, and counts after it", async () => {
  const text =
    HEAD + hour(COMMON, "2025-01-10T10:00Z", 10) + hour(COMMON, "2025-01-10T11:00Z", 7) + "bad,row\n";
  const response = await upload(api, world.tokens.manager, text, {}, "C:\\files\\janvier 2025.csv");
  expect(response.statusCode, response.body).toBe(201);
  const staged = response.json<ImportAnswer>();
  expect(staged).toMatchObject({
    state: "previewed",
    format: "interval-csv",
    fileName: "janvier 2025.csv",
    supplyPointId: null,
    rowsRead: 3,
    rowsRefused: 1,
    errors: [{ line: 4, column: null, code: "columns_too_few" }],
    committedAt: null,
    preview: [
      {
        supplyPointId: world.home.common,
        code: COMMON,
        direction: "import",
        from: "2025-01-10T10:00:00.000Z",
        to: "2025-01-10T12:00:00.000Z",
        resolutionS: 3600,
        energyWh: 17,
        days: [{ day: "2025-01-10", energyWh: 17, added: 8, replaced: 0, unchanged: 0, kept: 0 }],
        truncated: false,
        added: 8,
      },
    ],
  });
  const span = ["2025-01-10T10:00:00Z", "2025-01-10T12:00:00Z"] as const;
  expect((await load(world.home.common, ...span)).map(({ value }) => value)).toEqual([null, null]);
  const committed = await commit(world.tokens.manager, staged.id);
  expect(committed).toMatchObject({ ...staged, state: "committed", committedAt: expect.any(String) });
  expect((await load(world.home.common, ...span)).map(({ value }) => value)).toEqual([10, 7]);
  expect((await load(world.home.common, ...span, "quarter-hour")).map(({ value }) => value)).toEqual([
    3, 2, 3, 2, 2, 2, 1, 2,
  ]);
  const building = await api.ask(
    "GET",
    `/v1/buildings/${world.home.building}/load?from=${span[0]}&to=${span[1]}&resolution=day`,
    { token: world.tokens.manager },
  );
  expect(building.json<Points>().points.map(({ value }) => value)).toEqual([17]);
});

test("committed twice, or the same file twice, is once: no revision moves", async () => {
  const text = HEAD + hour(COMMON, "2025-02-10T10:00Z", 123);
  const { admin } = world.tokens;
  const first = await imported(admin, text);
  const rows = async () =>
    (await api.pool.query("select day, revision, import_id, quarters from imported_day order by day")).rows;
  const before = await rows();
  expect(await commit(admin, first.id)).toEqual(first);
  const again = await imported(admin, text);
  expect(again.preview).toMatchObject([{ added: 0, replaced: 0, unchanged: 4, kept: 0 }]);
  expect(await rows()).toEqual(before);
  expect((await api.pool.query("select from import_day")).rowCount).toBe(0);
});

test("a better status replaces, a worse one never does, and the load has a new ETag with each change", async () => {
  const at = "2025-03-10T10:00Z";
  const url = `/v1/supply-points/${world.home.common}/load?from=2025-03-10&to=2025-03-11&resolution=day`;
  const seen: [unknown, unknown][] = [];
  const look = async () => {
    const response = await api.ask("GET", url, { token: world.tokens.admin });
    seen.push([response.json<Points>().points[0]?.value, response.headers["etag"]]);
  };
  await look();
  const steps = [
    [40, "interpolated", { added: 4 }],
    [44, "measured", { replaced: 4 }],
    [99, "profiled", { kept: 4 }],
    [48, "measured", { replaced: 4 }],
    [48, "validated", { replaced: 4 }],
    [52, "measured", { kept: 4 }],
  ] as const;
  for (const [wh, status, counts] of steps) {
    expect((await imported(world.tokens.admin, HEAD + hour(COMMON, at, wh, status))).preview).toMatchObject([
      counts,
    ]);
    await look();
  }
  expect(seen.map(([value]) => value)).toEqual([null, 40, 44, 44, 48, 48, 48]);
  expect(new Set(seen.map(([, tag]) => tag)).size).toBe(5);
});

test("registers win a tie and lose to what is validated, quarter-hour by quarter-hour", async () => {
  await profileDay(api.pool, world.home.commonRegister, "2025-04-10", 5);
  await imported(
    world.tokens.admin,
    HEAD + hour(COMMON, "2025-04-10T10:00Z", 400) + hour(COMMON, "2025-04-10T11:00Z", 800, "validated"),
  );
  const points = await load(world.home.common, "2025-04-10T10:00:00Z", "2025-04-10T13:00:00Z");
  expect(points.map(({ value }) => value)).toEqual([20, 800, 20]);
  expect(points.every(({ quality }) => quality.measured === 1)).toBe(true);
});

test("whoever may not write for a supply point is told the same as for one that does not exist", async () => {
  const missing = HEAD + hour("541448860000000095", "2025-01-10T10:00Z", 1);
  const sentence = (response: LightMyRequestResponse, code: string) =>
    response
      .json<ImportAnswer>()
      .errors.map((error) => ({ ...error, detail: error.detail.replace(code, "…") }));
  const unknown = sentence(await upload(api, world.tokens.manager, missing), "541448860000000095");
  expect(unknown.map(({ code }) => code)).toEqual(["no_good_row", "code_unknown"]);
  for (const [token, code] of [
    [world.tokens.manager, PRIVATE],
    [world.tokens.manager, AWAY],
    [world.tokens.coordinator, AWAY],
    [world.strangers.manager, COMMON],
    [world.strangers.coordinator, COMMON],
  ] as const) {
    const response = await upload(api, token, HEAD + hour(code, "2025-01-10T10:00Z", 1));
    expect(response.json<ImportAnswer>()).toMatchObject({ state: "failed", preview: [] });
    expect(sentence(response, code)).toEqual(unknown);
  }
  const chosen = await upload(api, world.tokens.manager, "from,to,energyWh\n", {
    supplyPointId: world.home.private,
  });
  expect(chosen.json()).toMatchObject({ status: 400, errors: [{ pointer: "/supplyPointId" }] });
});

test("residents and suppliers import nothing", async () => {
  for (const role of ["resident", "supplier"] as const) {
    expect((await upload(api, world.tokens[role], HEAD)).json()).toMatchObject({ code: "forbidden" });
  }
});

test("an import is its owner's and the administrators'; nobody else finds it, reads it or commits it", async () => {
  const text = HEAD + hour(COMMON, "2025-05-10T10:00Z", 1);
  const { id } = (await upload(api, world.tokens.manager, text)).json<ImportAnswer>();
  for (const token of [world.tokens.coordinator, world.strangers.manager, world.tokens.resident]) {
    expect((await api.ask("GET", `/v1/imports/${id}`, { token })).statusCode).toBe(404);
    expect((await api.ask("POST", `/v1/imports/${id}/commit`, { token })).statusCode).toBe(404);
  }
  const idsOf = async (token: string) =>
    (await api.ask("GET", "/v1/imports?limit=1000", { token }))
      .json<{ items: ImportAnswer[] }>()
      .items.map((item) => item.id);
  expect(await idsOf(world.tokens.coordinator)).not.toContain(id);
  expect((await idsOf(world.tokens.admin))[0]).toBe(id);
  const list = await api.ask("GET", "/v1/imports?limit=1", { token: world.tokens.manager });
  expect(list.json()).toMatchObject({
    items: [{ id, preview: [{ added: 4, days: [], truncated: true }] }],
    nextCursor: expect.any(String),
  });
  expect((await commit(world.tokens.admin, id)).state).toBe("committed");
});

test("a manager who has lost the building since may not commit", async () => {
  const text = HEAD + hour(COMMON, "2025-06-10T10:00Z", 1);
  const { id } = (await upload(api, world.tokens.manager, text)).json<ImportAnswer>();
  await api.pool.query("delete from account_building where account_id = $1", [world.home.people.manager]);
  const refused = await api.ask("POST", `/v1/imports/${id}/commit`, { token: world.tokens.manager });
  expect(refused.json()).toMatchObject({ status: 403, code: "forbidden" });
  await api.pool.query("insert into account_building values ($1, $2)", [
    world.home.people.manager,
    world.home.building,
  ]);
  expect((await commit(world.tokens.manager, id)).state).toBe("committed");
});

test("a file without one good row is kept as failed, with its reason, and cannot be committed", async () => {
  const failed = (await upload(api, world.tokens.admin, "<html>\n")).json<ImportAnswer>();
  expect(failed).toMatchObject({ state: "failed", errors: [{ line: 0, code: "file_not_csv" }], preview: [] });
  const response = await api.ask("POST", `/v1/imports/${failed.id}/commit`, { token: world.tokens.admin });
  expect(response.json()).toMatchObject({ status: 422, code: "import_invalid" });
});

test("two commits at once of files about the same quarter-hours end as one after the other", async () => {
  const ids: string[] = [];
  for (const wh of [11, 22, 33, 44]) {
    const response = await upload(api, world.tokens.admin, HEAD + hour(COMMON, "2025-07-10T10:00Z", wh));
    ids.push(response.json<ImportAnswer>().id);
  }
  const done = await Promise.all([...ids, ...ids].map((id) => commit(world.tokens.admin, id)));
  const added = new Set(done.filter(({ preview }) => preview[0]?.added === 4).map(({ id }) => id));
  expect(added.size).toBe(1);
  const { rows } = await api.pool.query<{ revision: number }>(
    "select revision from imported_day where day = '2025-07-10'",
  );
  expect(rows).toEqual([{ revision: 4 }]);
});

test("what only feeds in gets history of that direction", async () => {
  const { rows } = await api.pool.query<{ id: number }>(
    `insert into supply_point (building_id, carrier, direction, scope, vat_rate)
     values ($1, 'electricity', 'export', 'common', 0.21) returning id`,
    [world.home.building],
  );
  const id = String(rows[0]?.id);
  const done = await imported(
    world.tokens.admin,
    `from,to,energyWh\n${hour("", "2025-01-10T10:00Z", 8, "").slice(1, -2)}\n`,
    { supplyPointId: id },
  );
  expect(done.preview).toMatchObject([{ direction: "export", code: null, energyWh: 8 }]);
  const url = `/v1/supply-points/${id}/load?from=2025-01-10&to=2025-01-11&resolution=day&direction=export`;
  expect((await api.ask("GET", url, { token: world.tokens.admin })).json<Points>().points[0]?.value).toBe(8);
});

test("with the cookie alone a form changes nothing; with the session's token it does", async () => {
  const session = await api.ask("POST", "/v1/session", {
    body: { email: "admin@koprogo.example", password: "correct horse battery staple" },
  });
  const cookie = String(session.headers["set-cookie"]).split(";")[0] ?? "";
  const parts = [
    { name: "format", value: "interval-csv" },
    { name: "file", fileName: "a.csv", bytes: HEAD + hour(COMMON, "2025-08-10T10:00Z", 1) },
  ];
  const forged = await send(api, undefined, parts, { cookie });
  expect(forged.json()).toMatchObject({ status: 403, code: "csrf_missing" });
  const { csrfToken } = session.json<{ csrfToken: string }>();
  expect((await send(api, undefined, parts, { cookie, "x-csrf-token": csrfToken })).statusCode).toBe(201);
});

test("no other route takes a form, and this one takes nothing else", async () => {
  const parts = [{ name: "name", value: "x" }];
  const { payload, headers } = formOf(parts);
  const authorization = `Bearer ${world.tokens.admin}`;
  const other = await api.app.inject({
    method: "POST",
    url: "/v1/organisations",
    payload,
    headers: { ...headers, authorization },
  });
  expect(other.json()).toMatchObject({ status: 415, code: "media_type_unsupported" });
  for (const type of ["text/csv", "application/json"]) {
    const response = await api.app.inject({
      method: "POST",
      url: "/v1/imports",
      payload: "{}",
      headers: { "content-type": type, authorization },
    });
    expect(response.json()).toMatchObject({
      status: 415,
      code: "media_type_unsupported",
      detail: expect.stringContaining("multipart"),
    });
  }
});

test("a form that is not as described is refused in words", async () => {
  const { admin } = world.tokens;
  const file = { name: "file", fileName: "a.csv", bytes: HEAD };
  const format = { name: "format", value: "interval-csv" };
  for (const [parts, status, words] of [
    [[format], 400, "/file"],
    [[{ ...file, bytes: "a,b,c\n" }], 400, "/format"],
    [[file, { name: "format", value: "xlsx" }], 400, "/format"],
    [[file, format, format], 400, "twice"],
    [[file, format, file], 400, "one file"],
    [[{ ...file, name: "upload" }, format], 400, "/upload"],
    [[file, format, { name: "colour", value: "red" }], 400, "/colour"],
    [[file, format, { name: "supplyPointId", value: "x".repeat(200) }], 400, "/supplyPointId"],
    [[file, format, { name: "supplyPointId", value: "999999" }], 400, "/supplyPointId"],
    [
      [file, format, { name: "a", value: "1" }, { name: "b", value: "2" }, { name: "c", value: "3" }],
      400,
      "",
    ],
    [[{ ...file, bytes: Buffer.alloc(64 * 1024 * 1024 + 1, "a") }, format], 413, "64 MB"],
  ] as const) {
    const response = await send(api, admin, parts);
    expect(response.json(), response.body).toMatchObject({ status, detail: expect.stringContaining(words) });
  }
  const { payload, headers } = formOf([file, format]);
  const cut = await api.app.inject({
    method: "POST",
    url: "/v1/imports",
    payload: payload.subarray(0, 150),
    headers: { ...headers, authorization: `Bearer ${admin}` },
  });
  expect(cut.json()).toMatchObject({ status: 400, code: "request_invalid" });
});

test("a preview that nobody committed within a week is given up", async () => {
  const text = HEAD + hour(COMMON, "2025-09-10T10:00Z", 1);
  const { id } = (await upload(api, world.tokens.coordinator, text)).json<ImportAnswer>();
  await api.pool.query("update import set created_at = created_at - interval '8 days' where id = $1", [id]);
  await upload(api, world.tokens.coordinator, text);
  const { coordinator } = world.tokens;
  expect((await api.ask("GET", `/v1/imports/${id}`, { token: coordinator })).json()).toMatchObject({
    state: "failed",
    errors: [{ code: "preview_expired" }],
  });
  expect((await api.ask("POST", `/v1/imports/${id}/commit`, { token: coordinator })).statusCode).toBe(422);
  expect((await api.pool.query("select from import_day where import_id = $1", [id])).rowCount).toBe(0);
});
