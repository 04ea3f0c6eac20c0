// The metrics listener: plain numbers in Prometheus' text, on one path, and nothing else.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import fc from "fast-check";
import { Registry } from "prom-client";
import { afterEach, expect, test } from "vitest";
import { until } from "#testing";
import { Histogram } from "./histogram.ts";
import { MetricSheet } from "./metric-sheet.ts";
import { openMetrics, type MetricsListener } from "./metrics-listener.ts";

const warnings: string[] = [];
const log = { warn: (_fields: object, message: string) => void warnings.push(message) };
let opened: MetricsListener | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function open(registry: Registry): Promise<string> {
  opened = await openMetrics({ config: { METRICS_PORT: 0, METRICS_HOST: "127.0.0.1" }, registry, log });
  return opened?.url ?? "";
}

test("numbers are read when they are asked for, and the process's own are beside them", async () => {
  const registry = new Registry();
  const sheet = new MetricSheet(registry);
  const counts = { messages: 1, byReason: { late: 2, early: 3 } };
  const seconds = new Histogram([0.1, 1]);
  let waiting: number | undefined = 4;
  sheet.counter("t_messages_total", "Messages", () => counts.messages);
  sheet.counters("t_refused_total", "By reason", "reason", () => counts.byReason);
  sheet.gauge("t_waiting", "Waiting", async () => waiting);
  sheet.histogram("t_seconds", "Duration", () => seconds);
  const url = await open(registry);
  counts.messages = 7;
  for (const value of [0.05, 0.1, 0.5, 3]) seconds.observe(value);

  const answer = await fetch(url);
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await answer.text()).split("\n");
  for (const line of [
    "t_messages_total 7",
    't_refused_total{reason="late"} 2',
    't_refused_total{reason="early"} 3',
    "t_waiting 4",
    "# TYPE t_seconds histogram",
    't_seconds_bucket{le="0.1"} 2',
    't_seconds_bucket{le="1"} 3',
    't_seconds_bucket{le="+Inf"} 4',
    "t_seconds_sum 3.65",
    "t_seconds_count 4",
  ]) {
    expect(lines).toContain(line);
  }
  expect(lines.some((line) => line.startsWith("process_resident_memory_bytes "))).toBe(true);

  waiting = undefined;
  expect(await (await fetch(url)).text()).not.toMatch(/^t_waiting /m);
});

test("anything but GET /metrics is 404", async () => {
  const url = await open(new Registry());
  const asked = [fetch(url, { method: "POST" }), fetch(new URL("/", url)), fetch(`${url}/more`)];
  expect((await Promise.all(asked)).map((answer) => answer.status)).toEqual([404, 404, 404]);
  expect((await fetch(`${url}?name=x`)).status).toBe(200);
});

test("who asks while an answer is collected shares it, and a failure is told to the log alone", async () => {
  const registry = new Registry();
  let reads = 0;
  const asked = Promise.withResolvers<void>();
  new MetricSheet(registry).gauge("t_slow", "Slow", async () => {
    reads += 1;
    if (reads > 1) throw new Error("postgres://secret");
    await asked.promise;
    return 1;
  });
  const url = await open(registry);
  let arrived = 0;
  const count = (): void => void (arrived += 1);
  subscribe("http.server.request.start", count);
  const both = [fetch(url), fetch(url)];
  await until(() => arrived === 2, "both have asked");
  unsubscribe("http.server.request.start", count);
  // Neither is answered yet, and nobody waits for another path meanwhile.
  expect((await fetch(new URL("/else", url))).status).toBe(404);
  asked.resolve();
  expect((await Promise.all(both)).map((answer) => answer.status)).toEqual([200, 200]);
  const failed = await fetch(url);
  expect([failed.status, (await failed.text()).includes("secret")]).toEqual([500, false]);
  expect(warnings).toContain("the metrics could not be collected");
});

test("without a port there is none, and one that is taken is named", async () => {
  const config = { METRICS_HOST: "127.0.0.1" };
  expect(await openMetrics({ config, registry: new Registry(), log })).toBeUndefined();
  const port = Number(new URL(await open(new Registry())).port);
  const again = openMetrics({ config: { ...config, METRICS_PORT: port }, registry: new Registry(), log });
  await expect(again).rejects.toThrow(`METRICS_PORT ${port}`);
});

test("a histogram counts each value in every bucket that can hold it", () => {
  const numbers = fc.array(fc.double({ min: 0, max: 20, noNaN: true }));
  fc.assert(
    fc.property(numbers, (values) => {
      const bounds = [0.5, 1, 10];
      const histogram = new Histogram(bounds);
      for (const value of values) histogram.observe(value);
      const counted = bounds.map((bound) => values.filter((value) => value <= bound).length);
      expect(histogram.buckets).toEqual(counted);
      expect(histogram.count).toBe(values.length);
    }),
  );
});
