// TLS and WebSocket listeners beside plain TCP: the same broker behind each door.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { connectAsync, type IClientOptions } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { selfSigned } from "#testing";
import { LOOPBACK, openSite, senml, type Site } from "./test-site.ts";

const folder = mkdtempSync(join(tmpdir(), "koprogo-tls-"));
const { key, cert } = selfSigned();
const files = { TLS_CERT_FILE: join(folder, "cert.pem"), TLS_KEY_FILE: join(folder, "key.pem") };
let site: Site;

beforeAll(async () => {
  writeFileSync(files.TLS_CERT_FILE, cert);
  writeFileSync(files.TLS_KEY_FILE, key);
  site = await openSite({ config: { ...LOOPBACK, ...files, MQTTS_PORT: 0, MQTT_WS_PORT: 0 } });
});
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

async function publishOver(url: string, options: IClientOptions = {}): Promise<void> {
  const client = await connectAsync(
    url,
    {
      protocolVersion: 4,
      username: site.meter.username,
      password: site.meter.password,
      reconnectPeriod: 0,
      ...options,
    },
    false,
  );
  await client.publishAsync("t", senml(new URL(url).protocol, 1), { qos: 1 });
  await client.endAsync();
}

async function registerNames(): Promise<string[]> {
  const { rows } = await site.pool.query<{ name: string }>("select name from register order by name");
  return rows.map((row) => row.name);
}

test("a device publishes over TCP, TLS and WebSocket alike", async () => {
  const { mqtt, mqtts, ws } = site.broker.urls;
  await publishOver(mqtt);
  await publishOver(mqtts ?? "", { ca: cert });
  await publishOver(ws ?? "");
  expect(await registerNames()).toEqual(["mqtt:", "mqtts:", "ws:"]);
});

test("TLS 1.1 is refused", async () => {
  const { port } = new URL(site.broker.urls.mqtts ?? "");
  const socket = connectTls({
    host: "127.0.0.1",
    port: Number(port),
    ca: cert,
    maxVersion: "TLSv1.1",
    minVersion: "TLSv1",
  });
  const failure = await new Promise((resolve) => {
    socket.once("error", (error) => resolve(error));
    socket.once("secureConnect", () => resolve(undefined));
  });
  expect(failure).toBeInstanceOf(Error);
});

test("a listener whose port is taken lets none of the others stay open", async () => {
  const taken = Number(new URL(site.broker.urls.mqtt).port);
  await expect(openSite({ config: { ...LOOPBACK, MQTT_WS_PORT: taken } })).rejects.toThrow("EADDRINUSE");
});

test("a text frame ends the connection [MQTT-6.0.0-1], another subprotocol does not begin one", async () => {
  const { ws = "" } = site.broker.urls;
  const text = new WebSocket(ws, "mqtt");
  await new Promise((resolve) => text.addEventListener("open", resolve));
  const gone = new Promise((resolve) => text.addEventListener("close", resolve));
  text.send("connect me");
  await gone;
  const other = new WebSocket(ws, "chat");
  const refused = await new Promise((resolve) => {
    other.addEventListener("error", () => resolve(true));
    other.addEventListener("open", () => resolve(other.protocol));
  });
  expect(refused).not.toBe("chat");
  other.close();
});

test("a socket that never shakes hands is closed, at the TLS door and at the WebSocket door", async () => {
  const hasty = await openSite({
    config: { ...LOOPBACK, ...files, MQTTS_PORT: 0, MQTT_WS_PORT: 0 },
    limits: { connectWithinMs: 200 },
  });
  for (const url of [hasty.broker.urls.mqtts, hasty.broker.urls.ws]) {
    const socket = connect(Number(new URL(url ?? "").port), "127.0.0.1");
    socket.on("data", () => undefined).on("error", () => undefined);
    await new Promise((resolve) => socket.once("close", resolve));
  }
  await hasty.close();
});

test("plain HTTP on the WebSocket port is asked to upgrade", async () => {
  const response = await fetch((site.broker.urls.ws ?? "").replace("ws:", "http:"));
  expect(response.status).toBe(426);
});
