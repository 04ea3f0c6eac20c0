// docker-compose.yml without a Docker engine: each service of ours runs as it says, on private TimescaleDB and Redis.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../config.ts";
import { openPool } from "../pool.ts";
import { privateServices, type PrivateServices } from "../testing/index.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

const COMPOSE = Type.Object({
  services: Type.Record(
    Type.String(),
    Type.Object({
      image: Type.String(),
      build: Type.Optional(Type.String()),
      command: Type.Optional(Type.Array(Type.String())),
      environment: Type.Optional(Type.Record(Type.String(), Type.String())),
      ports: Type.Optional(Type.Array(Type.String())),
      depends_on: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      healthcheck: Type.Optional(Type.Object({ test: Type.Array(Type.String()) })),
      read_only: Type.Optional(Type.Boolean()),
      profiles: Type.Optional(Type.Array(Type.String())),
    }),
  ),
});

const { services } = Value.Parse(
  COMPOSE,
  parse(readFileSync(join(PROJECT, "docker-compose.yml"), "utf8"), { merge: true }),
);
const ours = Object.entries(services).filter(([, service]) => service.build !== undefined);

let own: PrivateServices;
const children: ChildProcess[] = [];
beforeAll(async () => {
  own = await privateServices();
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await own.stop();
});

test("the file has our services and what they need; simulator, monitoring and another broker only in their profiles", () => {
  expect(Object.keys(services).sort()).toEqual([
    "analytics",
    "api",
    "broker",
    "grafana",
    "ingest",
    "migrate",
    "mosquitto",
    "prometheus",
    "redis",
    "sim",
    "timescaledb",
  ]);
  const always = Object.entries(services).filter(([, service]) => service.profiles === undefined);
  expect(always.map(([name]) => name)).not.toContain("sim");
  expect(services["prometheus"]?.profiles).toEqual(["monitoring"]);
  expect(services["grafana"]?.profiles).toEqual(["monitoring"]);
  expect(services["ingest"]?.profiles).toEqual(["external-broker"]);
  expect(services["mosquitto"]?.profiles).toEqual(["external-broker"]);
});

