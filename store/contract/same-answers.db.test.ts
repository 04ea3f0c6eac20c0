// Whatever is done to them, in whatever order, the store in memory and PostgreSQL keep and answer the same.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, systemTime } from "#devices/time";
import { openPool, type Pool, type ProfileTransaction } from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";
import { createDrain, createEstimator } from "#worker";
import type { Bed, Rows } from "./test-bed.ts";
import { memoryBed } from "./test-memory-bed.ts";
import { postgresBed } from "./test-postgres-bed.ts";
import {
  batchOf,
  dayOf,
  ENERGY,
  meter,
  never,
  START_DAY,
  START_MS,
  type Meter,
  byText,
  estimateOf,
} from "./test-written.ts";

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "same-answers-test" });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** What one of them is asked; numbers choose among what there is. */
type Operation =
  | { readonly what: "batch"; readonly messages: readonly DrawnMessage[] }
  | { readonly what: "registers"; readonly meter: number; readonly names: readonly string[] }
  | { readonly what: "facts"; readonly meter: number; readonly facts: readonly (readonly [string, string])[] }
  | { readonly what: "ruling"; readonly register: number; readonly fromH: number; readonly hours: number }
  | { readonly what: "work" | "estimate" | "killed work" }
  | { readonly what: "put back"; readonly register: number; readonly day: number; readonly late: boolean }
  | { readonly what: "days"; readonly register: number; readonly day: number; readonly energy: number };

type DrawnMessage = {
  readonly meter: number;
  readonly minute: number;
  readonly index: number;
  readonly second: boolean;
  readonly clock: number;
  readonly kind: "reading" | "broken" | "stranger" | "unclaimed";
};

const small = fc.nat({ max: 3 });
const day = fc.integer({ min: -2, max: 3 });
/** Mostly on and around midnights, where days are neighbours. */
const minute = fc.oneof(
  fc.integer({ min: -1440, max: 4320 }),
  fc.tuple(day, fc.integer({ min: -250, max: 250 })).map(([at, off]) => at * 1440 + off),
);
const drawnMessage: fc.Arbitrary<DrawnMessage> = fc.record({
  meter: small,
  minute,
  index: fc.oneof(fc.nat({ max: 9_000_000 }), fc.constantFrom(0, 1000, 50_000, 50_000_000, 2 ** 32)),
  second: fc.boolean(),
  clock: fc.nat({ max: 3 }),
  kind: fc.constantFrom("reading", "reading", "reading", "reading", "broken", "stranger", "unclaimed"),
});
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant("batch"),
      messages: fc.array(drawnMessage, { minLength: 1, maxLength: 8 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constantFrom("work", "estimate", "killed work") }) },
  fc.record({
    what: fc.constant("registers"),
    meter: small,
    names: fc.array(fc.constantFrom("a", "b", "c", "d")),
  }),
  fc.record({
    what: fc.constant("facts"),
    meter: small,
    facts: fc.array(fc.tuple(fc.constantFrom("k", "l", "m"), fc.constantFrom("", "1", "2"))),
  }),
  fc.record({
    what: fc.constant("ruling"),
    register: small,
    fromH: fc.integer({ min: -30, max: 60 }),
    hours: fc.nat({ max: 40 }),
  }),
  fc.record({ what: fc.constant("put back"), register: small, day, late: fc.boolean() }),
  fc.record({ what: fc.constant("days"), register: small, day, energy: small }),
) as fc.Arbitrary<Operation>;

test("any sequence of what ingest, workers and people do leaves both alike", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 3, maxLength: 25 }), async (operations) => {
      const beds = [memoryBed(), await postgresBed(pool)] as const;
      const answers = [];
      for (const bed of beds) {
        const meters = [await meter(bed, "a", "b"), await meter(bed, "a")];
        const said: unknown[] = [];
        for (const one of operations) said.push(await play(bed, meters, one));
        const rows = await bed.rows();
        const span = {
          fromMs: START_MS - DAY_MS,
          toMs: START_MS + 3 * DAY_MS,
          direction: "import" as const,
        };
        const points = meters.map(({ supplyPointId }) => supplyPointId);
        const load = await bed.loadSupplyPointDays(points, span);
        answers.push({ said, load: named(load, rows, meters), kept: keptOf(rows, meters) });
      }
      expect(answers[0]).toEqual(answers[1]);
    }),
    { numRuns: 25 },
  );
});

