// Registers on a real database: created once whoever is first, assigned to the supply point of their carrier.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RegisterSpec } from "#devices/reading";
import {
  createLayouts,
  createRegisters,
  inTransaction,
  loadLayouts,
  lockDevices,
  markSeen,
  openPool,
  type Pool,
} from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "registers-test" });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const spec = (over: Partial<RegisterSpec>): RegisterSpec => ({
  name: "1-0:1.8.1",
  equipmentId: "",
  carrier: "electricity",
  quantity: "energy",
  unit: "kWh",
  kind: "cumulative",
  tariff: null,
  direction: "import",
  keepEveryS: 60,
  ...over,
});
const total = spec({ name: "1-0:1.8.0" });
const day = spec({ name: "1-0:1.8.1", tariff: "1" });
const night = spec({ name: "1-0:1.8.2", tariff: "2" });

async function roles(deviceId: number): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ name: string; role: string }>(
    "select r.name, a.role from register r join register_assignment a on a.register_id = r.id where r.device_id = $1",
    [deviceId],
  );
  return Object.fromEntries(rows.map(({ name, role }) => [name, role]));
}

test("each register goes to the device's supply point of its carrier, one without a carrier to none", async () => {
  const { context, supplyPoints } = await seedDevice(pool);
  const gas = spec({ name: "0-1:24.2.3", equipmentId: "G1", carrier: "gas", quantity: "volume", unit: "m3" });
  const room = spec({ name: "temperature", carrier: null, quantity: "temperature", kind: "instantaneous" });
  const registers = await createRegisters(pool, [{ deviceId: context.id, specs: [day, gas, room] }], 1000);
  const found = Object.fromEntries(registers.map((register) => [register.name, register.supplyPointId]));
  expect(found).toEqual({
    "1-0:1.8.1": supplyPoints.electricity,
    "0-1:24.2.3": supplyPoints.gas,
    temperature: null,
  });
});

test("of several supply points of a carrier, one that takes in gets what says no direction, whichever is older", async () => {
  const { context, supplyPoints } = await seedDevice(pool);
  const { rows } = await pool.query<{ id: number }>(
    `insert into supply_point (building_id, carrier, direction, scope, vat_rate)
     select building_id, carrier, 'import', scope, vat_rate from supply_point where id = $1 returning id`,
    [supplyPoints.electricity],
  );
  const takesIn = rows[0]?.id ?? 0;
  await pool.query("update supply_point set direction = 'export' where id = $1", [supplyPoints.electricity]);
  await pool.query("insert into device_supply_point (device_id, supply_point_id) values ($1, $2)", [
    context.id,
    takesIn,
  ]);
  const net = spec({ name: "power", quantity: "power", unit: "W", kind: "instantaneous", direction: null });
  const out = spec({ name: "1-0:2.8.0", direction: "export" });
  const registers = await createRegisters(pool, [{ deviceId: context.id, specs: [net, day, out] }], 1000);
  const found = Object.fromEntries(registers.map(({ name, supplyPointId }) => [name, supplyPointId]));
  expect(found).toEqual({ power: takesIn, "1-0:1.8.1": takesIn, "1-0:2.8.0": supplyPoints.electricity });
});

test("a total does not count beside its parts, whichever was seen first", async () => {
  const together = await seedDevice(pool);
  await createRegisters(pool, [{ deviceId: together.context.id, specs: [total, day, night] }], 1000);
  const expected = { "1-0:1.8.0": "sub", "1-0:1.8.1": "main", "1-0:1.8.2": "main" };
  expect(await roles(together.context.id)).toEqual(expected);

  const totalFirst = await seedDevice(pool);
  await createRegisters(pool, [{ deviceId: totalFirst.context.id, specs: [total] }], 1000);
  expect(await roles(totalFirst.context.id)).toEqual({ "1-0:1.8.0": "main" });
  await createRegisters(pool, [{ deviceId: totalFirst.context.id, specs: [day, night] }], 1000);
  expect(await roles(totalFirst.context.id)).toEqual(expected);
});