test("nothing is published beyond this machine unless somebody says so", () => {
  const published = Object.values(services).flatMap((service) => service.ports ?? []);
  expect(published).toHaveLength(5);
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test("whatever a service connects to or waits for is in the file, and what listens is watched", () => {
  for (const [, service] of ours) {
    const hosts = Object.values(environmentOf(service)).flatMap((value) => hostOf(value) ?? []);
    for (const name of [...hosts, ...Object.keys(service.depends_on ?? {})])
      expect(services).toHaveProperty(name);
  }
  for (const name of ["timescaledb", "redis", "broker", "api"]) {
    expect(services).toHaveProperty([name, "healthcheck"]);
  }
});

test("every environment is valid, also when `.env` sets nothing", () => {
  for (const [, service] of ours) expect(() => readConfig(environmentOf(service))).not.toThrow();
});

test("what the broker can be told about TLS, WebSocket and rates comes from `.env`", () => {
  const { environment = {} } = services["broker"] ?? {};
  const variables =
    `MQTTS_PORT TLS_CERT_FILE TLS_KEY_FILE TLS_CLIENT_CA_FILE MQTT_WS_PORT MQTT_DEVICE_RATE_MAX
    MQTT_BUILDING_RATE_MAX`.split(/\s+/);
  for (const name of variables) expect(environment[name]).toBe(`\${${name}:-}`);
});

test.each([
  ["", 1],
  ["of:the/consumers", 1],
  ["100%", 1],
  ["a-Long_one.0~", 0],
])("the password %j of the external broker's consumer ends its Mosquitto with %i", (password, code) => {
  const [shell = "", option = "", script = ""] = services["mosquitto"]?.command ?? [];
  // What follows is for the container.
  const asked = script.slice(0, script.indexOf("passwords=")).replaceAll("$$", "$");
  const { status } = spawnSync(shell, [option, asked], {
    env: { PATH: process.env["PATH"], MQTT_UPSTREAM_PASSWORD: password },
  });
  expect(status).toBe(code);
});

test("no password of a broker stands in the file, and what asks for one is in its profile alone", () => {
  const text = readFileSync(join(PROJECT, "docker-compose.yml"), "utf8");
  expect(text.match(/\$\{MQTT_UPSTREAM_PASSWORD[^}]*\}/g)).toEqual(
    Array.from({ length: 2 }, () => "${MQTT_UPSTREAM_PASSWORD:-}"),
  );
  expect(text).not.toContain(":?");
});

test("the Dockerfile's image has what the commands name, and a command that exists", () => {
  const dockerfile = readFileSync(join(PROJECT, "Dockerfile"), "utf8");
  const commands = [
    ...ours.map(([, service]) => service.command ?? []),
    JSON.parse(/^CMD (.*)$/m.exec(dockerfile)?.[1] ?? "[]"),
  ];
  for (const [program, file] of commands) {
    expect(program).toBe("node");
    expect(existsSync(join(PROJECT, String(file)))).toBe(true);
  }
  expect(dockerfile).toMatch(/^USER node$/m);
});

test("migrate brings a database to the newest schema and ends", async () => {
  const child = start("migrate");
  expect(await ended(child)).toBe(0);
  const pool = openPool(own.databaseUrl, { applicationName: "compose-test", max: 1 });
  const { rows } = await pool.query("select to_regclass('reading') is not null as migrated");
  await pool.end();
  expect(rows).toEqual([{ migrated: true }]);
});

test.each(["broker", "analytics", "api"])("%s becomes ready and stops on SIGTERM", async (name) => {
  const child = start(name);
  await ready(child);
  child.kill("SIGTERM");
  expect(await ended(child)).toBe(0);
});

test("sim fills its demo through the broker and the API, and writes only where its container lets it", async () => {
  const service = services["sim"];
  expect(service?.read_only).toBe(true);
  expect(environmentOf(service ?? {})["KOPROGO_DATA_DIR"]).toMatch(/^\/tmp\//);

  const administrator = {
    KOPROGO_ADMIN_EMAIL: "admin@koprogo.example",
    KOPROGO_ADMIN_PASSWORD: "correct horse battery staple",
  };
  const broker = start("broker");
  const api = start("api", administrator);
  const addresses = [
    ["mqtt://broker:1883", String((await ready(broker))["mqtt"])],
    ["http://api:8080", String((await ready(api))["http"])],
  ] as const;
  const dataDir = mkdtempSync(join(tmpdir(), "koprogo-compose-"));
  const sim = start("sim", { ...administrator, KOPROGO_DATA_DIR: dataDir }, (arg) =>
    addresses.reduce((text, [there, here]) => text.replace(there, here), arg),
  );
  expect(await ready(sim)).toHaveProperty("accounts.length", 6);
  for (const child of [sim, api, broker]) {
    child.kill("SIGTERM");
    expect(await ended(child)).toBe(0);
  }
  rmSync(dataDir, { recursive: true });
});

/** The command and the environment of the file, except for addresses: ours here, any free port, loopback. */
function start(
  name: string,
  env: Record<string, string> = {},
  here: (arg: string) => string = (arg) => arg,
): ChildProcess {
  const service = services[name];
  const [, ...args] = service?.command ?? [];
  const child = spawn(process.execPath, args.map(here), {
    cwd: PROJECT,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: {
      PATH: process.env["PATH"],
      ...environmentOf(service ?? {}),
      DATABASE_URL: own.databaseUrl,
      REDIS_URL: own.redisUrl,
      HTTP_HOST: "127.0.0.1",
      MQTT_HOST: "127.0.0.1",
      METRICS_HOST: "127.0.0.1",
      HTTP_PORT: "0",
      MQTT_PORT: "0",
      METRICS_PORT: "0",
      LOG_LEVEL: "warn",
      ...env,
    },
  });
  children.push(child);
  return child;
}

/** With the defaults that stand in the file: `${NAME:-default}`. */
function environmentOf(service: { environment?: Record<string, string> }): Record<string, string> {
  return Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, value]) => [
      name,
      value.replace(/\$\{\w+:-([^}]*)\}/g, (_, otherwise: string) => otherwise),
    ]),
  );
}

function hostOf(value: string): string | undefined {
  return URL.canParse(value) ? new URL(value).hostname : undefined;
}

function ready(child: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    child.on("message", (message) => {
      if (typeof message === "object" && "ready" in message) resolve({ ...message });
    });
    child.once("exit", (code) => reject(new Error(`it ended with exit code ${code} before it was ready`)));
  });
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode);
    else child.once("exit", (code) => resolve(code));
  });
}