async function play(bed: Bed, meters: readonly Meter[], operation: Operation): Promise<unknown> {
  const log = { debug: () => undefined, error: (fields: object) => expect(fields).toBeUndefined() };
  const work = { store: bed.store, time: systemTime, log };
  switch (operation.what) {
    case "batch": {
      const stored = await bed.store.storeBatch(
        batchOf(operation.messages.map((one) => written(meters, one))),
        never,
      );
      return { ...stored, refused: stored.refused.map(({ message }) => message) };
    }
    case "registers": {
      const { deviceId } = chosen(meters, operation.meter);
      const specs = operation.names.map((name) => ({ ...ENERGY, name, tariff: name > "b" ? name : null }));
      return (await bed.store.createRegisters([{ deviceId, specs }], 4))
        .map(({ name, kind }) => [name, kind])
        .toSorted(byText);
    }
    case "facts": {
      const { deviceId } = chosen(meters, operation.meter);
      const facts = operation.facts.map(([key, value]) => ({ key, value }));
      return (await bed.store.saveFacts(deviceId, facts, 2)).map(({ key, value }) => [key, value]);
    }
    case "ruling": {
      const fromMs = START_MS + operation.fromH * HOUR_MS;
      const indices = { closingIndex: null, openingIndex: null };
      const toMs = fromMs + operation.hours * HOUR_MS;
      const registerId = registerOf(meters, operation.register);
      return bed.addRuling({ registerId, kind: "ok", fromMs, toMs, ...indices });
    }
    case "work":
      return createDrain({ ...work, limits: { pairsMax: 4, rewriteAfterMs: 0, rewriteLateAfterMs: 0 } })(
        new AbortController().signal,
      );
    case "estimate":
      return createEstimator(work)();
    case "killed work":
      return killedWork(bed, registerOf(meters, 0));
    case "put back": {
      const pair = { registerId: registerOf(meters, operation.register), day: START_DAY + operation.day };
      return bed.store.transaction((one) => one.putBack([{ ...pair, late: operation.late }], 0));
    }
    case "days":
      return bed.store.transaction(async (one) => {
        const registerId = registerOf(meters, operation.register);
        const before = await one.saveDays([
          dayOf(registerId, START_DAY + operation.day, operation.energy, 4, { 3: 0 }),
        ]);
        return before.map(({ day: number, revision, before: was, estimated }) => [
          number,
          revision,
          was,
          estimated,
        ]);
      });
  }
}

/** Does all sorts of things, and dies before its commit. */
async function killedWork(bed: Bed, registerId: number): Promise<unknown> {
  const work = async (one: ProfileTransaction): Promise<never> => {
    await one.claimJournal(1000);
    await one.claimEstimates(10);
    await one.lockRegisters([registerId]);
    await one.saveDays([dayOf(registerId, START_DAY, 77)]);
    await one.saveEstimates(registerId, [estimateOf(dayOf(registerId, START_DAY, 77, 2))]);
    await one.replaceUnallocated([], [{ registerId, fromMs: 1, toMs: 2, energy: 3, cause: "gap" }]);
    throw new Error("killed");
  };
  return bed.store.transaction(work).catch((error: unknown) => String(error));
}

function chosen<T>(list: readonly T[], at: number): T {
  const found = list[at % list.length];
  if (found === undefined) throw new Error("there is nothing to choose from");
  return found;
}

function registerOf(meters: readonly Meter[], at: number): number {
  return chosen(
    meters.flatMap(({ registerIds }) => registerIds),
    at,
  );
}

const NOBODY = 1_000_000;

