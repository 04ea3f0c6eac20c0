// Captured telegrams and the examples of RFC 8428, published over real MQTT, against what the HTTP API answers.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshDatabase, freshRedis, sharedDir } from "#testing";
import type { Carrier } from "#devices/vocabulary";
import { startStack, type Stack } from "./stack.ts";
import { createTestSite, type TestDevice, type TestSite } from "./test-site.ts";

const shared = sharedDir();
const samples = join(shared ?? "", "samples");

describe.skipIf(shared === undefined)("captures", () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let redis: Awaited<ReturnType<typeof freshRedis>>;
  let stack: Stack;
  let site: TestSite;
  const dataDir = mkdtempSync(join(tmpdir(), "koprogo-captures-"));
  const supplyPoints: Partial<Record<Carrier, string>> = {};

  beforeAll(async () => {
    [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
    stack = await startStack({ databaseUrl: database.url, redisUrl: redis.url, dataDir });
    site = await createTestSite(stack);
    for (const carrier of ["electricity", "gas", "water", "heat"] as const) {
      supplyPoints[carrier] = await site.addSupplyPoint(carrier);
    }
  });
  afterAll(async () => {
    await stack?.stop();
    await redis?.stop();
    await database?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const telegram = (file: string) => readFileSync(join(samples, "dsmr-p1", file));

  async function told(payload: Uint8Array): Promise<TestDevice> {
    const device = await site.addDevice("dsmr-p1", supplyPoints);
    await site.tell(device, payload);
    return device;
  }

  /** `name equipment: value unit @ instant`, as the API answers. */
  async function answered(device: TestDevice, pattern: RegExp): Promise<string[]> {
    const lines: string[] = [];
    for (const register of await site.registers(device)) {
      if (!pattern.test(register.name)) continue;
      for (const { value, unit, observedAt } of await site.readings(register)) {
        lines.push(`${register.name} ${register.equipmentId}: ${value} ${unit} @ ${observedAt}`);
      }
    }
    return lines.toSorted();
  }

  const reasons = async (device: TestDevice) => (await site.quarantine(device)).map(({ reason }) => reason);

  test("the Fluvius telegram: tariffs, month peak and its history, gas and water at their own times", async () => {
    const device = await told(telegram("fluvius_v171.txt"));
    expect(await answered(device, /^1-0:[12]\.8|^1-0:1\.[46]|^0-\d:(98|24)/)).toEqual([
      "0-0:98.1.0 1SAG3101021605: 3.695 kW @ 2020-04-23T17:25:38.000Z",
      "0-0:98.1.0 1SAG3101021605: 4.318 kW @ 2020-02-10T02:54:21.000Z",
      "0-0:98.1.0 1SAG3101021605: 5.980 kW @ 2020-03-05T10:21:39.000Z",
      "0-1:24.2.3 7FLO2119033733: 112.384 m3 @ 2020-05-12T11:45:58.000Z",
      "0-2:24.2.1 8SAG1234567890: 872.234 m3 @ 2020-05-12T11:45:58.000Z",
      "1-0:1.4.0 1SAG3101021605: 2.351 kW @ 2020-05-12T11:54:09.000Z",
      "1-0:1.6.0 1SAG3101021605: 2.589 kW @ 2020-05-09T11:45:58.000Z",
      "1-0:1.8.1 1SAG3101021605: 0.034 kWh @ 2020-05-12T11:54:09.000Z",
      "1-0:1.8.2 1SAG3101021605: 15.758 kWh @ 2020-05-12T11:54:09.000Z",
      "1-0:2.8.1 1SAG3101021605: 0.000 kWh @ 2020-05-12T11:54:09.000Z",
      "1-0:2.8.2 1SAG3101021605: 0.011 kWh @ 2020-05-12T11:54:09.000Z",
    ]);
    expect(await reasons(device)).toEqual([]);
  });

  test("a telegram's registers go to the supply points of their carriers, and only tariffs add up", async () => {
    const fluvius = await site.registers(await told(telegram("fluvius_v171.txt")));
    const point = (name: string) => fluvius.find((register) => register.name === name);
    expect(point("1-0:1.8.1")).toMatchObject({ supplyPointId: supplyPoints.electricity, role: "main" });
    expect(point("0-1:24.2.3")).toMatchObject({ supplyPointId: supplyPoints.gas, role: "main" });
    expect(point("0-2:24.2.1")).toMatchObject({ supplyPointId: supplyPoints.water, role: "main" });
    const hungarian = await site.registers(await told(telegram("v5_eon_hu.txt")));
    const role = (name: string) => hungarian.find((register) => register.name === name)?.role;
    expect([role("1-0:1.8.1"), role("1-0:1.8.2"), role("1-0:1.8.0")]).toEqual(["main", "main", "sub"]);
    expect(role("1-0:15.8.0")).toBeNull();
  });

  test("the same telegram again changes nothing", async () => {
    const device = await told(telegram("fluvius_v171.txt"));
    const before = await answered(device, /./);
    await site.tell(device, telegram("fluvius_v171.txt"));
    expect(await answered(device, /./)).toEqual(before);
    expect(before).toHaveLength(26);
  });

  test.each([
    ["v4_2.txt", "1-0:1.8.1 3960221976967177082151037881335713: 1581.123 kWh @ 2016-11-13T19:57:57.000Z"],
    ["v4_2.txt", "0-1:24.2.1 4819243993373755377509728609491464: 981.443 m3 @ 2016-11-29T19:00:00.000Z"],
    ["v5.txt", "1-0:2.8.1 K8EG004046395507: 2.444 kWh @ 2017-01-02T18:20:02.000Z"],
    ["v5.txt", "0-1:24.2.1 2222ABCD123456789: 0.107 m3 @ 2017-01-02T15:10:05.000Z"],
    ["v5_eon_hu.txt", "1-0:2.8.0 890082200002160: 627.177 kWh @ 2023-07-24T13:07:30.000Z"],
    ["unpadded_crc.txt", "0-1:24.2.1 621848012D2C0B0C: 240.860 GJ @ 2026-02-15T19:05:23.000Z"],
  ])("%s is answered with %s", async (file, line) => {
    const device = await told(telegram(file));
    expect(await answered(device, /\.8\.|24\.2/)).toContain(line);
    expect(await reasons(device)).toEqual([]);
  });

  test.each(["v2_2.txt", "v3.txt", "esy5q3da1004_v304.txt"])(
    "%s has no clock: its indices wait in quarantine with the whole telegram, its power is taken at arrival",
    async (file) => {
      const device = await told(telegram(file));
      const [held, ...more] = await site.quarantine(device);
      expect(more).toEqual([]);
      expect(held?.reason).toBe("time_missing");
      expect(Buffer.from(held?.payload ?? "", "base64").equals(telegram(file))).toBe(true);
      expect(await answered(device, /^1-0:[12]\.8/)).toEqual([]);
      const power = (await site.registers(device)).find(({ name }) => name === "1-0:1.7.0");
      const [reading] = power === undefined ? [] : await site.readings(power);
      expect(reading).toMatchObject({ clock: "gateway" });
      expect(reading?.observedAt).toBe(reading?.receivedAt);
    },
  );

  test("the gas of a clockless DSMR 2.2 telegram carries its own time and is kept", async () => {
    const device = await told(telegram("v2_2.txt"));
    expect(await answered(device, /^0-1/)).toEqual(["0-1:24.3.0 : 1.001 m3 @ 2016-11-07T18:00:00.000Z"]);
  });

  const fluvius = () => telegram("fluvius_v171.txt").toString("latin1");
  test.each([
    ["a wrong checksum", () => fluvius().replace("!3AD7", "!3AD8"), "checksum_wrong"],
    ["a changed digit", () => fluvius().replace("000015.758", "000025.758"), "checksum_wrong"],
    ["the first half", () => fluvius().slice(0, 700), "reading_malformed"],
    ["nothing", () => "", "reading_malformed"],
    ["bytes that are no text", () => "\u0000\u00ff\u0000", "reading_malformed"],
  ])("%s waits in quarantine, byte for byte, with a reason", async (_, text, reason) => {
    const payload = Buffer.from(text(), "latin1");
    const device = await told(payload);
    expect(await answered(device, /./)).toEqual([]);
    const held = await site.quarantine(device);
    expect(held).toHaveLength(1);
    expect(held[0]?.reason).toBe(reason);
    expect(held[0]?.detail).toMatch(/\.$/);
    expect(Buffer.from(held[0]?.payload ?? "", "base64").equals(payload)).toBe(true);
  });

  async function toldSenml(file: string): Promise<TestDevice> {
    const found: unknown = JSON.parse(readFileSync(join(samples, "senml", file), "utf8"));
    const pack = typeof found === "object" && found !== null && "payload" in found ? found.payload : found;
    const device = await site.addDevice("senml", supplyPoints);
    await site.tell(device, Buffer.from(JSON.stringify(pack)), "any/topic");
    return device;
  }

  test("RFC 8428 §5.1.2 with a base time: every record at its own instant", async () => {
    const device = await toldSenml("rfc8428-5.1.2-base-time.json");
    const base = "urn:dev:ow:10e2073a0108006";
    expect(await answered(device, /./)).toEqual([
      ...[1.2, 1.3, 1.4, 1.5, 1.6, 1.7].map(
        (ampere, index) => `${base}:current : ${ampere} A @ 2010-06-08T18:01:${11 + index}.001Z`,
      ),
      `${base}:voltage : 120.1 V @ 2010-06-08T18:01:16.001Z`,
    ]);
  });

  test.each([
    ["rfc8428-5.1.1-single.json", ["23.1 Cel"]],
    ["rfc8428-5.1.2-multiple.json", ["1.2 A", "120.1 V"]],
  ])("%s has no time: its values are taken at arrival", async (file, values) => {
    const device = await toldSenml(file);
    const lines: string[] = [];
    for (const register of await site.registers(device)) {
      for (const { value, unit, clock } of await site.readings(register))
        lines.push(`${value} ${unit} ${clock}`);
    }
    expect(lines.toSorted()).toEqual(values.map((value) => `${value} gateway`));
    expect(await reasons(device)).toEqual([]);
  });

  test("a sum in joules is an index of electricity", async () => {
    const device = await toldSenml("constructed.energy_sum.json");
    const energy = (await site.registers(device)).find(({ name }) => name.endsWith(":energy"));
    expect(energy).toMatchObject({ carrier: "electricity", unit: "J", role: "main" });
    expect(await answered(device, /:(energy|water)$/)).toEqual([
      "urn:dev:mac:0024befffe804ff1:energy : 3600000 J @ 2026-01-01T00:00:00.000Z",
      "urn:dev:mac:0024befffe804ff1:water : 12.345 m3 @ 2026-01-01T00:00:00.000Z",
    ]);
  });
});
