// Files of history outlive the process that reads them: kept before they are read, begun again, finished once, committed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Static } from "typebox";
import { QUARTER_MS } from "#devices/time";
import {
  claimImport,
  claimNextImport,
  finishImport,
  importTargetsById,
  keepImport,
  saveProgress,
  scopeOf,
  type Scope,
} from "#store";
import { until } from "#testing";
import type { Import } from "./schemas/index.ts";
import { testApi, testWorld, type TestApi, type World } from "./test-api.ts";
import { formOf, send, upload } from "./test-upload.ts";
import { createImportReader, type ImportReader } from "./upload-reader.ts";

type ImportAnswer = Static<typeof Import>;
type Points = { points: { value: number | null }[] };

let api: TestApi;
let world: World;
let reader: ImportReader;
let scope: Scope;
const CODE = "541448860000000019";
const FROM_MS = Date.UTC(2016, 0, 1);
const HOUR_LONG = { timeout: 60_000 };
const time = { now: () => performance.timeOrigin + performance.now() };

beforeAll(async () => {
  api = await testApi();
  world = await testWorld(api);
  await api.pool.query("update supply_point set code = $1 where id = $2", [CODE, world.home.common]);
  reader = createImportReader({
    pool: api.pool,
    time,
    log: { warn: () => undefined },
    inTurn: (work) => work(),
  });
  const { rows } = await api.pool.query<Parameters<typeof scopeOf>[0]>(
    `select id, role, organisation_id as "organisationId", unit_id as "unitId" from account where id = $1`,
    [world.home.people.manager],
  );
  scope = scopeOf(rows[0] ?? expect.unreachable("the manager is there"), time.now());
});
afterAll(async () => {
  await reader.close();
  await api.stop();
});

/** Quarter-hours of 1 Wh more than their place, from `FROM_MS` on. */
function years(quarters: number, firstWh = 1): string {
  const rows = Array.from({ length: quarters }, (_, index) => {
    const at = (place: number) => new Date(FROM_MS + place * QUARTER_MS).toISOString();
    return `${CODE},${at(index)},${at(index + 1)},${firstWh + (index % 100)}`;
  });
  return `code,from,to,energyWh\n${rows.join("\n")}\n`;
}

async function keep(text: string): Promise<number> {
  const bytes = Buffer.from(text);
  const { id } = await keepImport(api.pool, scope, {
    format: "interval-csv",
    fileName: "kept.csv",
    fileHash: createHash("sha256").update(bytes).digest(),
    supplyPointId: null,
    chunks: [bytes.subarray(0, 7), bytes.subarray(7)],
    notes: [],
  });
  return id;
}

const look = async (id: number | string) =>
  (await api.ask("GET", `/v1/imports/${id}`, { token: world.tokens.manager })).json<ImportAnswer>();
const filesOf = async (id: number) =>
  (await api.pool.query("select from import_file where import_id = $1", [id])).rowCount;
/** As if a minute had passed in which nobody heard of the reader. */
const lapse = (id: number) =>
  api.pool.query("update import set reading_until = now() - interval '1 second' where id = $1", [id]);

