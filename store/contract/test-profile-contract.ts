// What the workers that keep profiles rely on, whichever store they are given.
import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS, systemTime, utcDayNumber } from "#devices/time";
import { SLIP_RULES } from "#devices/vocabulary";
import {
  storeFailureOf,
  type ProfileDay,
  type ProfileTransaction,
  type RegisterDecision,
  type Unallocated,
} from "#store";
import type { Bed } from "./test-bed.ts";
import {
  batchOf,
  dayOf,
  ENERGY,
  meter,
  never,
  START_DAY,
  START_MS,
  byText,
  estimateOf,
} from "./test-written.ts";

export function profileContract(name: string, open: () => Promise<Bed>): void {
  describe(`profiles on ${name}`, () => {
    let bed: Bed;
    beforeEach(async () => {
      bed = await open();
    });

    /** In a transaction of its own. */
    const inOne = <T>(work: (transaction: ProfileTransaction) => Promise<T>) => bed.store.transaction(work);

    /** A transaction that stays open until `end` says how it ends. */
    async function held<T>(work: (transaction: ProfileTransaction) => Promise<T>) {
      const ended = Promise.withResolvers<Error | undefined>();
      const started = Promise.withResolvers<T>();
      const whole = bed.store
        .transaction(async (transaction) => {
          started.resolve(await work(transaction));
          const error = await ended.promise;
          if (error !== undefined) throw error;
        })
        .catch((error: unknown) => started.reject(error));
      const answer = await started.promise;
      const end = async (error?: Error) => {
        ended.resolve(error);
        await whole;
      };
      return { answer, end };
    }

    const pairsOf = (claimed: readonly { readonly registerId: number; readonly day: number }[]) =>
      claimed.map(({ registerId, day }) => [registerId, day - START_DAY]);

    test("what commits made stale is claimed once a pair, with what judges its register", async () => {
      const point = await bed.addSupplyPoint({
        carrier: "electricity",
        direction: "both",
        connectionKva: 9.2,
      });
      const { id } = await bed.addDevice([point]);
      const specs = [ENERGY, { ...ENERGY, name: "power", kind: "instantaneous" as const, quantity: "power" }];
      const registers = await bed.store.createRegisters([{ deviceId: id, specs }], 10);
      const energy = registers.find((one) => one.name === ENERGY.name)?.id ?? 0;
      const other = registers.find((one) => one.name === "power")?.id ?? 0;
      const noon = START_MS + 12 * HOUR_MS;
      for (const [values, late] of [
        [["1"], false],
        [["2"], true],
      ] as const) {
        const message = { deviceId: id, layoutId: 1, registerIds: [energy, other], atMs: noon, values, late };
        await bed.store.storeBatch(batchOf([message]), never);
      }
      const claimed = await inOne((transaction) => transaction.claimJournal(100));
      expect(claimed).toEqual([
        {
          deviceId: id,
          registerId: energy,
          day: START_DAY,
          carrier: "electricity",
          quantity: "energy",
          unit: "kWh",
          interpolateMaxS: 7200,
          maxPerHour: null,
          connectionKva: 9.2,
          late: true,
          cause: "readings",
          computedAgoMs: null,
        },
      ]);
      expect((await bed.rows()).journal).toEqual([]);
    });

    test("a claim is nobody else's while it lasts, and there again if it fails", async () => {
      const { registerId } = await meter(bed, "a");
      const put = (day: number) =>
        inOne((transaction) => transaction.putBack([{ registerId, day, late: false }], 0));
      await put(START_DAY);
      const first = await held((transaction) => transaction.claimJournal(100));
      await put(START_DAY + 1);
      const second = await held((transaction) => transaction.claimJournal(100));
      expect([pairsOf(first.answer), pairsOf(second.answer)]).toEqual([[[registerId, 0]], [[registerId, 1]]]);
      expect(await inOne((transaction) => transaction.claimJournal(100))).toEqual([]);
      await second.end();
      await first.end(new Error("killed"));
      expect(pairsOf(await inOne((transaction) => transaction.claimJournal(100)))).toEqual([[registerId, 0]]);
      expect(await inOne((transaction) => transaction.claimJournal(100))).toEqual([]);
    });

    test("a claim ends with the row that fills it, the oldest first; pairs come by device, day and register", async () => {
      const one = await meter(bed, "a", "b");
      const two = await meter(bed, "a");
      const [first = 0, second = 0] = one.registerIds;
      const put = (pairs: readonly (readonly [number, number])[]) =>
        inOne((transaction) =>
          transaction.putBack(
            pairs.map(([registerId, day]) => ({ registerId, day: START_DAY + day, late: false })),
            0,
          ),
        );
      await put([
        [two.registerId, 0],
        [second, 1],
        [first, 1],
      ]);
      await put([[first, 0]]);
      await put([[first, 5]]);
      const claim = (max: number) => inOne((transaction) => transaction.claimJournal(max));
      expect(pairsOf(await claim(4))).toEqual([
        [first, 0],
        [first, 1],
        [second, 1],
        [two.registerId, 0],
      ]);
      expect(pairsOf(await claim(1))).toEqual([[first, 5]]);
      await put([
        [first, 0],
        [second, 0],
      ]);
      await put([[first, 5]]);
      expect(await claim(1)).toHaveLength(2);
      expect(await claim(1)).toHaveLength(1);
    });

    test("what is put back is due after its delay, with the cause that tells most", async () => {
      const { registerId } = await meter(bed, "a");
      const pair = { registerId, day: START_DAY };
      await inOne((transaction) => transaction.putBack([], 0));
      await inOne((transaction) =>
        transaction.putBack(
          [
            { ...pair, late: false, cause: "readings" },
            { ...pair, late: true, cause: "rule_changed" },
          ],
          HOUR_MS,
        ),
      );
      await inOne((transaction) => transaction.putBack([{ ...pair, late: false, cause: "ruling" }], 0));
      await inOne((transaction) => transaction.putBack([{ ...pair, late: true }], 0));
      const claimed = await inOne((transaction) => transaction.claimJournal(100));
      expect(claimed).toMatchObject([{ cause: "ruling", late: true }]);
      const { journal } = await bed.rows();
      expect(journal).toMatchObject([{ cause: "rule_changed", late: true, pairs: [pair, pair] }]);
      expect(Math.abs((journal[0]?.dueInMs ?? 0) - HOUR_MS)).toBeLessThan(MINUTE_MS);
    });

    test("a register is locked for one transaction at a time, and nobody waits for it", async () => {
      const { registerIds } = await meter(bed, "a", "b");
      const [first = 0, second = 0] = registerIds;
      const one = await held((transaction) => transaction.lockRegisters([first]));
      expect([...one.answer]).toEqual([first]);
      expect([...(await inOne((transaction) => transaction.lockRegisters([first, second])))]).toEqual([
        second,
      ]);
      await one.end(new Error("killed"));
      expect((await inOne((transaction) => transaction.lockRegisters([first, second]))).size).toBe(2);
    });

    test("days are saved whole or not at all; those that changed come back as they were, and only they get a revision", async () => {
      const { registerId } = await meter(bed, "a");
      const [same, other] = [dayOf(registerId, START_DAY, 10), dayOf(registerId, START_DAY + 1, 10)];
      const bytes = ({ quarters, statuses }: typeof same) => ({ quarters, statuses });
      const saved = (one: typeof same, revision: number, before?: typeof same, estimated?: typeof same) => ({
        registerId,
        day: one.day,
        revision,
        before: before && bytes(before),
        estimated: estimated && bytes(estimated),
      });
      expect(await inOne((transaction) => transaction.saveDays([same, other]))).toEqual([
        saved(same, 1),
        saved(other, 1),
      ]);
      const changed = dayOf(registerId, START_DAY + 1, 11);
      const failing = await held((transaction) => transaction.saveDays([changed]));
      expect((await bed.rows()).days.map(({ revision }) => revision)).toEqual([1, 1]);
      await failing.end(new Error("killed"));
      const estimate = dayOf(registerId, START_DAY + 1, 5, 2);
      await inOne((transaction) => transaction.saveEstimates(registerId, [estimateOf(estimate)]));
      expect(await inOne((transaction) => transaction.saveDays([same, changed]))).toEqual([
        saved(changed, 3, other, estimate),
      ]);
      const days = (await bed.rows()).days;
      expect(days).toHaveLength(2);
      expect(days).toContainEqual({ ...same, revision: 1 });
      expect(days).toContainEqual({ ...changed, revision: 2 });
      const seen = await inOne((transaction) =>
        transaction.profileDays(registerId, START_DAY + 1, START_DAY + 2),
      );
      expect(seen).toEqual([{ day: changed.day, ...bytes(changed), revision: 2 }]);
      await inOne((transaction) => transaction.putBack([{ registerId, day: START_DAY, late: false }], 0));
      const [stale] = await inOne((transaction) => transaction.claimJournal(10));
      expect(stale?.computedAgoMs ?? Infinity).toBeLessThan(MINUTE_MS);
    });

    test("pieces are found by what they overlap, and known by beginning and cause", async () => {
      const { registerId } = await meter(bed, "a");
      const piece = (fromH: number, toH: number, cause: Unallocated["cause"] = "gap"): Unallocated => ({
        registerId,
        fromMs: START_MS + fromH * HOUR_MS,
        toMs: START_MS + toH * HOUR_MS,
        energy: -(2 ** 40),
        cause,
      });
      const all = [piece(0, 2), piece(2, 4), piece(2, 5, "reset"), piece(6, 7)];
      await inOne((transaction) => transaction.replaceUnallocated([], all));
      const list = (fromH: number, toH: number) =>
        inOne((transaction) => transaction.listUnallocated([piece(fromH, toH)]));
      expect(await list(2, 6)).toEqual([all[1], all[2]]);
      const moved = piece(2, 6);
      await inOne((transaction) => transaction.replaceUnallocated([piece(2, 4)], [moved]));
      expect(await list(-Infinity, Infinity)).toEqual([all[0], moved, all[2], all[3]]);
      const twice = inOne(async (transaction) => {
        await transaction.replaceUnallocated([piece(0, 2)], []);
        await transaction.replaceUnallocated([], [moved]);
      });
      expect(await twice.catch(storeFailureOf)).toBe("duplicate");
      expect(await list(-1, 1)).toEqual([all[0]]);
    });

    test("decisions are found by what they touch, those of one reading too", async () => {
      const { registerId } = await meter(bed, "a");
      const decision = (fromH: number, toH: number): RegisterDecision => ({
        registerId,
        fromMs: START_MS + fromH * HOUR_MS,
        toMs: START_MS + toH * HOUR_MS,
        kind: "glitch",
        fromIndex: "12.50",
        toIndex: "0.000",
        rulingId: null,
        evidence: { rule: "dip", index: 3 },
      });
      await inOne((transaction) =>
        transaction.saveDecisions([], [decision(0, 1), decision(1, 1), decision(1, 3)]),
      );
      const list = (fromH: number, toH: number) =>
        inOne((transaction) => transaction.listDecisions([decision(fromH, toH), decision(fromH, toH)]));
      expect(new Set(await list(1, 2))).toEqual(new Set([decision(1, 1), decision(1, 3)]));
      await inOne((transaction) => transaction.saveDecisions([decision(1, 3)], [decision(2, 3)]));
      expect(await list(2, 3)).toEqual([decision(2, 3)]);
    });

    test("the edges of slips are found wherever they are, the oldest first, and no other decisions", async () => {
      const { registerIds } = await meter(bed, "a", "b");
      const [first = 0, second = 0] = registerIds;
      const decision = (registerId: number, rule: string, fromH: number, toH: number): RegisterDecision => ({
        registerId,
        fromMs: START_MS + fromH * HOUR_MS,
        toMs: START_MS + toH * HOUR_MS,
        kind: "glitch",
        fromIndex: "12.5",
        toIndex: "12500",
        rulingId: null,
        evidence: { rule, factor: 0.001 },
      });
      const opened = decision(first, SLIP_RULES.opens, 30, 900);
      const closed = decision(first, SLIP_RULES.closes, 901, 902);
      const other = decision(second, SLIP_RULES.opens, 1, 2);
      const odd = [decision(first, "jump", 3, 4), decision(second, "no reading", 3, 3)];
      await inOne((transaction) => transaction.saveDecisions([], [closed, opened, other, ...odd]));
      const listIn = (fromH: number, toH: number, ...ids: number[]) =>
        inOne((transaction) =>
          transaction.listUnitSlips(
            ids.map((registerId) => ({
              registerId,
              fromMs: START_MS + fromH * HOUR_MS,
              toMs: START_MS + toH * HOUR_MS,
            })),
          ),
        );
      const list = (...ids: number[]) => listIn(0, 1000, ...ids);
      const edge = ({ registerId, fromMs, toMs, evidence }: RegisterDecision) => {
        return { registerId, fromMs, toMs, evidence };
      };
      expect(await list(first)).toEqual([edge(opened), edge(closed)]);
      expect(await list(first, second)).toEqual([edge(other), edge(opened), edge(closed)]);
      expect(await list()).toEqual([]);
      await inOne((transaction) => transaction.saveDecisions([closed], []));
      expect(await list(first)).toEqual([edge(opened)]);
      // Of many those within a span, and four on either side.
      const many = Array.from({ length: 20 }, (_, at) =>
        decision(second, at % 2 === 0 ? SLIP_RULES.opens : SLIP_RULES.closes, 1000 + at, 1001 + at),
      );
      await inOne((transaction) => transaction.saveDecisions([], many));
      expect(await listIn(1008, 1010, second, second)).toEqual(many.slice(4, 14).map(edge));
      expect(await listIn(1008, 1008, second)).toEqual(many.slice(4, 12).map(edge));
    });

    test("readings are found within spans and nearest beyond them, all of one instant or none", async () => {
      const one = await meter(bed, "a", "b");
      const [first = 0, second = 0] = one.registerIds;
      const send = (minute: number, values: readonly (string | null)[], clock = 0) =>
        bed.store.storeBatch(
          batchOf([{ ...one, atMs: START_MS + minute * MINUTE_MS, values, clock }]),
          never,
        );
      for (let minute = 0; minute < 12; minute++)
        await send(minute, [`${minute}.0`, minute < 2 ? "7" : null]);
      await send(11, ["11.5", null], 2);
      await send(9, ["9.5", null]);
      const at = (minute: number) => START_MS + minute * MINUTE_MS;
      const span = { deviceId: one.deviceId, fromMs: at(3), toMs: at(5) };
      const found = await inOne((transaction) => transaction.indexValues([span], [first, second]));
      expect(
        found
          .get(first)
          ?.map(({ atMs, value }) => [atMs, value])
          .toSorted(byText),
      ).toEqual([
        [at(3), "3.0"],
        [at(4), "4.0"],
        [at(5), "5.0"],
      ]);
      expect(found.get(second)).toEqual([]);
      const need = { deviceId: one.deviceId, counts: () => true };
      const [before, after] = await inOne((transaction) =>
        transaction.indexValuesBeyond([
          { ...need, side: "before", atMs: at(8), registerIds: [first, second] },
          { ...need, side: "after", atMs: at(10), registerIds: [first] },
        ]),
      );
      expect(
        before
          ?.get(second)
          ?.map(({ atMs }) => atMs)
          .toSorted(byText),
      ).toEqual([at(0), at(1)]);
      const [last] = await inOne((transaction) =>
        transaction.indexValuesBeyond([{ ...need, side: "before", atMs: at(20), registerIds: [first] }]),
      );
      expect(
        last
          ?.get(first)
          ?.flatMap(({ atMs, value }) => (atMs === at(9) ? [value] : []))
          .toSorted(byText),
      ).toEqual(["9.0", "9.5"]);
      expect(after?.get(first)).toHaveLength(2);
      expect(new Set(after?.get(first)?.map(({ value, clock }) => `${value} ${clock}`))).toEqual(
        new Set(["11.0 0", "11.5 2"]),
      );
    });

    test("a ruling is heard, and makes the days around it stale", async () => {
      const { registerId } = await meter(bed, "a");
      const far = dayOf(registerId, START_DAY + 30, 1);
      await inOne((transaction) => transaction.saveDays([dayOf(registerId, START_DAY, 1), far]));
      const ruling = {
        registerId,
        kind: "reset" as const,
        fromMs: START_MS + HOUR_MS,
        toMs: START_MS + 12 * HOUR_MS,
        closingIndex: "12.5",
        openingIndex: null,
      };
      await bed.addRuling(ruling);
      expect(await inOne((transaction) => transaction.listRulings([registerId]))).toMatchObject([ruling]);
      const claimed = await inOne((transaction) => transaction.claimJournal(100));
      expect(pairsOf(claimed)).toEqual([-2, -1, 0, 1].map((day) => [registerId, day]));
      expect(new Set(claimed.map(({ cause }) => cause))).toEqual(new Set(["ruling"]));
    });

    test("changes of values that were there are noted, gained values are not", async () => {
      const { registerId } = await meter(bed, "a");
      const [before, after] = [
        dayOf(registerId, START_DAY, 10, 4, { 5: 0 }),
        dayOf(registerId, START_DAY, 10),
      ];
      const change = { registerId, day: START_DAY, cause: "readings" as const, revision: 7 };
      await inOne((transaction) =>
        transaction.noteLoadChanges("measured", [
          { ...change, before, after },
          { ...change, before: after, after: before },
        ]),
      );
      const bytes = ({ quarters, statuses }: typeof before) => ({ quarters, statuses });
      expect((await bed.rows()).changes).toMatchObject([
        { layer: "measured", ...change, before: bytes(after), after: bytes(before) },
      ]);
    });

    test("gaps of days that are over are due once, of registers that count; taken by one, again after a delay", async () => {
      const { registerId } = await meter(bed, "a");
      const { id } = await bed.addDevice([]);
      const [loose] = await bed.store.createRegisters([{ deviceId: id, specs: [ENERGY] }], 10);
      const gap = { 7: 0 };
      const today = utcDayNumber(systemTime.now());
      const days = [
        dayOf(registerId, START_DAY, 1, 4, gap),
        dayOf(registerId, START_DAY + 1, 1),
        dayOf(registerId, today + 1, 1, 4, gap),
        dayOf(loose?.id ?? 0, START_DAY, 1, 4, gap),
      ].map((day) => ({ ...day, isChanged: false }));
      await inOne((transaction) => transaction.noteEstimatesDue(days));
      await inOne((transaction) => transaction.noteEstimatesDue(days));
      const building = { buildingId: 1, timezone: "Europe/Brussels", country: "BE" };
      const work = { registerId, days: [START_DAY], carrier: "electricity", ...building };
      const first = await held((transaction) => transaction.claimEstimates(10));
      expect(first.answer).toEqual([work]);
      expect(await inOne((transaction) => transaction.claimEstimates(10))).toEqual([]);
      await first.end(new Error("killed"));
      expect(await inOne((transaction) => transaction.claimEstimates(10))).toEqual([work]);
      await inOne((transaction) => transaction.noteEstimatesAgain(work, HOUR_MS));
      expect(await inOne((transaction) => transaction.claimEstimates(10))).toEqual([]);
      const [due] = (await bed.rows()).due;
      expect(Math.abs((due?.dueInMs ?? 0) - HOUR_MS)).toBeLessThan(MINUTE_MS);
    });

    test("estimates are kept where there are any; those that changed come back, and an emptied one stays due to be looked at", async () => {
      const { registerId, supplyPointId } = await meter(bed, "a");
      const [some, none] = [dayOf(registerId, START_DAY, 5, 2), dayOf(registerId, START_DAY, 0, 0)];
      const elsewhere = dayOf(registerId, START_DAY + 1, 0, 0);
      const save = (...days: (typeof some)[]) =>
        inOne((transaction) =>
          transaction.saveEstimates(
            registerId,
            days.map((one) => estimateOf(one, 0)),
          ),
        );
      expect(await save(some, elsewhere)).toEqual([]);
      expect((await bed.rows()).estimates).toEqual([{ registerId, ...estimateOf(some, 0), revision: 1 }]);
      expect(await save(some)).toEqual([]);
      await inOne((transaction) => transaction.saveDays([dayOf(registerId, START_DAY, 9, 4, { 3: 0 })]));
      const span = { direction: "import" as const, fromMs: START_MS, toMs: START_MS + DAY_MS };
      const [shown] = await bed.loadSupplyPointDays([supplyPointId], span);
      const [day] = shown?.days ?? [];
      expect([day?.quarters.readInt32LE(12), day?.statuses[3], day?.statuses[4], day?.revision]).toEqual([
        5, 2, 4, 2,
      ]);
      const { quarters, statuses } = some;
      expect(await save(none)).toEqual([{ day: START_DAY, quarters, statuses, revision: 1 }]);
      expect((await bed.rows()).estimates).toEqual([{ registerId, ...estimateOf(none, 0), revision: 2 }]);
      await inOne((transaction) =>
        transaction.noteEstimatesDue([{ ...dayOf(registerId, START_DAY, 1), isChanged: false }]),
      );
      expect(await inOne((transaction) => transaction.claimEstimates(10))).toMatchObject([{ registerId }]);
    });

    test("estimates that look as far as a day that changed, or that is over, are due again", async () => {
      const { registerId } = await meter(bed, "a");
      const at = (day: number, reachDays: number) =>
        estimateOf(dayOf(registerId, START_DAY + day, 1, 2), reachDays);
      const estimates = [at(-3, 0), at(-2, 1), at(-1, 0), at(0, 1), at(4, 3), at(5, 3)];
      await inOne((transaction) => transaction.saveEstimates(registerId, estimates));
      const due = async () => {
        const [work] = await inOne((transaction) => transaction.claimEstimates(10));
        return work?.days.map((day) => day - START_DAY);
      };
      const saved = dayOf(registerId, START_DAY, 1);
      const note = (isChanged: boolean) =>
        inOne((transaction) => transaction.noteEstimatesDue([{ ...saved, isChanged }]));
      await note(false);
      expect(await due()).toEqual([0]);
      await note(true);
      expect(await due()).toEqual([-2, 0, 4]);
      await bed.store.noteDayOver(START_DAY);
      expect(await due()).toBeUndefined();
      await inOne((transaction) => transaction.saveDays([saved]));
      await bed.store.noteDayOver(START_DAY);
      expect(await due()).toEqual([-2, 0]);
    });

    test("a day is noted of a register that fell silent, which nobody saved since", async () => {
      const today = utcDayNumber(systemTime.now());
      const gap = { 90: 0 };
      const ids = new Map<string, number>();
      const save = async (name: string, ...ago: readonly number[]) => {
        const registerId = ids.get(name) ?? (await meter(bed, "a")).registerId;
        ids.set(name, registerId);
        const days = ago.map((days) => dayOf(registerId, today - days, 1, 4, name === "whole" ? {} : gap));
        await inOne((transaction) => transaction.saveDays(days));
      };
      const due = async () => {
        const names = new Map([...ids].map(([name, id]) => [id, name]));
        const rows = (await bed.rows()).due;
        return new Set(rows.map(({ registerId, day }) => `${names.get(registerId)} ${today - day}`));
      };
      // What was computed two days ago; it may be of a day that was still to come.
      await save("stopped", 2);
      await save("ahead", 2, 1, 0);
      await save("whole", 2, 1);
      await save("silent", 3);
      await bed.computedEarlier(2 * DAY_MS);
      // Yesterday: before midnight nobody has all of a day.
      await save("lives", 2, 1);
      await bed.computedEarlier(DAY_MS - 1);
      await save("young", 0);
      await bed.store.noteSilent(today);
      expect(await due()).toEqual(new Set());
      await bed.store.noteSilent(today - 3);
      const noted = ["stopped 2", "stopped 1", "ahead 2", "ahead 1", "silent 2", "silent 1"];
      expect(await due()).toEqual(new Set(noted));
      for (const one of noted) {
        const [name = "", ago] = one.split(" ");
        const registerId = ids.get(name) ?? 0;
        const day = dayOf(registerId, today - Number(ago), 1, 2);
        await inOne((transaction) => transaction.saveEstimates(registerId, [estimateOf(day)]));
      }
      await inOne((transaction) => transaction.claimEstimates(10));
      await bed.store.noteSilent(today - 3);
      expect(await due()).toEqual(new Set());
    });

    test("a meter that came in another's place counts from its first value on, whatever the order of its days", async () => {
      const point = await bed.addSupplyPoint({
        carrier: "electricity",
        direction: "both",
        connectionKva: null,
      });
      const { id } = await bed.addDevice([point]);
      const ofMeter = async (equipmentId: string) =>
        (await bed.store.createRegisters([{ deviceId: id, specs: [{ ...ENERGY, equipmentId }] }], 10)).find(
          (register) => register.equipmentId === equipmentId,
        )?.id ?? 0;
      const [elder, young] = [await ofMeter("elder"), await ofMeter("young")];
      const span = { direction: "import" as const, fromMs: START_MS, toMs: START_MS + 10 * DAY_MS };
      const begins = async () =>
        (await bed.loadSupplyPointDays([point], span)).map(({ registerId, fromMs }) => [registerId, fromMs]);
      const save = (...days: readonly ProfileDay[]) => inOne((transaction) => transaction.saveDays(days));
      expect(await begins()).toEqual([[elder, -Infinity]]);
      await save(
        dayOf(elder, START_DAY, 1),
        dayOf(young, START_DAY + 5, 1),
        dayOf(young, START_DAY + 4, 1, 0),
      );
      expect(await begins()).toEqual([
        [elder, -Infinity],
        [young, START_MS + 5 * DAY_MS],
      ]);
      await save(dayOf(young, START_DAY + 3, 1, 4, { 0: 0, 1: 0 }), dayOf(young, START_DAY + 6, 1));
      const earliest = [
        [elder, -Infinity],
        [young, START_MS + 3 * DAY_MS + 2 * QUARTER_MS],
      ];
      expect(await begins()).toEqual(earliest);
      // Of a clock that was never set.
      await save(dayOf(young, START_DAY - 2000, 1));
      expect(await begins()).toEqual(earliest);
      await inOne(async (transaction) => {
        await transaction.saveDays([dayOf(young, START_DAY + 1, 1)]);
        throw new Error("killed");
      }).catch(() => undefined);
      expect(await begins()).toEqual(earliest);
    });

    test("a load is made of the main registers of its carrier and direction", async () => {
      const point = await bed.addSupplyPoint({
        carrier: "electricity",
        direction: "both",
        connectionKva: null,
      });
      const { id } = await bed.addDevice([point]);
      const specs = [
        { ...ENERGY, name: "total" },
        { ...ENERGY, name: "day", tariff: "1" },
        { ...ENERGY, name: "back", direction: "export" as const },
        { ...ENERGY, name: "volume", quantity: "volume" },
      ];
      const registers = await bed.store.createRegisters([{ deviceId: id, specs }], 10);
      for (const register of registers)
        await inOne((transaction) => transaction.saveDays([dayOf(register.id, START_DAY, register.id)]));
      const idOf = (wanted: string) => registers.find((register) => register.name === wanted)?.id;
      const span = { fromMs: START_MS, toMs: START_MS + DAY_MS };
      const load = (direction: "import" | "export") =>
        bed.loadSupplyPointDays([point], { direction, ...span });
      expect((await load("import")).map(({ registerId, days }) => [registerId, days.length])).toEqual([
        [idOf("day"), 1],
      ]);
      expect((await load("export")).map(({ registerId }) => registerId)).toEqual([idOf("back")]);
      const later = { direction: "import" as const, fromMs: span.toMs, toMs: span.toMs + DAY_MS };
      expect(await bed.loadSupplyPointDays([point], later)).toMatchObject([
        { registerId: idOf("day"), days: [] },
      ]);
    });
  });
}
