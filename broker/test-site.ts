// A broker on a database of its own with two devices, and clients that speak to it: what the tests of this folder share.
import { randomBytes } from "node:crypto";
import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectClient, type IClientOptions, type MqttClient } from "mqtt";
import { generate, parser, type IConnectPacket, type Packet } from "mqtt-packet";
import { pino } from "pino";
import { systemTime } from "#devices/time";
import type { ProfileId } from "#devices/vocabulary";
import { createIngest, type Ingest } from "#ingest";
import { openPool, type Pool, postgresStore } from "#store";
import { freshDatabase } from "#testing";
import { createBroker, type Broker, type BrokerOptions } from "./create-broker.ts";
import { hashSecret } from "./credentials.ts";

export type TestDevice = { readonly id: number; readonly username: string; readonly password: string };

export type Site = {
  readonly pool: Pool;
  readonly databaseUrl: string;
  readonly broker: Broker;
  readonly ingest: Ingest;
  readonly port: number;
  /** SenML devices. */
  readonly meter: TestDevice;
  readonly stranger: TestDevice;
  readonly close: () => Promise<void>;
};

export const LOOPBACK = { MQTT_HOST: "127.0.0.1", MQTT_PORT: 0 };

/** Options replace what the site would use: an ingest that holds back, smaller limits, other listeners. */
export async function openSite(options: Partial<BrokerOptions> = {}): Promise<Site> {
  const database = await freshDatabase();
  const pool = openPool(database.url, { applicationName: "broker-test", max: 5 });
  const buildingId = await createBuilding(pool);
  const meter = await createDevice(pool, buildingId);
  const stranger = await createDevice(pool, buildingId);
  const log = pino({ level: "silent" });
  const ingest = createIngest({ store: postgresStore(pool), time: systemTime, log });
  const broker = await createBroker({ pool, time: systemTime, log, ingest, config: LOOPBACK, ...options });
  return {
    pool,
    databaseUrl: database.url,
    broker,
    ingest,
    port: Number(new URL(broker.urls.mqtt).port),
    meter,
    stranger,
    close: async () => {
      await broker.close();
      await ingest.close();
      await pool.end();
      await database.drop();
    },
  };
}

export async function createBuilding(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    `with syndic as (
       insert into organisation (name, kind) values ('Syndic', 'syndic') returning id
     )
     insert into building (organisation_id, name, address, postal_code, country, region, timezone, dwellings)
     select id, 'Test', 'Rue 1', '1000', 'BE', 'BE-BRU', 'Europe/Brussels', 10 from syndic
     returning id`,
  );
  return idOf(rows);
}

export async function createDevice(
  pool: Pool,
  buildingId: number,
  profile: ProfileId = "senml",
): Promise<TestDevice> {
  const { rows } = await pool.query<{ id: number }>(
    "insert into device (building_id, name, profile) values ($1, 'test', $2) returning id",
    [buildingId, profile],
  );
  const id = idOf(rows);
  const password = randomBytes(16).toString("base64url");
  await pool.query(
    "insert into device_credential (device_id, secret_hash, created_at) values ($1, $2, now())",
    [id, hashSecret(Buffer.from(password))],
  );
  return { id, username: String(id), password };
}

function idOf(rows: readonly { id: number }[]): number {
  const [row] = rows;
  if (row === undefined) throw new Error("nothing was inserted");
  return row.id;
}

/** A SenML message of one value. */
export function senml(name: string, value: number, observedAtMs = systemTime.now()): string {
  return JSON.stringify([{ n: name, u: "W", v: value, t: observedAtMs / 1000 }]);
}

/** The real client library, which never reconnects here: a test wants to see the end of its connection. */
export function openClient(
  port: number,
  device: TestDevice,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const client = connectClient(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 4,
    username: device.username,
    password: device.password,
    reconnectPeriod: 0,
    ...options,
  });
  return new Promise((resolve, reject) => {
    client.once("connect", () => resolve(client));
    client.once("error", reject);
  });
}

/** A connection by hand: packets written as given, packets and the end of the connection awaited. */
export class RawClient {
  readonly socket: Socket;
  readonly packets: Packet[] = [];
  /** Resolves when the broker has closed the connection. */
  readonly closed: Promise<void>;
  #wanted: (() => void) | undefined;

  constructor(to: number | Socket) {
    this.socket = typeof to === "number" ? connectSocket(to, "127.0.0.1") : to;
    const incoming = parser();
    incoming.on("packet", (packet) => {
      this.packets.push(packet);
      this.#wanted?.();
    });
    this.socket.on("data", (chunk) => incoming.parse(chunk as Buffer));
    this.socket.on("error", () => this.socket.destroy());
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
  }

  write(...packets: readonly (Packet | Buffer)[]): void {
    for (const packet of packets) this.socket.write(Buffer.isBuffer(packet) ? packet : generate(packet));
  }

  connect(device: Partial<TestDevice>, options: Partial<IConnectPacket> = {}): void {
    this.write({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
      clientId: "raw",
      ...(device.username === undefined ? {} : { username: device.username }),
      ...(device.password === undefined ? {} : { password: Buffer.from(device.password) }),
      ...options,
    });
  }

  /** The next packet of this kind that was not taken yet. */
  async take(cmd: Packet["cmd"]): Promise<Packet> {
    for (;;) {
      const index = this.packets.findIndex((packet) => packet.cmd === cmd);
      const [found] = index < 0 ? [] : this.packets.splice(index, 1);
      if (found !== undefined) return found;
      await new Promise<void>((resolve, reject) => {
        this.#wanted = resolve;
        void this.closed.then(() => reject(new Error(`the connection was closed while waiting for ${cmd}`)));
      });
    }
  }
}