/** A process of its own that reads one import, and nothing else. */
function readElsewhere(id: number) {
  const script = `
    import { openPool } from ${JSON.stringify(import.meta.resolve("#store"))};
    import { createImportReader } from ${JSON.stringify(new URL("./upload-reader.ts", import.meta.url).href)};
    const pool = openPool(process.env.DATABASE_URL, { applicationName: "koprogo-import-test", max: 2 });
    const time = { now: () => performance.timeOrigin + performance.now() };
    const log = { warn: (fields) => process.stderr.write(String(fields.err) + "\\n") };
    await createImportReader({ pool, time, log, inTurn: (work) => work() }).read(${id});
    await pool.end();`;
  return spawn(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, DATABASE_URL: api.databaseUrl },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

test(
  "a process killed while it reads loses nothing: the next one begins again, and the commit makes it history once",
  HOUR_LONG,
  async () => {
    const quarters = 200_000;
    const id = await keep(years(quarters));
    const child = readElsewhere(id);
    const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    await until(async () => (await look(id)).progress.bytesRead > 0, "the other process reads", 30_000);
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    const left = await look(id);
    expect(left).toMatchObject({ state: "staged", preview: [] });
    expect(left.progress.bytesRead).toBeLessThan(left.progress.bytesTotal);
    expect(left.rowsRead).toBeGreaterThan(0);

    await reader.look();
    expect((await look(id)).state, "whoever reads it may only be slow").toBe("staged");
    await lapse(id);
    await reader.look();
    await until(async () => (await look(id)).state !== "staged", "it is read to its end");
    const read = await look(id);
    expect(read).toMatchObject({
      state: "previewed",
      rowsRead: quarters,
      rowsRefused: 0,
      preview: [{ added: quarters }],
    });
    expect(read.progress.bytesRead).toBe(read.progress.bytesTotal);
    expect(await filesOf(id)).toBe(0);

    const committed = await api.ask("POST", `/v1/imports/${id}/commit`, { token: world.tokens.manager });
    expect(committed.json<ImportAnswer>()).toMatchObject({ state: "committed", preview: read.preview });
    const url = `/v1/supply-points/${world.home.common}/load?from=2016-02-01T00:00:00Z&to=2016-02-01T01:00:00Z&resolution=quarter-hour`;
    const points = (await api.ask("GET", url, { token: world.tokens.admin })).json<Points>().points;
    const first = (Date.UTC(2016, 1, 1) - FROM_MS) / QUARTER_MS;
    expect(points.map(({ value }) => value)).toEqual([0, 1, 2, 3].map((at) => 1 + ((first + at) % 100)));
  },
);

test("who comes back after another one has taken over changes nothing", async () => {
  const id = await keep(years(8, 1000));
  const slow = (await claimImport(api.pool, id, time.now())) ?? expect.unreachable("it is staged");
  await lapse(id);
  const quick = (await claimNextImport(api.pool, time.now())) ?? expect.unreachable("the claim has lapsed");
  expect(quick).toMatchObject({ id, attempt: 2 });
  const nothing = { rowsRead: 0, rowsRefused: 0, errors: [], notes: [], days: [] };
  const progress = { bytesRead: 1, rowsRead: 1, rowsRefused: 0 };
  expect(await saveProgress(api.pool, slow, progress)).toBe(false);
  expect(await finishImport(api.pool, slow, nothing)).toBe(false);
  expect((await look(id)).state).toBe("staged");
  expect(await saveProgress(api.pool, quick, progress)).toBe(true);
  expect(await finishImport(api.pool, quick, { ...nothing, rowsRead: 8 })).toBe(true);
  expect(await look(id)).toMatchObject({ state: "failed", rowsRead: 8 });
});

test("a file that ends five readings is given up, in words", async () => {
  const id = await keep(years(8, 2000));
  for (let attempt = 1; attempt <= 5; attempt++) {
    await lapse(id);
    expect(await claimNextImport(api.pool, time.now())).toMatchObject({ id, attempt });
  }
  await lapse(id);
  expect(await claimNextImport(api.pool, time.now())).toBeUndefined();
  expect(await look(id)).toMatchObject({ state: "failed", errors: [{ line: 0, code: "reading_given_up" }] });
  expect(await filesOf(id)).toBe(0);
});

test("so many files of one account may wait to be read, and the next one is told to come later", async () => {
  const ids: number[] = [];
  for (let file = 0; file < 8; file++) ids.push(await keep(years(4, 7000 + file)));
  expect(await keep(years(4, 7000)), "the same file again is the one that waits").toBe(ids[0]);
  const response = await upload(api, world.tokens.manager, years(4, 8000));
  expect(response.json()).toMatchObject({ status: 429, detail: expect.stringContaining("wait to be read") });
  for (const id of ids) await reader.read(id);
  expect((await upload(api, world.tokens.manager, years(4, 8000))).statusCode).toBe(201);
});

// A year of quarter-hours: it is not read by the time of the answer.
test("an answer that does not wait says where to look, and nothing can be committed before it is read", async () => {
  const parts = [{ name: "file", fileName: "a.csv", bytes: years(35_040, 3000) }];
  const response = await send(api, world.tokens.manager, parts, { prefer: "respond-async" });
  expect(response.statusCode, response.body).toBe(202);
  const { id } = response.json<ImportAnswer>();
  expect(response.headers["location"]).toBe(`/v1/imports/${id}`);
  await until(async () => (await look(id)).state === "previewed", "it is read");
  const waiting = await keep(years(96, 4000));
  const early = await api.ask("POST", `/v1/imports/${waiting}/commit`, { token: world.tokens.manager });
  expect(early.json()).toMatchObject({ status: 422, detail: expect.stringContaining("still being read") });
  await reader.read(waiting);
  expect((await look(waiting)).state).toBe("previewed");
});

test("the format is recognised and said; of another format than was said, the likely one is named", async () => {
  const text = years(4, 5000);
  const { payload, headers } = formOf([{ name: "file", fileName: "a.csv", bytes: text }]);
  const authorization = `Bearer ${world.tokens.manager}`;
  const detected = await api.app.inject({
    method: "POST",
    url: "/v1/imports",
    payload,
    headers: { ...headers, authorization },
  });
  expect(detected.json<ImportAnswer>()).toMatchObject({
    state: "previewed",
    format: "interval-csv",
    notes: [expect.stringContaining("interval-csv")],
  });
  const wrong = await upload(api, world.tokens.manager, text, { format: "fluvius" });
  expect(wrong.json<ImportAnswer>()).toMatchObject({
    state: "failed",
    errors: [{ line: 1, code: "format_other", detail: expect.stringContaining("interval-csv") }],
  });
});

test("an export of the grid operator comes in unmodified, offtake and injection apart", async () => {
  const row = (register: string, value: string, status: string) =>
    `12-05-2024;12:00:00;12-05-2024;12:15:00;="${CODE}";1SAG;Digitale Meter;${register};${value};kWh;${status}`;
  const text = [
    "\ufeffVan datum;Van tijdstip;Tot datum;Tot tijdstip;EAN;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus",
    row("Afname Dag", "0,120", "Gevalideerd"),
    row("Afname Nacht", "0,003", "Gevalideerd"),
    row("Injectie Dag", "1,500", "Gevalideerd"),
  ].join("\r\n");
  const staged = (await upload(api, world.tokens.manager, text, { format: "auto" })).json<ImportAnswer>();
  expect(staged).toMatchObject({ state: "previewed", format: "fluvius", errors: [] });
  expect(staged.preview.map(({ direction, energyWh }) => [direction, energyWh])).toEqual([
    ["export", 1500],
    ["import", 123],
  ]);
  await api.ask("POST", `/v1/imports/${staged.id}/commit`, { token: world.tokens.manager });
  for (const [direction, wh] of [
    ["import", 123],
    ["export", 1500],
  ] as const) {
    const span = "from=2024-05-12T10:00:00Z&to=2024-05-12T10:15:00Z&resolution=quarter-hour";
    const url = `/v1/supply-points/${world.home.common}/load?${span}&direction=${direction}`;
    const points = (await api.ask("GET", url, { token: world.tokens.admin })).json<Points>().points;
    expect(points.map(({ value }) => value)).toEqual([wh]);
  }
});

test("somebody who has lost the chosen supply point while the file waited has it refused", async () => {
  const bytes = Buffer.from(years(4, 6000));
  const { id } = await keepImport(api.pool, scope, {
    format: "interval-csv",
    fileName: "lost.csv",
    fileHash: createHash("sha256").update(bytes).digest(),
    supplyPointId: Number(world.home.common),
    chunks: [bytes],
    notes: [],
  });
  expect(await importTargetsById(api.pool, scope, [Number(world.home.common)])).toHaveLength(1);
  await api.pool.query("delete from account_building where account_id = $1", [world.home.people.manager]);
  await reader.read(id);
  await api.pool.query("insert into account_building values ($1, $2)", [
    world.home.people.manager,
    world.home.building,
  ]);
  expect(await look(id)).toMatchObject({ state: "failed", errors: [{ code: "supply_point_lost" }] });
});
