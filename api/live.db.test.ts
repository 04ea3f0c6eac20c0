// The live stream over real HTTP and a real Redis: who gets what, and what ends it.
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packDecimals } from "#devices/decimal";
import { freshRedis } from "#testing";
import { testApi, testWorld, type TestApi, type World } from "./test-api.ts";

let api: TestApi;
let world: World;
let url: string;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let publisher: Redis;

beforeAll(async () => {
  redis = await freshRedis();
  api = await testApi({ redisUrl: redis.url, recheckMs: 100 });
  world = await testWorld(api);
  url = await api.listen({ host: "127.0.0.1", port: 0 });
  publisher = new Redis(redis.url);
});
afterAll(async () => {
  publisher.disconnect();
  await api.stop();
  await redis.stop();
});

/** A test looks at the end of a stream only. */
const TAIL = 100_000;

/** Reads a stream's text until it holds `wanted`. */
async function open(token: string, building = world.home.building) {
  const abort = new AbortController();
  const response = await fetch(`${url}/v1/buildings/${building}/live`, {
    headers: { authorization: `Bearer ${token}` },
    signal: abort.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    response,
    close: () => abort.abort(),
    text: () => text,
    until: async (wanted: string) => {
      while (!text.includes(wanted)) {
        const chunk = await reader?.read();
        if (chunk === undefined || chunk.done) throw new Error(`the stream ended before ${wanted}`);
        text = (text + chunk.value).slice(-TAIL);
      }
      return text;
    },
    ended: async () => {
      for (;;) {
        const chunk = await reader?.read();
        if (chunk === undefined || chunk.done) return true;
        text += chunk.value;
      }
    },
  };
}

/** Later than every reading that the database has. */
const LATER = "2100-01-01T00:00:00.000Z";
const entry = (registerId: string, deviceId: string, value: string, observedAt = LATER) => ({
  registerId: Number(registerId),
  deviceId: Number(deviceId),
  supplyPointId: null,
  name: "1-0:1.7.0",
  quantity: "power",
  unit: "kW",
  value,
  observedAt,
});
const publish = (building: string, ...entries: object[]) =>
  publisher.publish(`live:${building}`, JSON.stringify(entries));

/** Publishes until somebody listens: subscribing takes a moment. */
async function publishOnce(building: string, ...entries: object[]): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await publish(building, ...entries)) > 0) return;
    await sleep(20);
  }
  throw new Error("nobody subscribed");
}

test("first the latest value of each register, then each as it comes, as events named reading", async () => {
  const { home, tokens } = world;
  const layout = await api.pool.query<{ id: number }>(
    "insert into layout (device_id, register_ids) values ($1, $2) returning id",
    [home.commonDevice, [home.commonRegister]],
  );
  await api.pool.query(
    `insert into reading (device_id, layout_id, observed_at, received_at, clock, flags, fingerprint, "values")
     values ($1, $2, now(), now(), 0, 0, 1, $3)`,
    [home.commonDevice, layout.rows[0]?.id, packDecimals(["1234.5"])],
  );
  const stream = await open(tokens.admin);
  expect(stream.response.headers.get("content-type")).toContain("text/event-stream");
  expect(stream.response.headers.get("x-content-type-options")).toBe("nosniff");
  const latest = await stream.until("1234.5");
  expect(latest).toContain("event: reading\n");
  expect(latest).toContain(`"registerId":"${home.commonRegister}"`);
  await publishOnce(home.building, entry(home.commonRegister, home.commonDevice, "0.777"));
  await stream.until('"value":"0.777"');
  stream.close();
});

test("history that is told late is not live, a correction of the newest value is", async () => {
  const { home, tokens } = world;
  const stream = await open(tokens.admin);
  const told = (value: string, observedAt: string) =>
    publishOnce(home.building, entry(home.commonRegister, home.commonDevice, value, observedAt));
  await told("10.1", "2100-01-01T00:00:10.000Z");
  await told("9.9", "2100-01-01T00:00:00.000Z");
  await told("10.2", "2100-01-01T00:00:10.000Z");
  const text = await stream.until('"value":"10.2"');
  expect(text).toContain('"value":"10.1"');
  expect(text).not.toContain('"value":"9.9"');
  stream.close();
});

