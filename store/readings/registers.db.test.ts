// Registers on a real database: created once whoever is first, assigned to the supply point of their carrier.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RegisterSpec } from "#devices/reading";
import { createLayouts, createRegisters, loadLayouts, openPool, type Pool } from "#store";
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
  const registers = await createRegisters(pool, context.id, [day, gas, room], 1000);
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
  const registers = await createRegisters(pool, context.id, [net, day, out], 1000);
  const found = Object.fromEntries(registers.map(({ name, supplyPointId }) => [name, supplyPointId]));
  expect(found).toEqual({ power: takesIn, "1-0:1.8.1": takesIn, "1-0:2.8.0": supplyPoints.electricity });
});

test("a total does not count beside its parts, whichever was seen first", async () => {
  const together = await seedDevice(pool);
  await createRegisters(pool, together.context.id, [total, day, night], 1000);
  const expected = { "1-0:1.8.0": "sub", "1-0:1.8.1": "main", "1-0:1.8.2": "main" };
  expect(await roles(together.context.id)).toEqual(expected);

  const totalFirst = await seedDevice(pool);
  await createRegisters(pool, totalFirst.context.id, [total], 1000);
  expect(await roles(totalFirst.context.id)).toEqual({ "1-0:1.8.0": "main" });
  await createRegisters(pool, totalFirst.context.id, [day, night], 1000);
  expect(await roles(totalFirst.context.id)).toEqual(expected);
});

test("the export total is not a part of the import parts", async () => {
  const { context } = await seedDevice(pool);
  const exported = spec({ name: "1-0:2.8.0", direction: "export" });
  await createRegisters(pool, context.id, [exported, day], 1000);
  expect(await roles(context.id)).toEqual({ "1-0:2.8.0": "main", "1-0:1.8.1": "main" });
});

test("ten processes that meet the same registers at once create each once", async () => {
  const { context } = await seedDevice(pool);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => createRegisters(pool, context.id, [total, day, night], 1000)),
  );
  const ids = answers.map((registers) => registers.map(({ id }) => id).sort((a, b) => a - b));
  expect(ids[0]?.length).toBe(3);
  for (const other of ids) expect(other).toEqual(ids[0]);
  expect(Object.keys(await roles(context.id)).length).toBe(3);
});

test("the bound on registers and on layouts holds, also against processes at once", async () => {
  const { context } = await seedDevice(pool);
  const create = (name: string) => createRegisters(pool, context.id, [spec({ name })], 3);
  await Promise.all(["a", "b", "c", "d", "e"].map(create));
  expect((await create("f")).length).toBe(3);
  const layout = (id: number) => createLayouts(pool, context.id, [[id], [id, id + 1]], 5);
  await Promise.all([1, 2, 3, 4].map(layout));
  expect((await loadLayouts(pool, [context.id])).length).toBe(5);
});
