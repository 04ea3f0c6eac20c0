// Decisions, rulings and meter swaps over HTTP: who may, what is answered, what is refused and under which name.
import { afterAll, beforeAll, expect, test } from "vitest";
import { fingerprint, packDecimals } from "#devices/decimal";
import { testApi, testWorld, type TestApi, type World } from "./test-api.ts";

let api: TestApi;
let world: World;
const nowMs = Date.UTC(2026, 2, 10);

beforeAll(async () => {
  api = await testApi({ time: { now: () => nowMs } });
  world = await testWorld(api);
});
afterAll(() => api.stop());

/** Another serial under the same name, assigned as the ingest does: from the beginning of time. */
async function successor(deviceId: string, pointId: string, serial: string): Promise<string> {
  const { rows } = await api.pool.query<{ id: number }>(
    `insert into register (device_id, name, equipment_id, carrier, quantity, unit, kind, direction)
     values ($1, '1-0:1.8.0', $2, 'electricity', 'energy', 'kWh', 'cumulative', 'import')
     returning id`,
    [deviceId, serial],
  );
  const id = String(rows[0]?.id);
  await api.pool.query(
    "insert into register_assignment (register_id, supply_point_id, role) values ($1, $2, 'main')",
    [id, pointId],
  );
  return id;
}

async function readings(
  deviceId: string,
  registerId: string,
  told: readonly [string, string][],
): Promise<void> {
  const { rows } = await api.pool.query<{ id: number }>(
    "insert into layout (device_id, register_ids) values ($1, $2) returning id",
    [deviceId, [registerId]],
  );
  for (const [at, value] of told) {
    const packed = packDecimals([value]);
    await api.pool.query(
      `insert into reading (device_id, layout_id, observed_at, received_at, clock, flags, fingerprint, "values")
       values ($1, $2, $3, $3, 0, 0, $4, $5)`,
      [deviceId, rows[0]?.id, at, fingerprint(packed), packed],
    );
    await api.pool.query(
      `insert into load_profile_day (register_id, day, quarters, statuses, computed_at)
       values ($1, $2::date, decode(repeat('00', 384), 'hex'), decode(repeat('00', 96), 'hex'), now())
       on conflict do nothing`,
      [registerId, at.slice(0, 10)],
    );
  }
}

type SwapItems = { items: { id: string | null; state: string; since: string | null }[] };

const journal = async (registerId: string) => {
  const { rows } = await api.pool.query<{ days: string[] }>(
    "select days::text[] as days from journal where $1 = any (register_ids) order by id desc limit 1",
    [registerId],
  );
  return rows[0]?.days ?? [];
};