test("each viewer gets only the registers that he may see", async () => {
  const { home, tokens } = world;
  const streams = {
    admin: await open(tokens.admin),
    manager: await open(tokens.manager),
    resident: await open(tokens.resident),
    coordinator: await open(tokens.coordinator),
  };
  await publishOnce(
    home.building,
    entry(home.privateRegister, home.privateDevice, "5.001"),
    entry(home.commonRegister, home.commonDevice, "5.002"),
  );
  for (const stream of [streams.admin, streams.manager, streams.resident]) await stream.until("5.002");
  expect(streams.admin.text()).toContain("5.001");
  expect(streams.resident.text()).toContain("5.001");
  expect(streams.manager.text()).not.toContain("5.001");
  await sleep(100);
  expect(streams.coordinator.text()).not.toContain("5.00");
  for (const stream of Object.values(streams)) stream.close();
});

test("what is not a reading on the channel harms nobody", async () => {
  const stream = await open(world.tokens.admin);
  await publishOnce(world.home.building, { registerId: "no" }, [1]);
  await publisher.publish(`live:${world.home.building}`, "{not json");
  await publishOnce(world.home.building, entry(world.home.commonRegister, world.home.commonDevice, "6.001"));
  await stream.until("6.001");
  expect(stream.text()).not.toContain('"no"');
  stream.close();
});

test("a reader that does not read is let go, and the others go on", async () => {
  const { home, tokens } = world;
  const { hostname, port } = new URL(url);
  const slow = connect(Number(port), hostname, () => {
    slow.write(
      `GET /v1/buildings/${home.building}/live HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokens.admin}\r\n\r\n`,
    );
  });
  const ended = new Promise<boolean>((resolve) => {
    slow.on("close", () => resolve(true)).on("error", () => resolve(true));
  });
  slow.pause();
  const quick = await open(tokens.admin);
  await sleep(200);
  // More than the kernel's buffers of a connection hold.
  for (let round = 0; round < 40; round++) {
    const burst = Array.from({ length: 500 }, (_, index) =>
      entry(home.commonRegister, home.commonDevice, `${round}.${index}${"0".repeat(500)}`),
    );
    await publishOnce(home.building, ...burst);
    await quick.until(`"${round}.499`);
  }
  // A paused socket notices the end only when it reads again.
  slow.resume();
  expect(await ended).toBe(true);
  await publishOnce(home.building, entry(home.commonRegister, home.commonDevice, "8.001"));
  await quick.until("8.001");
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('koprogo_live_dropped_total{why="slow"} 1');
  quick.close();
});

test("a consent shows and hides what it covers while the stream is open", async () => {
  const { home, tokens } = world;
  const stream = await open(tokens.coordinator);
  const consents = `/v1/supply-points/${home.private}/consents`;
  const body = { purpose: "load-profile", from: "2026-01-01T00:00:00Z", evidence: "form" };
  const publishAll = () =>
    publishOnce(home.building, entry(home.privateRegister, home.privateDevice, "9.001"));
  expect((await api.ask("POST", consents, { token: tokens.resident, body })).statusCode).toBe(201);
  const timer = setInterval(() => void publishAll(), 50);
  await stream.until("9.001");
  clearInterval(timer);
  expect((await api.ask("DELETE", consents, { token: tokens.resident })).statusCode).toBe(204);
  await sleep(600);
  await publishOnce(home.building, entry(home.privateRegister, home.privateDevice, "9.002"));
  await sleep(100);
  expect(stream.text()).not.toContain("9.002");
  stream.close();
});

test("signing out ends the session's open streams", async () => {
  const token = await api.signIn("manager@home.example");
  const stream = await open(token);
  expect(stream.response.status).toBe(200);
  await api.ask("DELETE", "/v1/session", { token });
  expect(await stream.ended()).toBe(true);
});

test("a stranger's building has no stream, and closing the server ends those that are open", async () => {
  const stranger = await open(world.strangers.manager);
  expect(stranger.response.status).toBe(404);
  const other = await testApi();
  const otherWorld = await testWorld(other);
  const address = await other.listen({ host: "127.0.0.1", port: 0 });
  const response = await fetch(`${address}/v1/buildings/${otherWorld.home.building}/live`, {
    headers: { authorization: `Bearer ${otherWorld.tokens.admin}` },
  });
  const body = response.text();
  const startedMs = performance.now();
  await other.close();
  expect(await body).toContain("retry: 3000");
  expect(performance.now() - startedMs).toBeLessThan(4000);
  await other.stop();
});
