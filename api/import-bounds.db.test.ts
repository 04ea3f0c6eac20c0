// What one account can cost everybody else by uploading, and what it can learn: bounded, and no more than its files say.
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Static } from "typebox";
import type { Import } from "./schemas/index.ts";
import { testApi, testWorld, type TestApi, type World } from "./test-api.ts";
import { formOf, upload } from "./test-upload.ts";

type ImportAnswer = Static<typeof Import>;

let api: TestApi;
let world: World;
let url: URL;
const IDLE_MS = 5000;
const COMMON = "541448860000000019";
const PRIVATE = "541448860000000026";

beforeAll(async () => {
  api = await testApi({ uploadIdleMs: IDLE_MS });
  world = await testWorld(api);
  for (const [code, id] of [
    [COMMON, world.home.common],
    [PRIVATE, world.home.private],
  ])
    await api.pool.query("update supply_point set code = $1 where id = $2", [code, id]);
  url = new URL(await api.listen({ host: "127.0.0.1", port: 0 }));
});
afterAll(() => api.stop());

const HEAD = "code,from,to,energyWh,status\n";
const quarter = (code: string, wh: number, minute = "00") =>
  `${code},2025-01-10T10:${minute}:00Z,2025-01-10T${minute === "45" ? "11:00" : `10:${Number(minute) + 15}`}:00Z,${wh},\n`;
const read = async (token: string, id: string) =>
  (await api.ask("GET", `/v1/imports/${id}`, { token })).json<ImportAnswer>();
const commit = async (token: string, id: string) =>
  (await api.ask("POST", `/v1/imports/${id}/commit`, { token })).json<ImportAnswer>();

test("without consent to a load an import shows what its file says, and never what is held", async () => {
  const { admin, coordinator, resident } = world.tokens;
  const held = (await upload(api, admin, HEAD + quarter(PRIVATE, 123))).json<ImportAnswer>();
  expect((await commit(admin, held.id)).preview).toMatchObject([{ withheld: false, added: 1 }]);

  const says = { supplyPointId: world.home.private, code: PRIVATE, resolutionS: 900 };
  const withheld = { withheld: true, added: null, replaced: null, unchanged: null, kept: null, days: [] };
  const shown: object[] = [];
  for (const wh of [122, 123]) {
    const staged = (await upload(api, coordinator, HEAD + quarter(PRIVATE, wh))).json<ImportAnswer>();
    expect(staged).toMatchObject({ state: "previewed", preview: [{ ...says, energyWh: wh, ...withheld }] });
    shown.push(...staged.preview.map((change) => ({ ...change, energyWh: 0 })));
    const list = await api.ask("GET", "/v1/imports?limit=1", { token: coordinator });
    expect(list.json()).toMatchObject({ items: [{ id: staged.id, preview: [withheld] }] });
  }
  expect(shown[0], "one guess looks like the other").toEqual(shown[1]);
  const both = HEAD + quarter(COMMON, 5) + quarter(PRIVATE, 124, "15");
  const { id } = (await upload(api, coordinator, both)).json<ImportAnswer>();
  expect((await commit(coordinator, id)).preview, "also once it is committed").toMatchObject([
    { withheld: true },
    withheld,
  ]);

  const consents = `/v1/supply-points/${world.home.private}/consents`;
  const body = { purpose: "load-profile", from: "2026-01-01T00:00:00Z", evidence: "form" };
  expect((await api.ask("POST", consents, { token: resident, body })).statusCode).toBe(201);
  expect((await read(coordinator, id)).preview).toMatchObject([
    { withheld: true },
    { withheld: false, added: 1, days: [{ added: 1 }] },
  ]);
  await api.ask("DELETE", consents, { token: resident });
  expect((await read(coordinator, id)).preview).toMatchObject([{ withheld: true }, withheld]);
});

test("the same file is read once while its preview waits, and again where a row of it was refused", async () => {
  const { manager } = world.tokens;
  const text = HEAD + quarter(COMMON, 31);
  const first = await upload(api, manager, text, {}, "one.csv");
  const again = await upload(api, manager, text, {}, "two.csv");
  expect([first.statusCode, again.statusCode]).toEqual([201, 200]);
  expect(again.json()).toEqual(first.json());
  const other = await upload(api, manager, text, { supplyPointId: world.home.common });
  expect(other.statusCode, "said to be of something else").toBe(201);
  const at = first.json<ImportAnswer>().id;
  await commit(manager, at);
  expect((await upload(api, manager, text)).statusCode, "committed, it waits no more").toBe(201);

  const faulty = `${text}${quarter("541448860000000095", 1)}`;
  const before = (await upload(api, manager, faulty)).json<ImportAnswer>().id;
  const after = await upload(api, manager, faulty);
  expect(after.statusCode).toBe(201);
  expect(await read(manager, before)).toMatchObject({
    state: "failed",
    errors: [{ code: "preview_given_up" }],
  });
});

test("of an account's previews the twenty newest are kept", async () => {
  const { manager } = world.tokens;
  const ids: string[] = [];
  for (let wh = 100; wh < 122; wh++) {
    ids.push((await upload(api, manager, HEAD + quarter(COMMON, wh))).json<ImportAnswer>().id);
  }
  const states = await Promise.all(ids.map(async (id) => (await read(manager, id)).state));
  expect(states).toEqual([...Array(2).fill("failed"), ...Array(20).fill("previewed")]);
  const { rowCount } = await api.pool.query("select from import_day where import_id = any ($1)", [ids]);
  expect(rowCount).toBe(20);
});

/** A form that begins and then says nothing more. */
async function standStill(token: string): Promise<Socket> {
  const { payload, headers } = formOf([{ name: "file", fileName: "a.csv", bytes: HEAD.repeat(100) }]);
  const socket = connect(Number(url.port), url.hostname);
  socket.on("error", () => socket.destroy());
  const head = [
    "POST /v1/imports HTTP/1.1",
    "host: koprogo",
    `authorization: Bearer ${token}`,
    `content-type: ${headers["content-type"] ?? ""}`,
    `content-length: ${payload.length}`,
  ];
  await new Promise<void>((resolve) =>
    socket.write(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), payload.subarray(0, 200)]), () =>
      resolve(),
    ),
  );
  return socket;
}

test("uploads that stand still keep nobody else out, and are given up", async () => {
  const { admin, coordinator, manager } = world.tokens;
  const slow = await Promise.all([admin, admin, manager, manager].map(standStill));
  let givenUp = 0;
  const answers = slow.map(
    (socket) =>
      new Promise<string>((resolve) => {
        let text = "";
        socket.on("data", (bytes) => (text += bytes.toString()));
        socket.on("close", () => resolve(text)).on("close", () => givenUp++);
      }),
  );
  expect((await upload(api, coordinator, HEAD + quarter(COMMON, 2))).statusCode).toBe(201);
  expect(givenUp, "they are there still").toBe(0);
  for (const answer of await Promise.all(answers)) {
    expect(answer).toContain("400 Bad Request");
    expect(answer).toContain("Nothing of the file came");
  }
  expect((await upload(api, manager, HEAD + quarter(COMMON, 2))).statusCode, "their place is free").toBe(201);
});