test("a swap is suspected, posted as it is filled in, and the assignments are those of the two meters", async () => {
  const { common, commonDevice, commonRegister } = world.home;
  const { manager, admin } = world.tokens;
  const young = await successor(commonDevice, common, "B");
  await readings(commonDevice, commonRegister, [
    ["2026-03-01T10:00:00Z", "1000.0"],
    ["2026-03-01T10:15:00Z", "1000.4"],
  ]);
  await readings(commonDevice, young, [
    ["2026-03-01T11:07:00Z", "0.2"],
    ["2026-03-01T11:15:00Z", "0.3"],
  ]);
  const url = `/v1/supply-points/${common}/swaps`;
  const listed = await api.ask("GET", url, { token: manager });
  expect(listed.json()).toEqual({
    items: [
      {
        id: null,
        key: expect.stringMatching(/^[\w-]{16}$/),
        supplyPointId: common,
        state: "suspected",
        at: "2026-03-01T11:07:00.000Z",
        since: "2026-03-01T10:15:00.000Z",
        oldRegisterId: commonRegister,
        newRegisterId: young,
        oldEquipmentId: "",
        newEquipmentId: "B",
        name: "1-0:1.8.0",
        tariff: null,
        direction: "import",
        closingIndex: "1000.4",
        closingUnit: "kWh",
        openingIndex: "0.2",
        openingUnit: "kWh",
      },
    ],
    nextCursor: null,
  });
  const { building } = world.home;
  const ofBuilding = (token: string) => api.ask("GET", `/v1/buildings/${building}/swaps`, { token });
  expect((await ofBuilding(manager)).json()).toEqual({ items: listed.json<SwapItems>().items, withheld: 0 });
  expect((await ofBuilding(world.tokens.resident)).statusCode).toBe(403);
  // The coordinator knows of both supply points, and neither consents.
  expect((await ofBuilding(world.tokens.coordinator)).json()).toEqual({ items: [], withheld: 2 });
  expect((await ofBuilding(world.strangers.manager)).statusCode).toBe(404);

  const body = { at: "2026-03-01T10:40:00Z", closingIndex: "1000.9", openingIndex: "0" };
  expect((await api.ask("POST", url, { token: manager, body })).statusCode).toBe(403);
  const recorded = await api.ask("POST", url, { token: admin, body });
  expect(recorded.statusCode, recorded.body).toBe(201);
  expect(recorded.json()).toMatchObject({
    state: "recorded",
    oldRegisterId: commonRegister,
    newRegisterId: young,
  });
  for (const id of [commonRegister, young]) expect(await journal(id)).toContain("2026-03-01");

  const pair = { ...body, oldRegisterId: commonRegister, newRegisterId: young };
  const again = await api.ask("POST", url, { token: admin, body: pair });
  expect([again.statusCode, again.json()]).toEqual([200, recorded.json()]);
  const corrected = await api.ask("POST", url, { token: admin, body: { ...pair, closingIndex: "1001" } });
  expect([corrected.statusCode, corrected.json()]).toEqual([
    200,
    { ...recorded.json(), closingIndex: "1001" },
  ]);

  const assignments = async (id: string) =>
    (await api.ask("GET", `/v1/registers/${id}/assignments`, { token: admin })).json<{ items: object[] }>()
      .items;
  expect(await assignments(commonRegister)).toMatchObject([
    { from: null, to: "2026-03-01T10:40:00.000Z", closingIndex: "1001" },
  ]);
  expect(await assignments(young)).toMatchObject([
    { from: "2026-03-01T10:40:00.000Z", to: null, openingIndex: "0" },
  ]);
  const { items } = (await api.ask("GET", url, { token: manager })).json<{ items: { id: string }[] }>();
  expect(items).toMatchObject([{ state: "recorded", closingIndex: "1001" }]);

  const rulings = (await api.ask("GET", `/v1/registers/${young}/rulings`, { token: manager })).json<{
    items: { id: string }[];
  }>();
  const ofSwap = `/v1/registers/${young}/rulings/${rulings.items[0]?.id}`;
  expect((await api.ask("DELETE", ofSwap, { token: admin })).json()).toMatchObject({
    code: "state_forbidden",
    reason: "ruling_of_swap",
  });
  const one = `${url}/${items[0]?.id}`;
  expect((await api.ask("DELETE", one, { token: manager })).statusCode).toBe(403);
  expect((await api.ask("DELETE", one, { token: admin })).statusCode).toBe(204);
  expect((await api.ask("DELETE", one, { token: admin })).statusCode).toBe(404);
  expect(await assignments(young)).toMatchObject([{ from: null, to: null, openingIndex: null }]);

  const dismissal = { oldRegisterId: commonRegister, newRegisterId: young };
  for (let times = 0; times < 2; times++) {
    const gone = await api.ask("POST", `${url}/dismissals`, { token: admin, body: dismissal });
    expect(gone.statusCode).toBe(204);
  }
  expect((await api.ask("GET", url, { token: manager })).json()).toEqual({ items: [], nextCursor: null });
});

