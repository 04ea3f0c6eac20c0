// Device certificates over real TLS: what opens a session, what is refused, what ends it, and what SIGHUP changes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { DAY_MS, systemTime } from "#devices/time";
import { selfSigned, testAuthority, until } from "#testing";
import { createDevice, LOOPBACK, openSite, RawClient, type Site, type TestDevice } from "./test-site.ts";

const folder = mkdtempSync(join(tmpdir(), "koprogo-mtls-"));
const files = {
  TLS_CERT_FILE: join(folder, "cert.pem"),
  TLS_KEY_FILE: join(folder, "key.pem"),
  TLS_CLIENT_CA_FILE: join(folder, "ca.pem"),
};
const server = selfSigned();
const authority = testAuthority();
let site: Site;
let port: number;

function writeFiles(cert = server.cert, key = server.key, ca = authority.cert): void {
  writeFileSync(files.TLS_CERT_FILE, cert);
  writeFileSync(files.TLS_KEY_FILE, key);
  writeFileSync(files.TLS_CLIENT_CA_FILE, ca);
}

beforeAll(async () => {
  writeFiles();
  site = await openSite({
    config: { ...LOOPBACK, ...files, MQTTS_PORT: 0 },
    limits: { reverifyAfterMs: 50, credentialCacheMs: 50 },
  });
  port = Number(new URL(site.broker.urls.mqtts ?? "").port);
});
beforeEach(() => {
  writeFiles();
  site.broker.reloadCertificate();
});
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

async function handshake(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ host: "127.0.0.1", port, ca: server.cert, ...options });
  await once(socket, "secureConnect");
  return socket;
}

/** The code of the CONNACK to a CONNECT over TLS. */
async function codeOf(
  tls: ConnectionOptions,
  device: Partial<TestDevice> = {},
): Promise<{ code: unknown; client: RawClient }> {
  const client = new RawClient(await handshake(tls));
  client.connect(device);
  const connack = await client.take("connack");
  return { code: "returnCode" in connack ? connack.returnCode : undefined, client };
}

const only = async (answer: ReturnType<typeof codeOf>): Promise<unknown> => {
  const { code, client } = await answer;
  client.socket.destroy();
  return code;
};

test("a certificate with the device's id as its common name opens a session without a secret", async () => {
  const own = authority.issue([site.meter.username]);
  expect(await only(codeOf(own))).toBe(0);
  expect(await only(codeOf(own, { username: site.meter.username }))).toBe(0);
  expect(await only(codeOf({ ...own, maxVersion: "TLSv1.2" }))).toBe(0);
});

test("what it publishes is that device's", async () => {
  const { client } = await codeOf(authority.issue([site.stranger.username]));
  client.write({
    cmd: "publish",
    topic: "mtls",
    payload: "x",
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });
  await client.take("puback");
  const { rows } = await site.pool.query("select device_id from quarantine where topic = 'mtls'");
  expect(rows).toEqual([{ device_id: site.stranger.id }]);
  client.socket.destroy();
});

test("without a certificate the secret opens the session, and anonymous is refused (5)", async () => {
  expect(await only(codeOf({}, site.meter))).toBe(0);
  expect(await only(codeOf({}, { ...site.meter, password: "wrong" }))).toBe(4);
  expect(await only(codeOf({}))).toBe(5);
});

test("a certificate that is shown and not accepted is refused (5), and the right secret beside it does not help", async () => {
  const name = [site.meter.username];
  const nowMs = systemTime.now();
  const refused = {
    "another authority's": testAuthority().issue(name),
    "another authority's of the same name": testAuthority("Test authority").issue(name),
    expired: authority.issue(name, { fromMs: nowMs - 2 * DAY_MS, toMs: nowMs - DAY_MS }),
    "not valid yet": authority.issue(name, { fromMs: nowMs + DAY_MS, toMs: nowMs + 2 * DAY_MS }),
    "its own authority": selfSigned(),
    "no device id": authority.issue(["boiler room"]),
    "a device id with a zero before it": authority.issue([`0${site.meter.username}`]),
    "two device ids": authority.issue([site.meter.username, site.stranger.username]),
    nameless: authority.issue([]),
    "an unknown device": authority.issue(["2000000000"]),
  };
  for (const [what, certificate] of Object.entries(refused)) {
    expect(await only(codeOf(certificate, site.meter)), what).toBe(5);
    expect(await only(codeOf(certificate)), what).toBe(5);
  }
});

test("a certificate of one device does not open another's session, whatever secret comes with it", async () => {
  const own = authority.issue([site.meter.username]);
  expect(await only(codeOf(own, { username: site.stranger.username }))).toBe(5);
  expect(await only(codeOf(own, site.stranger))).toBe(5);
});

