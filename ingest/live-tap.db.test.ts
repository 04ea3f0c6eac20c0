// The live tap: the latest value of each register reaches who listens, and Redis may come and go.
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LiveEntry, StoredRegister } from "#store";
import { privateServices, until, type PrivateServices } from "#testing";
import type { LiveRow } from "./live-row.ts";
import { createLiveTap } from "./live-tap.ts";

let services: PrivateServices;
beforeAll(async () => {
  services = await privateServices();
});
afterAll(() => services.stop());

const register = (id: number): StoredRegister => ({
  id,
  deviceId: 1,
  name: "power",
  equipmentId: "",
  quantity: "power",
  unit: "W",
  kind: "instantaneous",
  keepEveryS: 0,
  interpolateMaxS: 7200,
  supplyPointId: null,
});
const one = { registers: [register(1)] };
const both = { registers: [register(1), register(2)] };
const other = { registers: [register(3)] };
const row = (layout: LiveRow["layout"], values: string[], second = 0): LiveRow => ({
  layout,
  values,
  observedAtMs: Date.UTC(2026, 0, 1, 0, 0, second),
});

test("a period's latest values go out together, to their building's channel alone", async () => {
  const tap = createLiveTap(services.redisUrl, { warn: () => undefined });
  const listener = new Redis(services.redisUrl);
  const heard: string[] = [];
  listener.on("message", (channel, text) => {
    const values = (JSON.parse(text) as LiveEntry[]).map(({ registerId, value }) => `${registerId}=${value}`);
    heard.push(`${channel} ${values.join(" ")}`);
  });
  await listener.subscribe("live:7", "live:8");
  await until(() => {
    tap.publish(7, row(one, ["first"]));
    tap.publish(8, row(other, ["first"]));
    return [7, 8].every((building) => heard.some((message) => message.startsWith(`live:${building} `)));
  }, "the tap is connected, and knows who listens");
  // By then it has asked since they listen.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  heard.length = 0;

  tap.publish(7, row(both, ["10", "20"]));
  tap.publish(8, row(other, ["30"]));
  tap.publish(7, row(one, ["11"], 1));
  tap.publish(7, row(one, ["9"]));
  await until(() => heard.length === 2, "both buildings' messages arrive");
  // The late 9 of register 1 replaces neither its newer value nor another layout's.
  expect(heard).toEqual(["live:7 1=11 2=20", "live:8 3=30"]);
  tap.close();
  listener.disconnect();
});

test("of a building that nobody watches nothing is sent, until somebody does", async () => {
  const tap = createLiveTap(services.redisUrl, { warn: () => undefined });
  const listener = new Redis(services.redisUrl);
  const redis = new Redis(services.redisUrl);
  let heard = 0;
  listener.on("message", () => heard++);
  await listener.subscribe("live:7");
  await until(() => {
    tap.publish(7, row(one, ["1"]));
    return heard > 0;
  }, "the tap is connected");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const commands = async (): Promise<number> =>
    Number(/cmdstat_publish:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1]);
  const before = await commands();
  // What was said before the tap was connected is gone.
  const dropped = tap.dropped();
  for (let nth = 0; nth < 10; nth++) {
    tap.publish(8, row(other, [String(nth)]));
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
  expect(await commands()).toBe(before);
  expect(tap.dropped()).toBe(dropped);
  heard = 0;
  await listener.subscribe("live:8");
  // At once and once: the tap does not know of the listener yet.
  tap.publish(8, row(other, ["11"]));
  await until(() => heard > 0, "the new listener is told");
  tap.close();
  listener.disconnect();
  redis.disconnect();
});

test("while Redis is away everything is dropped and counted, and afterwards it flows again", async () => {
  const warnings: string[] = [];
  const tap = createLiveTap(services.redisUrl, {
    warn: (_fields: unknown, text?: string) => void warnings.push(text ?? ""),
  });
  await services.stopRedis();
  await until(() => warnings.length > 0, "the absence is noticed");
  tap.publish(7, row(one, ["1"]));
  tap.publish(7, row(both, ["1", "2"]));
  expect(tap.dropped()).toBe(2);
  await services.startRedis();
  const listener = new Redis(services.redisUrl);
  let heard = 0;
  listener.on("message", () => heard++);
  await listener.subscribe("live:7");
  await until(() => {
    tap.publish(7, row(one, ["3"]));
    return heard > 0;
  }, "values flow again");
  expect(warnings).toHaveLength(1);
  tap.close();
  listener.disconnect();
});

test("without Redis there is no tap and no error", () => {
  const tap = createLiveTap(undefined, { warn: () => undefined });
  tap.publish(1, row(one, ["1"]));
  tap.close();
  expect(tap.dropped()).toBe(0);
});
