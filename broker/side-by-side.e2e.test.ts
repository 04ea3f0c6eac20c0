// Two brokers on one database and one Redis, and an API: devices move, are revoked, told things and left behind by a crash.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemTime } from "#devices/time";
import { listReadings, openPool, type Pool } from "#store";
import { privateServices, type PrivateServices, until } from "#testing";
import { OwnProcess } from "./test-process.ts";
import { createBuilding, createDevice, RawClient, senml, type TestDevice } from "./test-site.ts";

const ADMIN = {
  KOPROGO_ADMIN_EMAIL: "admin@koprogo.example",
  KOPROGO_ADMIN_PASSWORD: "correct horse battery",
};

let services: PrivateServices;
let pool: Pool;
let one: OwnProcess;
let two: OwnProcess;
let api: OwnProcess;
let token: string;
let buildingId: number;

beforeAll(async () => {
  services = await privateServices();
  pool = openPool(services.databaseUrl, { applicationName: "side-by-side-test", max: 4 });
  const env = {
    ...process.env,
    ...ADMIN,
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    MQTT_HOST: "127.0.0.1",
    MQTTS_PORT: "",
    MQTT_WS_PORT: "",
    METRICS_PORT: "",
    HTTP_PORT: "0",
    LOG_LEVEL: "error",
  };
  one = new OwnProcess("broker/main.ts", env);
  two = new OwnProcess("broker/main.ts", env);
  api = new OwnProcess("api/main.ts", env);
  await Promise.all([one.start(), two.start(), api.start()]);
  const { token: given } = await ask<{ token: string }>("POST", "/v1/session", {
    email: ADMIN.KOPROGO_ADMIN_EMAIL,
    password: ADMIN.KOPROGO_ADMIN_PASSWORD,
  });
  token = given;
  buildingId = await createBuilding(pool);
});

afterAll(async () => {
  await Promise.all([one, two, api].map((process) => process.kill("SIGTERM")));
  await pool.end();
  await services.stop();
});

async function ask<Answer>(method: "GET" | "POST", path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${api.http}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

const rotate = (device: TestDevice) => ask("POST", `/v1/devices/${device.id}/secret`, {});
const command = async (device: TestDevice, payload: string) =>
  (await ask<{ id: string }>("POST", `/v1/devices/${device.id}/commands`, { topic: "c", payload })).id;

async function becomesDelivered(device: TestDevice, id: string, withinMs = 10_000): Promise<void> {
  type List = { items: { id: string; state: string }[] };
  const startedMs = performance.now();
  for (;;) {
    const { items } = await ask<List>("GET", `/v1/devices/${device.id}/commands`);
    const state = items.find((item) => item.id === id)?.state;
    if (state === "delivered") return;
    if (performance.now() - startedMs > withinMs) throw new Error(`command ${id} is ${state}`);
    await sleep(50);
  }
}

async function connect(broker: OwnProcess, device: TestDevice, clientId = "raw"): Promise<RawClient> {
  const client = new RawClient(broker.mqttPort);
  client.connect(device, { clientId });
  const connack = await client.take("connack");
  if (!("returnCode" in connack) || connack.returnCode !== 0)
    throw new Error(`refused with ${JSON.stringify(connack)}`);
  return client;
}

async function listen(broker: OwnProcess, device: TestDevice): Promise<RawClient> {
  const client = await connect(broker, device);
  client.write({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "c", qos: 1 }] });
  await client.take("suback");
  return client;
}

async function takeCommand(client: RawClient): Promise<{ text: string; acknowledge: () => void }> {
  const packet = await client.take("publish");
  if (packet.cmd !== "publish") throw new Error("no publish");
  const { messageId } = packet;
  return {
    text: packet.payload.toString(),
    acknowledge: () => client.write({ cmd: "puback", messageId: messageId ?? 0 }),
  };
}

/** A meter that is cut off mid-way again and again, and goes on at the other broker with what was not acknowledged. */
class Nomad {
  readonly device: TestDevice;
  readonly sent: string[] = [];
  readonly #firstMs: number;
  readonly #unacknowledged = new Map<number, string>();

  constructor(device: TestDevice, firstMs: number) {
    this.device = device;
    this.#firstMs = firstMs;
  }

  async wander(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      const client = await connect(round % 2 === 0 ? one : two, this.device);
      for (const messageId of this.#unacknowledged.keys()) this.#publish(client, messageId, true);
      for (let i = 0; i < 30; i++) {
        this.#take(client);
        this.#publish(client, this.#next(), false);
        if (i % 10 === 9) await sleep(30);
      }
      if (round === rounds - 1) await this.#finish(client);
      this.#take(client);
      client.socket.destroy();
      await client.closed;
    }
  }

  #next(): number {
    const step = this.sent.length + 1;
    const atMs = this.#firstMs + step * 1000;
    this.sent.push(`${atMs} ${step}`);
    this.#unacknowledged.set(step, senml("power", step, atMs));
    return step;
  }

  #publish(client: RawClient, messageId: number, dup: boolean): void {
    const payload = this.#unacknowledged.get(messageId) ?? "";
    client.write({ cmd: "publish", topic: "t", qos: 1, dup, retain: false, messageId, payload });
  }

  #take(client: RawClient): void {
    for (const packet of client.packets.splice(0)) {
      if (packet.cmd === "puback" && packet.messageId !== undefined)
        this.#unacknowledged.delete(packet.messageId);
    }
  }

  async #finish(client: RawClient): Promise<void> {
    while (this.#unacknowledged.size > 0) {
      this.#take(client);
      await sleep(20);
    }
  }
}

