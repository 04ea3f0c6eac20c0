// What the fuzz attacks: broker and ingest of this process on a given database, so that their heap can be measured exactly.
import { createHash, randomBytes } from "node:crypto";
import { pino } from "pino";
import { createBroker } from "#broker";
import { systemTime } from "#devices/time";
import type { ProfileId } from "#devices/vocabulary";
import { createIngest } from "#ingest";
import {
  createBuilding,
  createDevice,
  createFirstAdministrator,
  createOrganisation,
  openPool,
  scopeOf,
  type Pool,
  type Scope,
  postgresStore,
} from "#store";
import type { FuzzDevice } from "./play-session.ts";

export type FuzzBed = {
  readonly port: number;
  readonly pool: Pool;
  /** Of the administrator. */
  readonly scope: Scope;
  readonly addDevice: (profile: ProfileId) => Promise<FuzzDevice>;
  readonly close: () => Promise<void>;
};

/** The first of an empty database. */
const ADMINISTRATOR = { id: 1, role: "admin", organisationId: 1, unitId: null } as const;
const UNLIMITED = 1e9;
const LIMITS = {
  deviceRateMax: UNLIMITED,
  buildingRateMax: UNLIMITED,
  deviceConnectRateMax: UNLIMITED,
  deviceConnectBurst: UNLIMITED,
  buildingConnectRateMax: UNLIMITED,
  buildingConnectBurst: UNLIMITED,
};
const LOCK_OUT = {
  failuresMax: UNLIMITED,
  addressFailuresMax: UNLIMITED,
  firstDelayMs: 1,
  delayMaxMs: 1,
  forgetAfterMs: 1000,
  turnEveryMs: 1,
  countMax: 1000,
  vouchedCountMax: 1000,
};

/** `databaseUrl`: migrated and empty. Rates and lock-out are lifted: one address sends everything. */
export async function openFuzzBed(databaseUrl: string): Promise<FuzzBed> {
  const pool = openPool(databaseUrl, { applicationName: "koprogo-fuzz", max: 6 });
  await createFirstAdministrator(pool, {
    email: "fuzz@koprogo.example",
    passwordHash: () => Promise.resolve("none"),
  });
  const scope = scopeOf(ADMINISTRATOR, systemTime.now());
  const buildingId = await addBuilding(pool, scope);
  const log = pino({ level: "silent" });
  const ingest = createIngest({ store: postgresStore(pool), time: systemTime, log });
  const broker = await createBroker({
    pool,
    time: systemTime,
    log,
    ingest,
    config: { MQTT_HOST: "127.0.0.1", MQTT_PORT: 0 },
    limits: { ...LIMITS, lockOut: LOCK_OUT },
  });
  return {
    port: Number(new URL(broker.urls.mqtt).port),
    pool,
    scope,
    addDevice: async (profile) => {
      const secret = randomBytes(16).toString("base64url");
      const secretHash = createHash("sha256").update(secret).digest();
      const common = { buildingId, name: "fuzz", expectedIntervalS: null, supplyPoints: {} };
      const id = await createDevice(pool, scope, { ...common, profile, secretHash });
      if (id === undefined) throw new Error("the device was not created");
      return { id, secret };
    },
    close: async () => {
      await broker.close();
      await ingest.close();
      await pool.end();
    },
  };
}

async function addBuilding(pool: Pool, scope: Scope): Promise<number> {
  const organisation = await createOrganisation(pool, scope, { name: "Fuzz", kind: "syndic" });
  const building = await createBuilding(pool, scope, {
    organisationId: organisation?.id ?? 0,
    name: "Fuzz",
    address: "Rue du Hasard 1",
    postalCode: "1000",
    country: "BE",
    region: "BE-BRU",
    timezone: "Europe/Brussels",
    dwellings: 1,
    heatedAreaM2: null,
    gasZone: null,
  });
  if (building === undefined) throw new Error("the building was not created");
  return building.id;
}
