// Connectors of a test: set up in the store as the API would, run with short times, looked at as a page would.
import { randomBytes } from "node:crypto";
import { pino } from "pino";
import {
  findConnector,
  inTransaction,
  passwordBelongsTo,
  putConnector,
  removeConnector,
  scopeOf,
  secretBoxOf,
  type Connector,
  type ConnectorKind,
  type Pool,
} from "#store";
import { runConnectors, type Connectors, type ConnectorsOptions } from "./connectors.ts";

export const SECRETS = secretBoxOf([Buffer.alloc(32, 9)]);

/** Everything a hundred times as fast. */
export const FAST: NonNullable<ConnectorsOptions["limits"]> = {
  lookEveryMs: 50,
  leaseMs: 2000,
  reportEveryMs: 50,
  backOffFirstMs: 20,
  backOffMaxMs: 200,
  refusedBackOff: { backOffFirstMs: 50, backOffMaxMs: 200 },
  connectWithinMs: 3000,
  deviceFreshMs: 100,
};

const ADMIN = { id: 1, role: "admin", organisationId: 1, unitId: null } as const;
const scope = () => scopeOf(ADMIN, Date.now());

export type TestConnector = {
  readonly url: string;
  readonly kind?: ConnectorKind;
  readonly username?: string;
  /** `undefined`: as it is. */
  readonly password?: string | null | undefined;
  readonly topics?: readonly string[];
  readonly caPem?: string;
};

export async function connectTo(pool: Pool, deviceId: number, to: TestConnector): Promise<void> {
  const { url, kind = "custom", username = "someone", password, topics = ["m/#"], caPem = null } = to;
  const passwordSealed =
    typeof password === "string"
      ? SECRETS.seal(password, passwordBelongsTo({ deviceId, url, username }))
      : password;
  const newClientId = `test${randomBytes(8).toString("hex")}`;
  const outcome = await inTransaction(pool, (client) =>
    putConnector(client, scope(), deviceId, {
      kind,
      url,
      username,
      passwordSealed,
      topics,
      caPem,
      newClientId,
    }),
  );
  if (outcome !== "put") throw new Error(outcome);
}

export function disconnect(pool: Pool, deviceId: number): Promise<boolean> {
  return inTransaction(pool, (client) => removeConnector(client, scope(), deviceId));
}

export async function look(pool: Pool, deviceId: number): Promise<Connector> {
  const found = await findConnector(pool, scope(), deviceId);
  if (found === undefined) throw new Error("no connector");
  return found;
}

export function run(
  pool: Pool,
  over: Pick<ConnectorsOptions, "ingest"> & Partial<ConnectorsOptions>,
): Connectors {
  return runConnectors({
    pool,
    secrets: SECRETS,
    allowPrivate: true,
    time: { now: () => Date.now() },
    log: pino({ level: "silent" }),
    random: () => 0.5,
    ...over,
    limits: { ...FAST, ...over.limits },
  });
}
