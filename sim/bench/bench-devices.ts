// Devices for a benchmark, registered as the API does it, in one building.
import { createHash, randomBytes } from "node:crypto";
import { systemTime } from "#devices/time";
import {
  createBuilding,
  createDevice,
  createOrganisation,
  inTransaction,
  openPool,
  scopeOf,
  type Pool,
} from "#store";

export type BenchDevice = { readonly id: string; readonly secret: string };

const AT_ONCE = 4;
const SECRET_BYTES = 16;

/** Registers `count` SenML devices in a migrated database. */
export async function createBenchDevices(databaseUrl: string, count: number): Promise<BenchDevice[]> {
  const pool = openPool(databaseUrl, { applicationName: "koprogo-bench", max: AT_ONCE });
  try {
    const buildingId = await createBenchBuilding(pool);
    const devices: BenchDevice[] = [];
    const register = async (): Promise<void> => {
      while (devices.length < count) {
        const secret = randomBytes(SECRET_BYTES).toString("base64url");
        const device = { id: "", secret };
        devices.push(device);
        device.id = String(await createBenchDevice(pool, buildingId, secret));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, register));
    return devices;
  } finally {
    await pool.end();
  }
}

/** As an administrator sees it. */
const scope = () => scopeOf({ id: 0, role: "admin", organisationId: 0, unitId: null }, systemTime.now());

async function createBenchBuilding(pool: Pool): Promise<number> {
  const organisation = await createOrganisation(pool, scope(), { name: "Bench", kind: "syndic" });
  const building = await createBuilding(pool, scope(), {
    organisationId: present(organisation).id,
    name: "Bench",
    address: "Rue du Banc 1",
    postalCode: "1000",
    country: "BE",
    region: "BE-BRU",
    timezone: "Europe/Brussels",
    dwellings: 100,
    heatedAreaM2: null,
    gasZone: null,
  });
  return present(building).id;
}

async function createBenchDevice(pool: Pool, buildingId: number, secret: string): Promise<number> {
  const id = await inTransaction(pool, (client) =>
    createDevice(client, scope(), {
      buildingId,
      name: "bench",
      profile: "senml",
      expectedIntervalS: null,
      supplyPoints: {},
      secretHash: createHash("sha256").update(secret).digest(),
    }),
  );
  return present(id);
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the store did not take a device of the benchmark");
  return value;
}