function written(
  meters: readonly Meter[],
  { meter: at, minute: minutes, index, second, clock, kind }: DrawnMessage,
) {
  const one = chosen(meters, at);
  const value = (index / 1000).toFixed(3);
  const values = one.registerIds.map((_, place) => (place === 0 || second ? value : null));
  const payload = `${kind} ${minutes}`;
  if (kind === "unclaimed") return { ...one, payload, unclaimed: { externalId: "x", profile: null } };
  if (kind === "stranger") return { ...one, deviceId: NOBODY, payload };
  if (kind === "broken") return { ...one, payload };
  return { ...one, atMs: START_MS + minutes * MINUTE_MS, values, clock, late: second };
}

/** Registers and devices by what they are called: each store gives its own numbers. */
function namesOf({ registers }: Rows, meters: readonly Meter[]) {
  const device = (id: number | null) =>
    id === null ? null : meters.findIndex(({ deviceId }) => deviceId === id);
  const names = new Map(
    registers.map(({ id, deviceId, name, equipmentId }) => [
      id,
      `${device(deviceId)} ${name} ${equipmentId}`,
    ]),
  );
  return { device, register: (id: number) => names.get(id) ?? "?" };
}

function named(load: readonly object[], rows: Rows, meters: readonly Meter[]) {
  const { register } = namesOf(rows, meters);
  return load.map((one) => ({
    ...one,
    supplyPointId: undefined,
    registerId: "registerId" in one ? register(Number(one.registerId)) : undefined,
  }));
}

function keptOf(rows: Rows, meters: readonly Meter[]) {
  const { device, register } = namesOf(rows, meters);
  const layouts = new Map(rows.layouts.map(({ id, registerIds }) => [id, registerIds.map(register).join()]));
  const lines = (list: readonly (readonly unknown[])[]) =>
    list.map((one) => JSON.stringify(one)).toSorted(byText);
  const bytes = (one: { readonly quarters: Buffer; readonly statuses: Buffer }) =>
    [one.quarters.toString("hex"), one.statuses.toString("hex")].join(" ");
  const dayLines = (days: Rows["days"]) =>
    lines(days.map((one) => [register(one.registerId), one.day, one.revision, bytes(one)]));
  return {
    registers: lines(
      rows.registers.map(({ id, role, supplyPointId }) => [register(id), role, supplyPointId !== null]),
    ),
    readings: lines(
      rows.readings.map(({ deviceId, layoutId, observedAtMs, receivedAtMs, clock, flags, values }) => {
        const layout = layouts.get(layoutId);
        return [device(deviceId), layout, observedAtMs, receivedAtMs, clock, flags, values.toString("hex")];
      }),
    ),
    quarantine: lines(
      rows.quarantine.map(({ deviceId, payload, reason, profile, externalId, receivedAtMs }) => {
        const message = [String(payload), reason, profile, externalId, receivedAtMs];
        return [device(deviceId), ...message];
      }),
    ),
    journal: rows.journal.map(({ pairs, late, cause, dueInMs }) => ({
      pairs: lines(pairs.map((pair) => [register(pair.registerId), pair.day])),
      late,
      cause,
      isDue: dueInMs === 0,
    })),
    days: dayLines(rows.days),
    estimates: dayLines(rows.estimates),
    methods: lines(
      rows.estimates.map(({ registerId, day: number, methods, reachDays }) => {
        return [register(registerId), number, methods.toString("hex"), reachDays];
      }),
    ),
    pieces: lines(
      rows.pieces.map(({ registerId, fromMs, toMs, energy, cause }) => {
        return [register(registerId), fromMs, toMs, energy, cause];
      }),
    ),
    decisions: lines(
      rows.decisions.map(({ registerId, fromMs, toMs, kind, fromIndex, toIndex, rulingId, evidence }) => {
        const why = [rulingId !== null, Object.entries(evidence).toSorted(byText)];
        return [register(registerId), fromMs, toMs, kind, fromIndex, toIndex, ...why];
      }),
    ),
    due: lines(
      rows.due.map(({ registerId, day: number, dueInMs }) => [register(registerId), number, dueInMs === 0]),
    ),
    changes: lines(
      rows.changes.map(({ layer, registerId = 0, day: number, cause, before, after, revision }) => {
        return [layer, register(registerId), number, cause, revision, bytes(before), bytes(after)];
      }),
    ),
  };
}
