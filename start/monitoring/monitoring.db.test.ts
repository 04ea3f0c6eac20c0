// What Prometheus and Grafana are told to look at is there: real processes, a message that is stored and one that is not.
import { spawn, type ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { freePort } from "#services";
import { openPool, type Pool } from "#store";
import { freshDatabase, freshRedis, seedDevice, until, type FreshDatabase, type FreshRedis } from "#testing";
import { PROJECT } from "../run.ts";

const HERE = import.meta.dirname;
const SECRET = randomBytes(16).toString("base64url");
const PAYLOAD = "this is no reading";
/** What Prometheus makes itself. */
const ITS_OWN = ["up"];

const ALERTS = Type.Object({
  groups: Type.Array(
    Type.Object({
      rules: Type.Array(
        Type.Object({
          alert: Type.String(),
          expr: Type.String(),
          for: Type.String(),
          labels: Type.Object({ severity: Type.Enum(["page", "ticket"]) }),
          annotations: Type.Object({
            summary: Type.String(),
            consequence: Type.String(),
            action: Type.String({ minLength: 40 }),
          }),
        }),
      ),
    }),
  ),
});
const TARGETS = Type.Object({
  rule_files: Type.Array(Type.String()),
  scrape_configs: Type.Array(
    Type.Object({
      job_name: Type.String(),
      dns_sd_configs: Type.Array(Type.Object({ names: Type.Array(Type.String()), port: Type.Integer() })),
    }),
  ),
});
const DASHBOARD = Type.Object({
  panels: Type.Array(
    Type.Object({
      title: Type.String(),
      datasource: Type.Optional(Type.Object({ uid: Type.String() })),
      targets: Type.Optional(Type.Array(Type.Object({ expr: Type.String() }))),
    }),
  ),
});

const alerts = Value.Parse(ALERTS, yaml("prometheus/alerts.yml")).groups.flatMap(({ rules }) => rules);
const dashboard = Value.Parse(DASHBOARD, JSON.parse(text("grafana/dashboards/koprogo.json")));

let database: FreshDatabase;
let redis: FreshRedis;
let pool: Pool;
let deviceId: number;
const children: ChildProcess[] = [];
const logged: Record<string, unknown>[] = [];
const urls: Record<string, Record<string, string>> = {};

beforeAll(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  pool = openPool(database.url, { applicationName: "monitoring-test", max: 2 });
  const secretHash = createHash("sha256").update(SECRET).digest();
  deviceId = (await seedDevice(pool, { secretHash })).context.id;
  await Promise.all(["broker", "analytics", "api"].map(start));
  // It is ready once an external broker is; its metrics are there before.
  const port = await freePort();
  void spawnOwn("ingest", { MQTT_UPSTREAM_URL: "mqtt://127.0.0.1:1", METRICS_PORT: String(port) });
  urls["ingest"] = { metrics: `http://127.0.0.1:${port}/metrics` };
  await until(
    () =>
      scrape("ingest").then(
        () => true,
        () => false,
      ),
    "ingest shows its metrics",
    60_000,
  );

  const client = await connectAsync(urls["broker"]?.["mqtt"] ?? "", {
    protocolVersion: 4,
    username: String(deviceId),
    password: SECRET,
  });
  const reading = [{ n: "urn:dev:x:1-0:1.8.0", u: "Wh", v: 100, t: 1_790_000_000 }];
  await client.publishAsync("meter", JSON.stringify(reading), { qos: 1 });
  await client.publishAsync("meter", PAYLOAD, { qos: 1 });
  await client.endAsync();
  await fetch(`${urls["api"]?.["http"]}/health/live`);
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await pool.end();
  await Promise.all([database.drop(), redis.stop()]);
});

