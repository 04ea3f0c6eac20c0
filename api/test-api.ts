// An API on a database of its own, with people of every role in two buildings, for the tests of this folder.
import type { LightMyRequestResponse } from "fastify";
import pino, { type Logger } from "pino";
import type { TimeSource } from "#devices/time";
import type { Role } from "#devices/vocabulary";
import { createFirstAdministrator, openPool, type Pool } from "#store";
import { freshDatabase } from "#testing";
import { hashPassword } from "./password.ts";
import { createApi, type ApiOptions, type ApiServer } from "./server.ts";

export const PASSWORD = "correct horse battery staple";
export const ADMIN_EMAIL = "admin@koprogo.example";

export type TestApi = ApiServer & {
  readonly pool: Pool;
  readonly databaseUrl: string;
  /** Sends a request with this token; a body makes it JSON. */
  readonly ask: (
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    url: string,
    options?: { token?: string; body?: unknown; headers?: Record<string, string> },
  ) => Promise<LightMyRequestResponse>;
  readonly signIn: (email: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

export async function testApi(
  options: {
    time?: TimeSource;
    redisUrl?: string;
    log?: Logger;
    cohortMin?: number;
    recheckMs?: number;
    uploadIdleMs?: number;
    connectors?: ApiOptions["connectors"];
  } = {},
): Promise<TestApi> {
  const database = await freshDatabase();
  const pool = openPool(database.url, { applicationName: "koprogo-api-test", max: 4 });
  await createFirstAdministrator(pool, { email: ADMIN_EMAIL, passwordHash: () => hashPassword(PASSWORD) });
  const api = await createApi({
    pool,
    redisUrl: options.redisUrl,
    config: { KOPROGO_COHORT_MIN: options.cohortMin ?? 3 },
    time: options.time ?? { now: () => performance.timeOrigin + performance.now() },
    log: options.log ?? pino({ level: "silent" }),
    ...(options.connectors === undefined ? {} : { connectors: options.connectors }),
    ...(options.recheckMs === undefined ? {} : { recheckMs: options.recheckMs }),
    ...(options.uploadIdleMs === undefined ? {} : { uploadIdleMs: options.uploadIdleMs }),
  });
  const ask: TestApi["ask"] = (method, url, { token, body, headers } = {}) =>
    api.app.inject({
      method,
      url,
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });
  return {
    ...api,
    pool,
    databaseUrl: database.url,
    ask,
    signIn: async (email) => {
      const response = await ask("POST", "/v1/session", { body: { email, password: PASSWORD } });
      return response.json<{ token: string }>().token;
    },
    stop: async () => {
      await api.close();
      await pool.end();
      await database.drop();
    },
  };
}

/** The identifier of what was created; the answer's text when it was not. */
export function createdId(response: LightMyRequestResponse): string {
  if (response.statusCode !== 201) throw new Error(`${response.statusCode}: ${response.body}`);
  return response.json<{ id: string }>().id;
}

export type World = {
  /** A token for each role, all of them of the first building's people. */
  readonly tokens: Readonly<Record<Role, string>>;
  /** The same for the second building, which the first's people know nothing of. */
  readonly strangers: Readonly<Record<Role, string>>;
  readonly home: Site;
  readonly away: Site;
};

export type Site = {
  readonly organisation: string;
  readonly building: string;
  readonly unit: string;
  readonly common: string;
  readonly private: string;
  readonly commonDevice: string;
  readonly privateDevice: string;
  readonly commonRegister: string;
  readonly privateRegister: string;
  readonly people: Readonly<Record<"coordinator" | "manager" | "resident" | "supplier", string>>;
};

export const building = {
  name: "Résidence du Parc",
  address: "Rue du Parc 1",
  postalCode: "1000",
  country: "BE",
  region: "BE-BRU",
  dwellings: 12,
};

/** Two buildings of two organisations, each with common and private parts, devices, registers and people of every role. */
export async function testWorld(api: TestApi): Promise<World> {
  const admin = await api.signIn(ADMIN_EMAIL);
  const home = await testSite(api, admin, "home");
  const away = await testSite(api, admin, "away");
  const tokensOf = async (name: string): Promise<Record<Role, string>> => ({
    admin,
    coordinator: await api.signIn(`coordinator@${name}.example`),
    manager: await api.signIn(`manager@${name}.example`),
    resident: await api.signIn(`resident@${name}.example`),
    supplier: await api.signIn(`supplier@${name}.example`),
  });
  return { tokens: await tokensOf("home"), strangers: await tokensOf("away"), home, away };
}

async function testSite(api: TestApi, token: string, name: string): Promise<Site> {
  const create = async (url: string, body: unknown) => createdId(await api.ask("POST", url, { token, body }));
  const organisation = await create("/v1/organisations", { name, kind: "coordinator" });
  const id = await create("/v1/buildings", { ...building, name, organisationId: organisation });
  const points = `/v1/buildings/${id}/supply-points`;
  const devices = `/v1/buildings/${id}/devices`;
  const unit = await create(`/v1/buildings/${id}/units`, { name: "1A" });
  const electricity = { carrier: "electricity", vatRate: 0.06 };
  const common = await create(points, { ...electricity, scope: "common" });
  const own = await create(points, { ...electricity, scope: "private", unitId: unit });
  const meter = { profile: "dsmr-p1", expectedIntervalS: 10 };
  const commonDevice = await create(devices, {
    ...meter,
    name: "common",
    supplyPoints: { electricity: common },
  });
  const privateDevice = await create(devices, {
    ...meter,
    name: "private",
    supplyPoints: { electricity: own },
  });
  const person = (role: Role, more: object = {}) =>
    create("/v1/users", {
      email: `${role}@${name}.example`,
      role,
      organisationId: organisation,
      password: PASSWORD,
      ...more,
    });
  return {
    organisation,
    building: id,
    unit,
    common,
    private: own,
    commonDevice,
    privateDevice,
    commonRegister: await register(api.pool, commonDevice, common),
    privateRegister: await register(api.pool, privateDevice, own),
    people: {
      coordinator: await person("coordinator"),
      manager: await person("manager", { buildingIds: [id] }),
      resident: await person("resident", { unitId: unit }),
      supplier: await person("supplier"),
    },
  };
}

/** A cumulative import register, as the first telegram would make it. */
export async function register(
  pool: Pool,
  deviceId: string,
  supplyPointId: string,
  { carrier, quantity, unit } = { carrier: "electricity", quantity: "energy", unit: "kWh" },
): Promise<string> {
  const { rows } = await pool.query<{ id: number }>(
    `insert into register (device_id, name, carrier, quantity, unit, kind, direction)
     values ($1, '1-0:1.8.0', $2, $3, $4, 'cumulative', 'import')
     returning id`,
    [deviceId, carrier, quantity, unit],
  );
  const id = String(rows[0]?.id);
  await pool.query(
    "insert into register_assignment (register_id, supply_point_id, role) values ($1, $2, 'main')",
    [id, supplyPointId],
  );
  return id;
}

/** A day of quarter-hours of `wh` each, all measured. */
export async function profileDay(pool: Pool, registerId: string, day: string, wh: number): Promise<void> {
  const quarters = Buffer.alloc(4 * 96);
  for (let slot = 0; slot < 96; slot++) quarters.writeInt32LE(wh, slot * 4);
  await pool.query(
    `insert into load_profile_day (register_id, day, quarters, statuses, computed_at)
     values ($1, $2, $3, $4, now())
     on conflict (register_id, day) do update
     set quarters = excluded.quarters, revision = load_profile_day.revision + 1`,
    [registerId, day, quarters, Buffer.alloc(96, 4)],
  );
}
