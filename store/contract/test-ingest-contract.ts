// What ingest relies on, whichever store it is given.
import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, MINUTE_MS, systemTime } from "#devices/time";
import { storeFailureOf } from "#store";
import type { Bed } from "./test-bed.ts";
import { batchOf, ENERGY, meter, never, START_DAY, START_MS, type Message, byText } from "./test-written.ts";

const FOR_EVER = DAY_MS;

export function ingestContract(name: string, open: () => Promise<Bed>): void {
  describe(`ingest on ${name}`, () => {
    let bed: Bed;
    beforeEach(async () => {
      bed = await open();
    });

    test("registers are created once, up to a bound, each at the supply point of its carrier and direction", async () => {
      const [imported, exported, gas] = await addPoints(bed);
      const { id } = await bed.addDevice([imported, exported, gas]);
      const specs = [
        ENERGY,
        { ...ENERGY, name: "2.8", direction: "export" as const },
        { ...ENERGY, name: "gas", carrier: "gas" as const, quantity: "volume", direction: null },
        { ...ENERGY, name: "water", carrier: "water" as const, quantity: "volume" },
      ];
      const first = await bed.store.createRegisters([{ deviceId: id, specs }], 100);
      const again = await bed.store.createRegisters(
        [{ deviceId: id, specs: [...specs, { ...ENERGY, name: "more" }] }],
        4,
      );
      expect(byName(again)).toEqual(byName(first));
      expect(byName(await bed.store.loadRegisters([id, id + 1]))).toEqual(byName(first));
      expect(
        first.map(({ name: register, supplyPointId }) => [register, supplyPointId]).toSorted(byText),
      ).toEqual([
        ["1-0:1.8.1", imported],
        ["2.8", exported],
        ["gas", gas],
        ["water", null],
      ]);
      expect(
        await bed.store.createRegisters([{ deviceId: id, specs: [{ ...ENERGY, name: "more" }] }], 5),
      ).toHaveLength(5);
    });

    test("of many devices each has what it needs, within its own bound, and all of it comes back", async () => {
      const [imported, exported] = await addPoints(bed);
      const [one, other, silent] = [
        await bed.addDevice([imported]),
        await bed.addDevice([exported]),
        await bed.addDevice([]),
      ];
      const named = (...names: string[]) => names.map((register) => ({ ...ENERGY, name: register }));
      await bed.store.createRegisters([{ deviceId: other.id, specs: named("a") }], 2);
      const registers = await bed.store.createRegisters(
        [
          { deviceId: other.id, specs: named("b", "c") },
          { deviceId: one.id, specs: named("a", "b", "c") },
        ],
        2,
      );
      const found = registers.map(({ deviceId, name: register, supplyPointId }) => [
        deviceId,
        register,
        supplyPointId,
      ]);
      expect(found.toSorted(byText)).toEqual(
        [
          [one.id, "a", imported],
          [one.id, "b", imported],
          [other.id, "a", exported],
          [other.id, "b", exported],
        ].toSorted(byText),
      );
      const idsOf = (deviceId: number) =>
        registers
          .flatMap((register) => (register.deviceId === deviceId ? [register.id] : []))
          .toSorted((first, second) => first - second);
      const [first = 0, second = 0] = idsOf(one.id);
      const layouts = await bed.store.createLayouts(
        [
          { deviceId: other.id, layouts: [idsOf(other.id)] },
          { deviceId: one.id, layouts: [[first, second], [first, second], [first], [second]] },
        ],
        2,
      );
      expect(
        layouts.map(({ deviceId, registerIds }) => `${deviceId}: ${registerIds.join()}`).toSorted(byText),
      ).toEqual(
        [
          `${one.id}: ${first},${second}`,
          `${one.id}: ${first}`,
          `${other.id}: ${idsOf(other.id).join()}`,
        ].toSorted(byText),
      );
      expect(await bed.store.loadRegisters([silent.id])).toEqual([]);
    });

    test("a total does not count beside its tariffs; another device's and another meter's are not its own", async () => {
      const [imported] = await addPoints(bed);
      const [one, other] = [await bed.addDevice([imported]), await bed.addDevice([imported])];
      const total = { ...ENERGY, name: "total" };
      await bed.store.createRegisters(
        [
          { deviceId: one.id, specs: [total, { ...total, equipmentId: "2" }] },
          { deviceId: other.id, specs: [total] },
        ],
        100,
      );
      await bed.store.createRegisters(
        [
          { deviceId: other.id, specs: [{ ...ENERGY, name: "day", tariff: "1", equipmentId: "9" }] },
          { deviceId: one.id, specs: [{ ...ENERGY, name: "day", tariff: "1" }] },
        ],
        100,
      );
      const { registers } = await bed.rows();
      const roles = registers.map(({ deviceId, name: register, equipmentId, role }) => [
        deviceId === one.id ? "one" : "other",
        register + equipmentId,
        role,
      ]);
      expect(roles.toSorted(byText)).toEqual([
        ["one", "day", "main"],
        ["one", "total", "sub"],
        ["one", "total2", "main"],
        ["other", "day9", "main"],
        ["other", "total", "main"],
      ]);
    });

    test("of many devices one whose registers are refused keeps the others from theirs", async () => {
      const [one, other] = [await bed.addDevice([]), await bed.addDevice([])];
      const refused = (deviceId: number, specs: (typeof ENERGY)[]) =>
        bed.store
          .createRegisters(
            [
              { deviceId: one.id, specs: [ENERGY] },
              { deviceId, specs },
            ],
            100,
          )
          .catch(storeFailureOf);
      expect(await refused(other.id, [{ ...ENERGY, name: "a\0b" }])).toBe("data");
      expect(await refused(FOR_EVER, [ENERGY])).toBe("data");
      expect(await bed.store.loadRegisters([one.id, other.id])).toEqual([]);
      const [register] = await bed.store.createRegisters([{ deviceId: one.id, specs: [ENERGY] }], 100);
      const layouts = [
        { deviceId: one.id, layouts: [[register?.id ?? 0]] },
        { deviceId: other.id, layouts: [[]] },
      ];
      expect(await bed.store.createLayouts(layouts, 10).catch(storeFailureOf)).toBe("data");
      expect(await bed.store.loadLayouts([one.id])).toEqual([]);
    });

    test("the same register twice in a message is one, of another meter another one", async () => {
      const { id } = await bed.addDevice([]);
      const twice = [ENERGY, { ...ENERGY }, { ...ENERGY, equipmentId: "42" }];
      expect(await bed.store.createRegisters([{ deviceId: id, specs: twice }], 100)).toHaveLength(2);
    });

    test.each([
      ["before", ["total", "day"]],
      ["after", ["day", "total"]],
      ["with", ["total day"]],
    ])("a total that is seen %s its tariffs does not count beside them", async (_, steps) => {
      const [imported] = await addPoints(bed);
      const { id } = await bed.addDevice([imported]);
      const specs = {
        total: [{ ...ENERGY, name: "total" }],
        day: [{ ...ENERGY, name: "day", tariff: "1" }],
        "total day": [
          { ...ENERGY, name: "total" },
          { ...ENERGY, name: "day", tariff: "1" },
        ],
      };
      for (const step of steps)
        await bed.store.createRegisters([{ deviceId: id, specs: specs[step as keyof typeof specs] }], 100);
      const { registers } = await bed.rows();
      expect(Object.fromEntries(registers.map((one) => [one.name, one.role]))).toEqual({
        total: "sub",
        day: "main",
      });
    });

    test("text that no column takes is the data's fault, and leaves nothing", async () => {
      const { id } = await bed.addDevice([]);
      const refused = bed.store.createRegisters(
        [{ deviceId: id, specs: [ENERGY, { ...ENERGY, name: "a\0b" }] }],
        100,
      );
      expect(await refused.catch(storeFailureOf)).toBe("data");
      expect(await bed.store.loadRegisters([id])).toEqual([]);
      expect(await bed.store.saveFacts(id, [{ key: "", value: "x" }], 5).catch(storeFailureOf)).toBe("data");
    });

    test("layouts are created once, up to a bound", async () => {
      const { deviceId, registerIds } = await meter(bed, "a", "b");
      const [one = 0, two = 0] = registerIds;
      const layouts = await bed.store.createLayouts([{ deviceId, layouts: [[one, two], [one], [one]] }], 10);
      expect(layouts.map((layout) => layout.registerIds.join()).toSorted(byText)).toEqual(
        [`${one}`, `${one},${two}`].toSorted(byText),
      );
      expect(await bed.store.createLayouts([{ deviceId, layouts: [[two]] }], 2)).toHaveLength(2);
      expect(await bed.store.loadLayouts([deviceId])).toEqual(layouts);
    });

    test("facts replace by key, are taken off when empty, and new ones beyond the bound are left out", async () => {
      const { id } = await bed.addDevice([]);
      const facts = (list: Record<string, string>) =>
        bed.store.saveFacts(
          id,
          Object.entries(list).map(([key, value]) => ({ key, value })),
          2,
        );
      await facts({ b: "1", a: "2", c: "3" });
      const saved = await facts({ b: "4", c: "5" });
      expect(saved).toEqual([
        { deviceId: id, key: "a", value: "2" },
        { deviceId: id, key: "b", value: "4" },
      ]);
      await facts({ a: "", c: "6" });
      expect((await bed.store.loadFacts([id])).map(({ key, value }) => key + value)).toEqual(["b4", "c6"]);
    });

    test("a batch is readings, quarantine and one journal row with the neighbours of an edge", async () => {
      const one = await meter(bed, "a");
      const batch = batchOf([
        { ...one, atMs: START_MS + 12 * 60 * MINUTE_MS, values: ["1.50"] },
        { ...one, atMs: START_MS + MINUTE_MS, values: ["1.0"], late: true },
        { ...one },
      ]);
      const stored = await bed.store.storeBatch(batch, never);
      expect(stored).toEqual({ refused: [], transactions: 1, mergedTransactions: 0, journalled: true });
      const { readings, journal, quarantine } = await bed.rows();
      expect(readings).toHaveLength(2);
      expect(quarantine.map(({ reason, deviceId }) => [reason, deviceId])).toEqual([
        ["reading_malformed", one.deviceId],
      ]);
      expect(journal).toMatchObject([{ late: true, cause: "readings", dueInMs: 0 }]);
      const days = journal.flatMap(({ pairs }) => pairs.map(({ registerId, day }) => [registerId, day]));
      expect(days.toSorted(byText)).toEqual([
        [one.registerId, START_DAY - 1],
        [one.registerId, START_DAY],
      ]);
    });

    test("a redelivery changes nothing and makes nothing stale; what is new in its batch does both", async () => {
      const one = await meter(bed, "a");
      const message: Message = { ...one, atMs: START_MS, values: ["1.5"] };
      await bed.store.storeBatch(batchOf([message]), never);
      const before = await bed.rows();
      const again = await bed.store.storeBatch(batchOf([message]), never);
      expect(again).toEqual({ refused: [], transactions: 1, mergedTransactions: 1, journalled: false });
      expect(await bed.rows()).toMatchObject({ readings: before.readings, journal: [{}] });
      const noon = START_MS + 12 * 60 * MINUTE_MS;
      const fresh: Message = { ...one, atMs: noon + 2 * DAY_MS, values: ["2.5"], late: true };
      const mixed = await bed.store.storeBatch(batchOf([message, fresh, fresh]), never);
      expect(mixed).toMatchObject({ mergedTransactions: 1, journalled: true });
      const { readings, journal } = await bed.rows();
      expect(readings).toHaveLength(2);
      expect(journal[1]).toMatchObject({ pairs: [{ registerId: one.registerId, day: START_DAY + 2 }] });
    });

    test("distinct values of one instant are all kept, and of one value what another layout says", async () => {
      const one = await meter(bed, "a", "b");
      const [first = 0] = one.registerIds;
      const layouts = await bed.store.createLayouts([{ deviceId: one.deviceId, layouts: [[first]] }], 10);
      const alone = layouts.find(({ registerIds }) => registerIds.length === 1)?.id ?? 0;
      const at = { ...one, atMs: START_MS };
      await bed.store.storeBatch(batchOf([{ ...at, values: ["1.5", null] }]), never);
      await bed.store.storeBatch(batchOf([{ ...at, values: ["1.50", null] }]), never);
      await bed.store.storeBatch(batchOf([{ ...at, layoutId: alone, values: ["1.5"] }]), never);
      await bed.store.storeBatch(batchOf([{ ...at, values: ["1.5", null], clock: 2 }]), never);
      expect((await bed.rows()).readings).toHaveLength(3);
    });

    test("of a batch exactly what the store refuses is in quarantine, whole", async () => {
      const one = await meter(bed, "a");
      const nobody = { ...one, deviceId: FOR_EVER, payload: "stranger" };
      const batch = batchOf([
        { ...one, atMs: START_MS, values: ["1"] },
        nobody,
        { ...one, atMs: START_MS + 1, values: ["2"] },
        { ...one, payload: "broken" },
      ]);
      const { refused } = await bed.store.storeBatch(batch, never);
      expect(refused.map(({ message }) => message)).toEqual([1]);
      const { readings, quarantine } = await bed.rows();
      expect(readings).toHaveLength(2);
      expect(
        quarantine
          .map(({ deviceId, reason, payload }) => [deviceId, reason, String(payload)])
          .toSorted(byText),
      ).toEqual(
        [
          [null, "refused_by_store", "stranger"],
          [one.deviceId, "reading_malformed", "broken"],
        ].toSorted(byText),
      );
    });

    test("what was written to quarantine before is not written twice, and as often as it was said at once", async () => {
      const one = await meter(bed, "a");
      await bed.store.storeBatch(batchOf([one, one]), never);
      await bed.store.storeBatch(batchOf([one]), never);
      await bed.store.storeBatch(batchOf([{ ...one, receivedAtMs: START_MS + 1 }]), never);
      expect((await bed.rows()).quarantine).toHaveLength(3);
    });

    test("a message read again is settled with its readings, or refused anew in its place", async () => {
      const one = await meter(bed, "a");
      await bed.store.storeBatch(
        batchOf([
          { ...one, payload: "good" },
          { ...one, payload: "bad" },
        ]),
        never,
      );
      const rows = (await bed.rows()).quarantine;
      const idOf = (payload: string) => rows.find((row) => String(row.payload) === payload)?.id ?? 0;
      const again = batchOf([
        { ...one, payload: "good", replayOf: idOf("good"), atMs: START_MS, values: ["1"] },
        { ...one, payload: "bad", replayOf: idOf("bad"), unclaimed: { externalId: "x", profile: null } },
      ]);
      await bed.store.storeBatch(again, never);
      const { readings, quarantine } = await bed.rows();
      expect(readings).toHaveLength(1);
      expect(
        quarantine
          .map(({ payload, replayed, reason }) => [String(payload), replayed, reason])
          .toSorted(byText),
      ).toEqual([
        ["bad", false, "device_unclaimed"],
        ["good", true, "reading_malformed"],
      ]);
    });

    test("claimed devices are found behind their gateway, and get what was kept as nobody's", async () => {
      const gateway = await meter(bed, "a");
      const child = await bed.addDevice([], { parentId: gateway.deviceId, externalId: "x" });
      const said = (externalId: string) => ({ ...gateway, unclaimed: { externalId, profile: "p1" } });
      await bed.store.storeBatch(batchOf([said("x"), said("y"), gateway]), never);
      expect(await bed.store.loadChildren([gateway.deviceId])).toEqual([{ externalId: "x", device: child }]);
      expect(await bed.store.adoptClaimed([gateway.deviceId])).toBe(1);
      expect(await bed.store.adoptClaimed([gateway.deviceId])).toBe(0);
      const { quarantine } = await bed.rows();
      const adopted = quarantine.filter(({ deviceId }) => deviceId === child.id);
      expect(adopted).toMatchObject([
        { externalId: null, profile: "senml", isRequested: true, replayed: false },
      ]);
    });

    test("marks of when devices were heard move on, by half a minute at least and never into the future", async () => {
      const { id } = await bed.addDevice([]);
      const nowMs = Math.floor(systemTime.now() / 1000) * 1000 - 60 * MINUTE_MS;
      const seen = async () => (await bed.rows()).seen.find(({ deviceId }) => deviceId === id)?.seenAtMs ?? 0;
      await bed.store.markSeen(new Map([[id, nowMs]]));
      await bed.store.markSeen(new Map([[id, nowMs + 20_000]]));
      expect(await seen()).toBe(nowMs);
      await bed.store.markSeen(new Map([[id, nowMs + 40_000]]));
      expect(await seen()).toBe(nowMs + 40_000);
      await bed.store.markSeen(new Map([[id, nowMs + FOR_EVER]]));
      expect(await seen()).toBeLessThanOrEqual(systemTime.now());
      await bed.store.markClockSkew(new Map([[id, { aheadMs: -1200, atMs: nowMs }]]));
      expect((await bed.rows()).seen).toContainEqual(
        expect.objectContaining({ deviceId: id, aheadMs: -1200 }),
      );
    });

    test("what is asked of a device is written once while it waits, and of nobody not at all", async () => {
      const { id } = await bed.addDevice([]);
      const ask = (topic: string, deviceId: number, createdAtMs: number) =>
        bed.store.requestOfDevice({
          deviceId,
          topic,
          payload: Buffer.from("?"),
          createdAtMs,
          expiresAtMs: createdAtMs + MINUTE_MS,
        });
      await ask("a", id, START_MS);
      await ask("a", id, START_MS + 1);
      await ask("b", id, START_MS + 1);
      await ask("a", FOR_EVER, START_MS);
      await ask("a", id, START_MS + MINUTE_MS);
      expect((await bed.rows()).commands.map(({ topic }) => topic)).toEqual(["a", "b", "a"]);
    });
  });
}

async function addPoints(bed: Bed): Promise<[number, number, number]> {
  const add = (carrier: "electricity" | "gas", direction: "import" | "export") =>
    bed.addSupplyPoint({ carrier, direction, connectionKva: null });
  return [await add("electricity", "import"), await add("electricity", "export"), await add("gas", "import")];
}

function byName<Row extends { readonly name: string }>(rows: readonly Row[]): Row[] {
  return [...rows].sort((one, other) => (one.name < other.name ? -1 : 1));
}