test("every metric that a panel or an alert names is shown by a process, and every label it sums by", async () => {
  const shown = (await Promise.all(Object.keys(urls).map(scrape))).join("\n");
  const known = new Set([...shown.matchAll(/^([a-z0-9_]+)(?:\{.*\})? /gm)].map(([, name]) => name));
  for (const [, name] of shown.matchAll(/^# TYPE ([a-z0-9_]+) /gm)) known.add(name);
  const expressions = [
    ...alerts.map(({ expr }) => expr),
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ];
  const named = new Set(expressions.flatMap(metricsIn));
  expect(named.size).toBeGreaterThan(30);
  expect([...named].filter((name) => !known.has(name) && !ITS_OWN.includes(name))).toEqual([]);

  // Prometheus would rename a label that it gives itself, and a panel that sums by it would show something else.
  expect(shown).not.toMatch(/[{,](?:job|instance)="/);
  const labels = new Set(expressions.flatMap(labelsIn));
  // Prometheus adds the first two; the last two come with what has not happened here.
  const added = ["job", "instance", "why"];
  expect([...labels].filter((label) => !added.includes(label) && !shown.includes(`${label}="`))).toEqual([]);
});

test("a name that no process shows would be found", () => {
  expect(metricsIn('sum by (reason) (rate(koprogo_x_total{job="a"}[5m])) > 0.1 and on () up == 0')).toEqual([
    "koprogo_x_total",
    "up",
  ]);
  expect(labelsIn("sum by (le, route) (x) / sum by (job) (y)")).toEqual(["le", "route", "job"]);
});

test("the counts follow what came in", async () => {
  const shown = await scrape("broker");
  for (const line of [
    'koprogo_mqtt_publishes_total{qos="1"} 2',
    "koprogo_ingest_messages_total 2",
    "koprogo_ingest_acknowledged_total 2",
    "koprogo_ingest_unacknowledged_messages 0",
    "koprogo_ingest_unacknowledged_bytes 0",
    "koprogo_ingest_values_total 1",
    'koprogo_ingest_quarantined_total{reason="reading_malformed"} 1',
    "koprogo_ingest_redis_up 1",
  ]) {
    expect(shown.split("\n")).toContain(line);
  }
  expect(shown).toMatch(/^koprogo_ingest_commit_seconds_bucket\{le="\+Inf"\} [1-9]/m);
  await until(
    async () => (await scrape("analytics")).includes("koprogo_analytics_redis_up 1"),
    "the worker reaches Redis",
  );
  expect(await scrape("analytics")).toMatch(/^koprogo_analytics_journal_lag_seconds \d/m);
  expect(await scrape("api")).toContain('route="/health/live"');
});

test("a message has one trace id from publish to commit, and in quarantine; no log holds a payload or a secret", async () => {
  const traces = (message: string): unknown[] =>
    logged.filter(({ msg }) => msg === message).map(({ trace }) => trace);
  await until(() => traces("message committed").length === 2, "both commits are logged");
  const [good, bad] = traces("message taken in");
  expect(new Set(traces("message committed"))).toEqual(new Set([good, bad]));
  const instance = String(logged.find(({ msg }) => msg === "ready")?.["instance"]);
  expect([good, bad]).toEqual([`${instance}-1`, `${instance}-2`]);

  const { rows } = await pool.query("select trace_id from quarantine where device_id = $1", [deviceId]);
  expect(rows).toEqual([{ trace_id: bad }]);
  expect(JSON.stringify(logged)).not.toContain(PAYLOAD);
  expect(JSON.stringify(logged)).not.toContain(SECRET);
});

test("Prometheus asks the services of the compose file, on the port that they open", () => {
  const compose = parse(readFileSync(join(PROJECT, "docker-compose.yml"), "utf8"), { merge: true });
  const { rule_files: ruleFiles, scrape_configs: jobs } = Value.Parse(
    TARGETS,
    yaml("prometheus/prometheus.yml"),
  );
  expect(ruleFiles).toEqual(["alerts.yml"]);
  for (const { job_name: job, dns_sd_configs: targets } of jobs) {
    for (const { names, port } of targets) {
      expect(names).toEqual([job]);
      expect(compose.services[job].environment).toMatchObject({
        METRICS_HOST: "0.0.0.0",
        METRICS_PORT: String(port),
      });
    }
  }
});

test("each panel asks the source that is provisioned, and no alert is without what to do", () => {
  const { datasources } = yaml("grafana/datasources/prometheus.yml") as { datasources: { uid: string }[] };
  const uids = new Set(dashboard.panels.flatMap(({ datasource }) => datasource?.uid ?? []));
  expect([...uids]).toEqual(datasources.map(({ uid }) => uid));
  expect(alerts.map(({ alert }) => alert)).toContain("AcknowledgementsStalled");
  const jobs = new Set(
    alerts.flatMap(({ expr }) => [...expr.matchAll(/job="(\w+)"/g)].map(([, job]) => job)),
  );
  expect([...jobs].filter((job) => job === undefined || urls[job] === undefined)).toEqual([]);
});

/** The names in an expression that are neither functions, keywords, labels nor values. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, "")
    .replace(/\b(?:by|on|without|ignoring) \([^)]*\)/g, "");
  return [...bare.matchAll(/\b([a-z_][a-z0-9_]*)\b(?!\s*\()/g)]
    .map(([, name = ""]) => name)
    .filter((name) => !["and", "or", "unless", "sum", "max", "min"].includes(name));
}

function labelsIn(expression: string): string[] {
  return [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));
}

function spawnOwn(name: string, env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [join(PROJECT, `${name}/main.ts`)], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    env: {
      PATH: process.env["PATH"],
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      MQTT_PORT: "0",
      HTTP_PORT: "0",
      METRICS_PORT: "0",
      LOG_LEVEL: name === "broker" ? "debug" : "error",
      ...env,
    },
  });
  children.push(child);
  return child;
}

async function start(name: string): Promise<void> {
  const child = spawnOwn(name, {});
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    logged.push(...lines.map((line) => JSON.parse(line)));
  });
  const [ready] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => {
      throw new Error(`${name} ended with exit code ${code} before it was ready`);
    }),
  ]);
  urls[name] = ready;
}

async function scrape(name: string): Promise<string> {
  const answer = await fetch(urls[name]?.["metrics"] ?? "");
  return answer.text();
}

function text(file: string): string {
  return readFileSync(join(HERE, file), "utf8");
}

function yaml(file: string): unknown {
  return parse(text(file));
}
