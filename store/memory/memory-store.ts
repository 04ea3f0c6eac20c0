// The pipeline's store in memory, as one process has it: the same promises as PostgreSQL's, on a clock that is given.
import { DAY_MS, utcDayNumber } from "#devices/time";
import type { PipelineStore, ProfileTransaction } from "../pipeline-store.ts";
import { registersByDay, touchesOf } from "../readings/journal.ts";
import { SEEN_EVERY_MS } from "../readings/presence.ts";
import { readAgain } from "../readings/quarantine.ts";
import { rejectedRows, storeBatchBy, type Path, type ReadingBatch } from "../readings/store-batch.ts";
import { copiedRows } from "./copied-rows.ts";
import { isMain, keepDue, MemoryTransaction } from "./memory-transaction.ts";
import type { MemoryDatabase } from "./memory-database.ts";

/** The way between a process and the store: each may wait, throw as a lost connection does, or never answer. */
export type Wire = {
  /** Before it happens: what throws here has not happened. */
  readonly there: () => Promise<void>;
  /** After it happened, before the answer arrives. */
  readonly back: () => Promise<void>;
};

export type MemoryStore = PipelineStore & {
  /** The process died: what it had open is rolled back, and nothing that it still asks for happens or is answered. */
  readonly abandon: () => void;
};

const DIRECT: Wire = { there: () => Promise.resolve(), back: () => Promise.resolve() };

export function memoryStore(database: MemoryDatabase, wire: Wire = DIRECT): MemoryStore {
  const { time, directory, quarantine } = database;
  const open = new Set<MemoryTransaction>();
  let isAbandoned = false;
  const never = new Promise<never>(() => undefined);

  /** One statement, or one transaction of one statement. */
  const call = async <T>(work: () => T | Promise<T>): Promise<T> => {
    await wire.there();
    if (isAbandoned) return never;
    const answer = await work();
    await wire.back();
    return isAbandoned ? never : answer;
  };

  const commitPart = (batch: ReadingBatch, from: number, to: number, path: Path): boolean => {
    const nowMs = time.now();
    const copied = copiedRows(batch.rows, batch.rowEnds[from - 1] ?? 0, batch.rowEnds[to - 1] ?? 0);
    const rejected = rejectedRows(batch, from, to);
    // What can be refused is looked at before anything is changed: there is no way back.
    for (const { message, anonymous } of rejected)
      if (!anonymous && message.device.id !== 0) directory.requireDevice(message.device.id);
    let { touches } = batch;
    if (path === "straight") database.readings.insertAll(copied);
    else {
      const fresh = database.readings.merge(copied);
      const days = fresh.map(({ layoutId, observedAtMs }) => ({ layoutId, day: utcDayNumber(observedAtMs) }));
      touches = touchesOf(days, touches);
    }
    quarantine.write(rejected, nowMs);
    if (batch.replays === true) quarantine.settle(readAgain(batch, from, to));
    if (touches.length === 0) return false;
    const pairs = [...registersByDay(touches)].flatMap(([day, registers]) =>
      [...registers].map((registerId) => ({ registerId, day })),
    );
    const late = touches.some((touch) => touch.late);
    database.journal.add(database.journal.row({ notBeforeMs: nowMs, late, cause: "readings", pairs }));
    return true;
  };
  const committer = {
    commitPart: (batch: ReadingBatch, from: number, to: number, path: Path) =>
      call(() => commitPart(batch, from, to, path)),
    keepRefused: (row: Parameters<typeof quarantine.write>[0][number]) =>
      call(() => quarantine.write([row], time.now())),
  };

  return {
    loadRegisters: (deviceIds) => call(() => directory.registersOf(deviceIds)),
    createRegisters: (needs, max) => call(() => directory.createRegisters(needs, max)),
    loadLayouts: (deviceIds) => call(() => directory.layoutsOf(deviceIds)),
    createLayouts: (needs, max) => call(() => directory.createLayouts(needs, max)),
    loadFacts: (deviceIds) => call(() => directory.factsOf(deviceIds)),
    saveFacts: (deviceId, facts, max) => call(() => directory.saveFacts(deviceId, facts, max)),
    loadChildren: (gatewayIds) => call(() => directory.childrenOf(gatewayIds)),
    adoptClaimed: (gatewayIds) => call(() => quarantine.adopt(gatewayIds, time.now())),
    markSeen: (seenAtMs) => call(() => markSeen(database, seenAtMs)),
    markClockSkew: (skews) =>
      call(() => {
        for (const [id, skew] of skews) {
          const device = directory.devices.get(id);
          if (device !== undefined) device.clockSkew = skew;
        }
      }),
    requestOfDevice: (request) =>
      call(() => {
        const { commands } = database;
        const isWaiting = commands.some(
          (one) =>
            one.deviceId === request.deviceId &&
            one.topic === request.topic &&
            Buffer.compare(one.payload, request.payload) === 0 &&
            one.expiresAtMs > request.createdAtMs,
        );
        if (!isWaiting && directory.devices.has(request.deviceId)) commands.push(request);
      }),
    storeBatch: (batch, retry) => storeBatchBy(committer, batch, retry),
    transaction: async (work) => {
      await wire.there();
      if (isAbandoned) return never;
      const transaction = new MemoryTransaction(database);
      open.add(transaction);
      try {
        const result = await work(statements(transaction, call));
        await call(() => transaction.commit());
        return result;
      } finally {
        // After its commit it has nothing to roll back, whatever became of the answer.
        transaction.rollback();
        open.delete(transaction);
      }
    },
    noteSilent: (sinceDay) => call(() => noteSilent(database, sinceDay)),
    noteDayOver: (day) => call(() => noteDayOver(database, day)),
    abandon: () => {
      isAbandoned = true;
      for (const transaction of open) transaction.rollback();
      open.clear();
    },
  };
}