test("what cannot be a swap is refused by name", async () => {
  const { private: point, privateDevice, privateRegister } = world.home;
  const { admin, resident } = world.tokens;
  const url = `/v1/supply-points/${point}/swaps`;
  await readings(privateDevice, privateRegister, [
    ["2026-03-02T10:00:00Z", "500"],
    ["2026-03-02T10:15:00Z", "501"],
    ["2026-03-02T11:00:00Z", "4"],
    ["2026-03-02T11:15:00Z", "5"],
  ]);
  const post = async (change: object, token = admin) =>
    api.ask("POST", url, {
      token,
      body: { at: "2026-03-02T10:30:00Z", closingIndex: "501.5", openingIndex: "3", ...change },
    });
  expect((await post({}, resident)).statusCode).toBe(403);
  const fall = { oldRegisterId: privateRegister, newRegisterId: privateRegister };
  const dismissed = await api.ask("POST", `${url}/dismissals`, { token: admin, body: fall });
  expect(dismissed.json()).toMatchObject({ code: "state_forbidden", reason: "registers_are_one" });
  expect((await post({ closingIndex: "-1" })).statusCode).toBe(400);
  expect((await post({ at: "2026-04-01T00:00:00Z" })).json()).toMatchObject({ errors: [{ pointer: "/at" }] });
  const reasons: [object, string][] = [
    [{ closingIndex: "499" }, "closing_behind_reading"],
    [{ openingIndex: "6" }, "opening_ahead_of_reading"],
    [{ oldRegisterId: world.home.commonRegister }, "old_register_unknown"],
    [{ oldRegisterId: privateRegister, newRegisterId: world.away.commonRegister }, "new_register_unknown"],
  ];
  for (const [change, reason] of reasons) {
    const refusal = await post(change);
    expect([refusal.statusCode, refusal.json()], reason).toMatchObject([
      409,
      { code: "state_forbidden", reason },
    ]);
  }
  const recorded = await post({});
  expect([recorded.statusCode, recorded.json()]).toMatchObject([
    201,
    { oldRegisterId: privateRegister, newRegisterId: privateRegister },
  ]);
  expect((await post({ at: "2026-03-02T10:35:00Z" })).json()).toMatchObject({ reason: "swap_too_close" });
});

test("a whole meter is swapped in one step, or not at all; an index that fell is ruled, and no more suspected at once", async () => {
  const { building, private: point, privateDevice, privateRegister } = world.away;
  const { admin } = world.tokens;
  const night = await successor(privateDevice, point, "N");
  await api.pool.query("update register set name = '1-0:1.8.2', tariff = '2' where id = $1", [night]);
  for (const [register, level] of [
    [privateRegister, 500],
    [night, 900],
  ] as const) {
    await readings(privateDevice, register, [
      ["2026-03-04T10:00:00Z", String(level)],
      ["2026-03-04T10:15:00Z", String(level + 1)],
      ["2026-03-04T11:00:00Z", "4"],
      ["2026-03-04T11:15:00Z", "5"],
    ]);
    await api.pool.query(
      `insert into register_decision (register_id, from_at, to_at, kind, from_index, to_index, evidence)
       values ($1, '2026-03-04T10:15Z', '2026-03-04T11:00Z', 'swap', $2, 4, '{"rule": "fall"}')`,
      [register, level + 1],
    );
  }
  const list = async () =>
    (await api.ask("GET", `/v1/buildings/${building}/swaps`, { token: admin })).json<SwapItems>().items;
  expect(await list()).toMatchObject([
    { state: "suspected", since: "2026-03-04T10:15:00.000Z", closingIndex: "501" },
    { state: "suspected", tariff: "2", closingIndex: "901" },
  ]);

  const url = `/v1/supply-points/${point}/meter-swaps`;
  const post = async (closingIndex: string, token = admin) => {
    const registers = [
      { oldRegisterId: night, closingIndex, openingIndex: "3" },
      { oldRegisterId: privateRegister, closingIndex: "501.5", openingIndex: "3" },
    ];
    return api.ask("POST", url, { token, body: { at: "2026-03-04T10:30:00Z", registers } });
  };
  expect((await post("901", world.strangers.manager)).statusCode).toBe(404);
  expect((await post("901", world.strangers.resident)).statusCode).toBe(403);
  expect((await post("800")).json()).toMatchObject({
    reason: "closing_behind_reading",
    registerId: night,
  });
  expect((await list()).map(({ state }) => state)).toEqual(["suspected", "suspected"]);
  const recorded = await post("901.25");
  expect([recorded.statusCode, recorded.json<SwapItems>().items.length]).toEqual([200, 2]);
  expect(await list()).toMatchObject([
    { state: "recorded", since: null },
    { state: "recorded", closingIndex: "901.25" },
  ]);
  const twice = { oldRegisterId: night, closingIndex: "1", openingIndex: "3" };
  const refusal = await api.ask("POST", url, {
    token: admin,
    body: { at: "2026-03-04T10:30:00Z", registers: [twice, twice] },
  });
  expect([refusal.statusCode, refusal.json()]).toMatchObject([400, { errors: [{ pointer: "/registers" }] }]);

  for (const { id } of await list())
    await api.ask("DELETE", `/v1/supply-points/${point}/swaps/${id}`, { token: admin });
  expect((await list()).length).toBe(2);
  for (const register of [privateRegister, night]) {
    const ruling = { from: "2026-03-04T10:15:00Z", to: "2026-03-04T11:00:00Z", kind: "reset", reason: "?" };
    await api.ask("POST", `/v1/registers/${register}/rulings`, { token: admin, body: ruling });
  }
  expect(await list()).toEqual([]);
});