test("the export total is not a part of the import parts", async () => {
  const { context } = await seedDevice(pool);
  const exported = spec({ name: "1-0:2.8.0", direction: "export" });
  await createRegisters(pool, [{ deviceId: context.id, specs: [exported, day] }], 1000);
  expect(await roles(context.id)).toEqual({ "1-0:2.8.0": "main", "1-0:1.8.1": "main" });
});

test("ten processes that meet the same registers at once create each once", async () => {
  const { context } = await seedDevice(pool);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      createRegisters(pool, [{ deviceId: context.id, specs: [total, day, night] }], 1000),
    ),
  );
  const ids = answers.map((registers) => registers.map(({ id }) => id).sort((a, b) => a - b));
  expect(ids[0]?.length).toBe(3);
  for (const other of ids) expect(other).toEqual(ids[0]);
  expect(Object.keys(await roles(context.id)).length).toBe(3);
});

test("processes that meet many devices at once, each in another order, create all of it once, while presence goes on", async () => {
  const devices: number[] = [];
  for (let nth = 0; nth < 30; nth++) devices.push((await seedDevice(pool)).context.id);
  const shuffled = (by: number) => devices.toSorted((one, other) => ((one * by) % 31) - ((other * by) % 31));
  const creations = Array.from({ length: 6 }, (_, nth) =>
    createRegisters(
      pool,
      shuffled(nth + 2).map((deviceId) => ({ deviceId, specs: [total, day] })),
      1000,
    ),
  );
  const marks = Array.from({ length: 6 }, (_, nth) =>
    markSeen(pool, new Map(shuffled(nth + 11).map((deviceId) => [deviceId, Date.UTC(2026, 0, 1, 0, nth)]))),
  );
  const answers = await Promise.all(creations);
  await Promise.all(marks);
  const ids = answers.map((registers) => registers.map(({ id }) => id).toSorted((a, b) => a - b));
  expect(ids[0]).toHaveLength(2 * devices.length);
  for (const other of ids) expect(other).toEqual(ids[0]);
  for (const deviceId of devices)
    expect(await roles(deviceId)).toEqual({ "1-0:1.8.0": "sub", "1-0:1.8.1": "main" });
});

test("processes that meet devices in another order do not wait for each other in a circle", async () => {
  const devices: number[] = [];
  for (let nth = 0; nth < 3; nth++) devices.push((await seedDevice(pool)).context.id);
  const [, middle = 0] = devices;
  const waiting = async () => {
    const { rows } = await pool.query<{ count: number }>(
      "select count(*)::integer as count from pg_locks where locktype = 'advisory' and not granted",
    );
    return rows[0]?.count;
  };
  const create = (deviceIds: readonly number[]) =>
    createRegisters(
      pool,
      deviceIds.map((deviceId) => ({ deviceId, specs: [day] })),
      1000,
    );
  // Each has begun and waits: for the device in the middle, or for the other one.
  const created = await inTransaction(pool, async (client) => {
    await lockDevices(client, [middle]);
    const both = [create(devices), create(devices.toReversed())];
    await expect.poll(waiting).toBe(2);
    return both;
  });
  const [one, other] = await Promise.all(created);
  expect(one).toHaveLength(3);
  expect(other?.map(({ id }) => id)).toEqual(one?.map(({ id }) => id));
});

test("the bound on registers and on layouts holds, also against processes at once", async () => {
  const { context } = await seedDevice(pool);
  const create = (name: string) =>
    createRegisters(pool, [{ deviceId: context.id, specs: [spec({ name })] }], 3);
  await Promise.all(["a", "b", "c", "d", "e"].map(create));
  expect((await create("f")).length).toBe(3);
  const layout = (id: number) =>
    createLayouts(pool, [{ deviceId: context.id, layouts: [[id], [id, id + 1]] }], 5);
  await Promise.all([1, 2, 3, 4].map(layout));
  expect((await loadLayouts(pool, [context.id])).length).toBe(5);
});