type Call = <T>(work: () => T | Promise<T>) => Promise<T>;

function statements(transaction: MemoryTransaction, call: Call): ProfileTransaction {
  return {
    claimJournal: (pairsMax) => call(() => transaction.claimJournal(pairsMax)),
    putBack: (pairs, delayMs) => call(() => transaction.putBack(pairs, delayMs)),
    lockRegisters: (registerIds) => call(() => transaction.lockRegisters(registerIds)),
    indexValues: (spans, registerIds) => call(() => transaction.indexValues(spans, registerIds)),
    indexValuesBeyond: (needs) => call(() => transaction.indexValuesBeyond(needs)),
    listRulings: (registerIds) => call(() => transaction.listRulings(registerIds)),
    saveDays: (days) => call(() => transaction.saveDays(days)),
    listUnallocated: (spans) => call(() => transaction.listUnallocated(spans)),
    replaceUnallocated: (remove, add) => call(() => transaction.replaceUnallocated(remove, add)),
    listDecisions: (spans) => call(() => transaction.listDecisions(spans)),
    listUnitSlips: (spans) => call(() => transaction.listUnitSlips(spans)),
    saveDecisions: (remove, add) => call(() => transaction.saveDecisions(remove, add)),
    noteLoadChanges: (layer, changes) => call(() => transaction.noteLoadChanges(layer, changes)),
    noteEstimatesDue: (days) => call(() => transaction.noteEstimatesDue(days)),
    claimEstimates: (registersMax) => call(() => transaction.claimEstimates(registersMax)),
    noteEstimatesAgain: (work, delayMs) => call(() => transaction.noteEstimatesAgain(work, delayMs)),
    profileDays: (registerId, fromDay, toDay) =>
      call(() => transaction.profileDays(registerId, fromDay, toDay)),
    // No register hangs outside.
    outsideHours: () => call(() => []),
    saveEstimates: (registerId, days) => call(() => transaction.saveEstimates(registerId, days)),
  };
}

/** A mark that is less than half a period older stays; none lies in the future. */
function markSeen({ directory, time }: MemoryDatabase, seenAtMs: ReadonlyMap<number, number>): void {
  const nowMs = time.now();
  for (const [id, atMs] of seenAtMs) {
    const device = directory.devices.get(id);
    if (device === undefined) continue;
    const { lastSeenAtMs: was } = device;
    const seen = Math.min(atMs, nowMs);
    if (was === undefined || was < seen - SEEN_EVERY_MS / 2 || was > nowMs) device.lastSeenAtMs = seen;
  }
}

/** How many days before it a day may be a like day, as in `note-day-over.sql`. */
const LOOK_BACK_DAYS = 151;

/** Estimates that look so far, of registers that have a row of that day. */
function noteDayOver(database: MemoryDatabase, day: number): void {
  for (const registerId of database.estimates.owners()) {
    if (!database.days.of(registerId).has(day)) continue;
    for (const { day: estimated, reachDays } of database.estimates.of(registerId).values()) {
      const looksSoFar = estimated >= day - Math.min(LOOK_BACK_DAYS, reachDays + 1) && estimated <= day;
      if (reachDays > 0 && looksSoFar)
        keepDue(database, { registerId, day: estimated, notBeforeMs: database.time.now() });
    }
  }
}

/** As `note-silent.sql`. */
function noteSilent(database: MemoryDatabase, sinceDay: number): void {
  const nowMs = database.time.now();
  const yesterday = utcDayNumber(nowMs) - 1;
  for (const { id, kind } of database.directory.registers.values()) {
    if (kind !== "cumulative") continue;
    const days = database.days.of(id);
    for (const day of [yesterday - 1, yesterday]) {
      if (!isMain(database, id, { fromMs: day * DAY_MS, toMs: (day + 1) * DAY_MS })) continue;
      const spoke = [...days.keys()].map(Number).some((one) => one >= sinceDay && one <= day);
      const row = days.get(day);
      const isSaved =
        row !== undefined && (row.computedAtMs >= yesterday * DAY_MS || !row.statuses.includes(0));
      if (spoke && !isSaved && !database.estimates.of(id).has(day))
        keepDue(database, { registerId: id, day, notBeforeMs: nowMs });
    }
  }
}
