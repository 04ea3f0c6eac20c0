// TLS and WebSocket listeners beside plain TCP: the same broker behind each door.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { connectAsync, type IClientOptions } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { selfSigned } from "./test-certificate.ts";
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

test("plain HTTP on the WebSocket port is asked to upgrade", async () => {
  const response = await fetch((site.broker.urls.ws ?? "").replace("ws:", "http:"));
  expect(response.status).toBe(426);
});