test("one meter is one question: its registers share a key, by which all are dismissed or recorded", async () => {
  const { private: point, privateDevice } = world.home;
  const { admin } = world.tokens;
  const url = `/v1/supply-points/${point}`;
  const told = [
    ["P", "2026-03-06T10:00:00Z", ["800", "300"]],
    ["Q", "2026-03-06T11:00:00Z", ["1", "2"]],
    ["R", "2026-03-07T11:00:00Z", ["0", "0"]],
  ] as const;
  for (const [serial, at, levels] of told) {
    for (const [place, level] of levels.entries()) {
      const register = await successor(privateDevice, point, serial);
      const tariff = String(place + 1);
      await api.pool.query("update register set name = $2, tariff = $3 where id = $1", [
        register,
        `1-0:1.8.${tariff}`,
        tariff,
      ]);
      await readings(privateDevice, register, [[at, level]]);
    }
  }
  type Keyed = { key: string; state: string; oldEquipmentId: string; at: string };
  const list = async () =>
    (await api.ask("GET", `${url}/swaps`, { token: admin }))
      .json<{ items: Keyed[] }>()
      .items.filter(({ oldEquipmentId }) => oldEquipmentId === "P" || oldEquipmentId === "Q");
  const suspected = await list();
  expect(suspected.map(({ oldEquipmentId }) => oldEquipmentId)).toEqual(["P", "P", "Q", "Q"]);
  const [ofP = "", , ofQ = ""] = suspected.map(({ key }) => key);
  expect(suspected.map(({ key }) => key)).toEqual([ofP, ofP, ofQ, ofQ]);
  expect(ofQ).not.toBe(ofP);

  const recorded = await api.ask("POST", `${url}/meter-swaps`, { token: admin, body: { key: ofP } });
  expect(recorded.json()).toMatchObject({
    items: [
      { at: "2026-03-06T11:00:00.000Z", closingIndex: "800", openingIndex: "1", key: null },
      { at: "2026-03-06T11:00:00.000Z", closingIndex: "300", openingIndex: "2", key: null },
    ],
  });
  const again = await api.ask("POST", `${url}/meter-swaps`, { token: admin, body: { key: ofP } });
  expect(again.json()).toMatchObject({ status: 409, reason: "not_suspected" });
  const dismissed = await api.ask("POST", `${url}/swaps/dismissals`, { token: admin, body: { key: ofQ } });
  expect(dismissed.statusCode).toBe(204);
  expect((await list()).map(({ state }) => state)).toEqual(["recorded", "recorded"]);

  for (const body of [{}, { at: "2026-03-06T10:30:00Z" }])
    expect((await api.ask("POST", `${url}/meter-swaps`, { token: admin, body })).statusCode).toBe(400);
  expect((await api.ask("POST", `${url}/swaps/dismissals`, { token: admin, body: {} })).statusCode).toBe(400);
});