test("a certificate from before certificates_from is refused, its open session is closed, a newer one opens", async () => {
  const { rows } = await site.pool.query<{ building_id: number }>("select building_id from device limit 1");
  const device = await createDevice(site.pool, rows[0]?.building_id ?? 0);
  const nowMs = systemTime.now();
  const old = authority.issue([device.username], { fromMs: nowMs - DAY_MS });
  const { code, client } = await codeOf(old);
  expect(code).toBe(0);
  await site.pool.query("update device set certificates_from = $2 where id = $1", [
    device.id,
    new Date(nowMs - DAY_MS / 2),
  ]);
  await client.closed;
  expect(await only(codeOf(old))).toBe(5);
  expect(await only(codeOf(authority.issue([device.username], { fromMs: nowMs - 1000 })))).toBe(0);
});

test("a session ends with its certificate, and resuming the TLS session does not prolong it", async () => {
  const brief = authority.issue([site.meter.username], { toMs: systemTime.now() + 2000 });
  let ticket: Buffer | undefined;
  const socket = connectTls({ host: "127.0.0.1", port, ca: server.cert, ...brief });
  socket.on("session", (session) => (ticket = session));
  await once(socket, "secureConnect");
  const client = new RawClient(socket);
  client.connect({});
  expect(await client.take("connack")).toMatchObject({ returnCode: 0 });
  await client.closed;
  expect(ticket).toBeDefined();
  expect(await only(codeOf({ ...brief, ...(ticket && { session: ticket }) }))).toBe(5);
});

test("SIGHUP's reload takes a new certificate, key and authority for new connections and leaves the open ones", async () => {
  const { client } = await codeOf(authority.issue([site.stranger.username]));
  const [nextServer, nextAuthority] = [selfSigned(), testAuthority("Next")];
  writeFiles(nextServer.cert, nextServer.key, nextAuthority.cert);
  site.broker.reloadCertificate();
  await expect(handshake()).rejects.toThrow();
  const trusting = { ca: nextServer.cert };
  expect(await only(codeOf({ ...nextAuthority.issue([site.meter.username]), ...trusting }))).toBe(0);
  expect(await only(codeOf({ ...authority.issue([site.meter.username]), ...trusting }))).toBe(5);
  client.write({ cmd: "pingreq" });
  await client.take("pingresp");
  client.socket.destroy();
});

test("a session that an older authority let in is not resumed after the reload", async () => {
  const own = authority.issue([site.meter.username]);
  let ticket: Buffer | undefined;
  const first = await handshake(own);
  first.on("session", (session) => (ticket = session));
  const client = new RawClient(first);
  client.connect({});
  await client.take("connack");
  await until(() => ticket !== undefined, "the server sent a ticket");
  client.socket.destroy();
  writeFiles(server.cert, server.key, testAuthority("Next").cert);
  site.broker.reloadCertificate();
  expect(await only(codeOf({ ...own, ...(ticket && { session: ticket }) }))).toBe(5);
});

test("a file that is missing, broken or does not fit keeps what was there before", async () => {
  const broken = [
    () => rmSync(files.TLS_CERT_FILE),
    () => writeFileSync(files.TLS_CERT_FILE, "no certificate"),
    () => writeFileSync(files.TLS_KEY_FILE, "no key"),
    () => writeFileSync(files.TLS_KEY_FILE, selfSigned().key),
    () => writeFileSync(files.TLS_CLIENT_CA_FILE, "no authority"),
    () => rmSync(files.TLS_CLIENT_CA_FILE),
  ];
  for (const spoil of broken) {
    writeFiles();
    spoil();
    site.broker.reloadCertificate();
    expect(await only(codeOf(authority.issue([site.meter.username])))).toBe(0);
  }
});

test("the process does not start on a broken certificate, and says which", async () => {
  writeFileSync(files.TLS_CLIENT_CA_FILE, "no authority");
  await expect(openSite({ config: { ...LOOPBACK, ...files, MQTTS_PORT: 0 } })).rejects.toThrow(
    "TLS_CLIENT_CA_FILE: holds no certificate in PEM form.",
  );
});

test("the process reads its certificate again on SIGHUP, and says when it cannot", async () => {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./main.ts", import.meta.url))], {
    env: {
      PATH: process.env["PATH"],
      DATABASE_URL: site.databaseUrl,
      MQTT_PORT: "0",
      MQTTS_PORT: "0",
      ...files,
    },
    stdio: ["ignore", "pipe", "ignore", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let log = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (log += text));
  const [ready] = (await once(child, "message")) as [{ mqtts: string }];
  const next = selfSigned();
  writeFiles("no certificate");
  child.kill("SIGHUP");
  await until(() => log.includes("the one before stays in use"), "the failure is logged");
  writeFiles(next.cert, next.key);
  child.kill("SIGHUP");
  await until(() => log.includes("certificate read again"), "the reload is logged");
  const options = { host: "127.0.0.1", port: Number(new URL(ready.mqtts).port), ca: next.cert };
  const socket = connectTls(options);
  await once(socket, "secureConnect");
  socket.destroy();
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});