test("clients that move from one to the other, cut off mid-way, lose and double nothing", async () => {
  const firstMs = Math.floor(systemTime.now() / 1000) * 1000 - 3_600_000;
  const nomads = await Promise.all(
    Array.from({ length: 4 }, async () => new Nomad(await createDevice(pool, buildingId), firstMs)),
  );
  await Promise.all(nomads.map((nomad) => nomad.wander(8)));
  for (const { device, sent } of nomads) {
    const { rows } = await pool.query<{ id: number }>("select id from register where device_id = $1", [
      device.id,
    ]);
    expect(rows).toHaveLength(1);
    const span = { fromMs: firstMs, toMs: firstMs + 3_600_000, limit: 10_000 };
    const { items } = await listReadings(pool, rows[0]?.id ?? 0, span);
    expect(items.map(({ observedAtMs, value }) => `${observedAtMs} ${value}`)).toEqual(sent);
  }
});

test("a device whose secret is replaced through the API is closed on both and stays out of both", async () => {
  const device = await createDevice(pool, buildingId);
  const clients = [await connect(one, device, "a"), await connect(two, device, "b")];
  await rotate(device);
  await Promise.all(clients.map((client) => client.closed));
  await expect(connect(one, device)).rejects.toThrow('"returnCode":4');
  await expect(connect(two, device)).rejects.toThrow('"returnCode":4');
});

test("a command reaches a device on whichever broker it is, and is acknowledged once", async () => {
  const device = await createDevice(pool, buildingId);
  for (const broker of [one, two, one]) {
    const client = await listen(broker, device);
    const id = await command(device, `to ${broker.mqttPort}`);
    const { text, acknowledge } = await takeCommand(client);
    expect(text).toBe(`to ${broker.mqttPort}`);
    acknowledge();
    await becomesDelivered(device, id);
    expect(client.packets).toEqual([]);
    client.socket.destroy();
  }
});

test("one that was cut before it acknowledged hears the command again at the other broker", async () => {
  const device = await createDevice(pool, buildingId);
  const first = await listen(one, device);
  const id = await command(device, "move");
  await takeCommand(first);
  // Here already when its other connection ends: the other broker must hear that the command waits again.
  const second = await listen(two, device);
  await sleep(500);
  expect(second.packets).toEqual([]);
  first.socket.destroy();
  const { text, acknowledge } = await takeCommand(second);
  expect(text).toBe("move");
  acknowledge();
  await becomesDelivered(device, id);
  second.socket.destroy();
});

test("with Redis stopped, acknowledging goes on, a revoked device is closed and stays out, commands arrive", async () => {
  await services.stopRedis();
  const [good, bad] = [await createDevice(pool, buildingId), await createDevice(pool, buildingId)];
  const clients = [await connect(one, bad, "a"), await connect(two, bad, "b")];
  await rotate(bad);
  await Promise.all(clients.map((client) => client.closed));
  await expect(connect(one, bad)).rejects.toThrow('"returnCode":4');
  for (const broker of [one, two]) {
    const client = await listen(broker, good);
    client.write({
      cmd: "publish",
      topic: "t",
      qos: 1,
      dup: false,
      retain: false,
      messageId: 7,
      payload: senml("p", 1),
    });
    expect(await client.take("puback")).toMatchObject({ messageId: 7 });
    const id = await command(good, "without");
    (await takeCommand(client)).acknowledge();
    await becomesDelivered(good, id);
    client.socket.destroy();
  }
  await services.startRedis();
});

test("after kill -9 its devices count as gone, and what it had sent goes out at the other broker", async () => {
  const [lost, moved] = [await createDevice(pool, buildingId), await createDevice(pool, buildingId)];
  await listen(one, lost);
  const before = await listen(one, moved);
  const id = await command(moved, "twice");
  await takeCommand(before);
  const presence = async (device: TestDevice) => {
    const { rows } = await pool.query<{ gone: Date | null; connected: boolean }>(
      `select disconnected_at as gone, connected_by is not null as connected from device where id = $1`,
      [device.id],
    );
    return rows[0];
  };
  await until(async () => (await presence(lost))?.connected === true, "presence is written");
  const killedMs = systemTime.now();
  await one.kill("SIGKILL");
  const after = await listen(two, moved);
  const { acknowledge } = await takeCommand(after);
  acknowledge();
  await becomesDelivered(moved, id);
  expect(systemTime.now() - killedMs).toBeLessThan(90_000);
  const gone = await presence(lost);
  expect(gone?.connected).toBe(false);
  // When it was heard last: some seconds before the end.
  expect(Math.abs((gone?.gone?.getTime() ?? 0) - killedMs)).toBeLessThan(30_000);
  expect(await presence(moved)).toMatchObject({ connected: true });
  await one.start();
  const back = await connect(one, lost);
  await until(async () => (await presence(lost))?.connected === true, "it is back");
  back.socket.destroy();
  await until(async () => (await presence(lost))?.connected === false, "and gone again");
  after.socket.destroy();
});