test("a ruling is recorded once, shown with who and why, and taken back; decisions show what rests on what", async () => {
  const { commonRegister } = world.home;
  const { admin, manager, coordinator } = world.tokens;
  const url = `/v1/registers/${commonRegister}/rulings`;
  const body = {
    kind: "ok",
    from: "2026-03-03T10:00:00Z",
    to: "2026-03-03T10:15:00Z",
    reason: "the lift was tested",
  };
  expect((await api.ask("POST", url, { token: manager, body })).statusCode).toBe(403);
  // The coordinator keeps the register, but has no consent to see what it measures.
  expect((await api.ask("POST", url, { token: coordinator, body })).json()).toMatchObject({
    code: "consent_missing",
  });
  const ruled = await api.ask("POST", url, { token: admin, body });
  expect([ruled.statusCode, ruled.json()]).toMatchObject([
    201,
    { kind: "ok", reason: "the lift was tested", ruledBy: "admin@koprogo.example", closingIndex: null },
  ]);
  expect(await journal(commonRegister)).toEqual(
    expect.arrayContaining(["2026-03-02", "2026-03-03", "2026-03-04"]),
  );
  const again = await api.ask("POST", url, { token: admin, body });
  expect([again.statusCode, again.json()]).toEqual([200, ruled.json()]);

  const { id } = ruled.json<{ id: string }>();
  await api.pool.query(
    `insert into register_decision (register_id, from_at, to_at, kind, from_index, to_index, ruling_id, evidence)
     values
       ($1, '2026-03-03T10:00Z', '2026-03-03T10:15Z', 'ok', 1, 400, $2, '{"rule": "ruling", "move": "jump"}'),
       ($1, '2026-03-03T11:00Z', '2026-03-03T11:00Z', 'glitch', 4294967.295, 4294967.295, null, '{"rule": "no reading", "stands_for": "a counter full of ones"}')`,
    [commonRegister, id],
  );
  const span = "from=2026-03-03&to=2026-03-04";
  const page = `/v1/registers/${commonRegister}/decisions?${span}&limit=1`;
  const first = await api.ask("GET", page, { token: manager });
  expect(first.json()).toMatchObject({
    items: [
      {
        kind: "glitch",
        from: "2026-03-03T11:00:00.000Z",
        toIndex: "4294967.295",
        rulingId: null,
        counts: null,
        choices: [
          { kind: "ok", from: "2026-03-03T11:00:00.000Z", to: "2026-03-03T11:00:00.000Z", counts: null },
        ],
      },
    ],
  });
  const { nextCursor } = first.json<{ nextCursor: string }>();
  const second = await api.ask("GET", `${page}&cursor=${nextCursor}`, { token: manager });
  expect(second.json()).toMatchObject({
    items: [
      {
        kind: "ok",
        fromIndex: "1",
        toIndex: "400",
        unit: "kWh",
        rulingId: id,
        counts: 399_000,
        choices: [],
        evidence: { move: "jump" },
      },
    ],
    nextCursor: null,
  });
  expect((await api.ask("DELETE", `${url}/${id}`, { token: admin })).statusCode).toBe(204);
  expect((await api.ask("DELETE", `${url}/${id}`, { token: admin })).statusCode).toBe(404);
  expect((await api.ask("GET", url, { token: manager })).json()).toEqual({ items: [], nextCursor: null });
});

test.each([
  [{ to: "2026-03-03T09:00:00Z" }, "/to"],
  [{ to: "2026-05-03T09:00:00Z" }, "/to"],
  [{ kind: "swap", to: "2026-03-03T10:00:00Z" }, "/to"],
  [{ kind: "spike", to: "2026-03-03T10:00:00Z" }, "/to"],
  [{ kind: "reset", closingIndex: "5" }, "/openingIndex"],
  [{ kind: "glitch", closingIndex: "5", openingIndex: "0" }, "/closingIndex"],
])("a ruling that says %j is refused at %s", async (change, pointer) => {
  const body = {
    kind: "ok",
    from: "2026-03-03T10:00:00Z",
    to: "2026-03-03T10:15:00Z",
    reason: "?",
    ...change,
  };
  const url = `/v1/registers/${world.home.commonRegister}/rulings`;
  const refusal = await api.ask("POST", url, { token: world.tokens.admin, body });
  expect([refusal.statusCode, refusal.json()]).toMatchObject([400, { errors: [{ pointer }] }]);
});
