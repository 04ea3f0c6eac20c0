// The store in memory as the contract's tests use it.
import { systemTime } from "#devices/time";
import { MemoryDatabase, memoryStore, type MemoryDay } from "#memory-store";
import type { Bed, Rows } from "./test-bed.ts";

export function memoryBed(): Bed {
  const database = new MemoryDatabase(systemTime);
  const { directory } = database;
  return {
    store: memoryStore(database),
    addSupplyPoint: (point) => Promise.resolve(directory.addSupplyPoint(point)),
    addDevice: (supplyPointIds, behind) =>
      Promise.resolve(directory.addDevice({ profile: "senml", supplyPointIds, ...behind })),
    addRuling: (ruling) => {
      database.addRuling(ruling);
      return Promise.resolve();
    },
    loadSupplyPointDays: (ids, query) => Promise.resolve(database.loadSupplyPointDays(ids, query)),
    computedEarlier: (byMs) => {
      for (const registerId of database.days.owners())
        for (const [day, row] of database.days.of(registerId))
          database.days.set(registerId, day, { ...row, computedAtMs: row.computedAtMs - byMs });
      return Promise.resolve();
    },
    rows: () => Promise.resolve(rowsOf(database)),
  };
}

function rowsOf(database: MemoryDatabase): Rows {
  const { directory, quarantine, readings, journal } = database;
  const nowMs = systemTime.now();
  const dueInMs = (notBeforeMs: number) => Math.max(0, notBeforeMs - nowMs);
  const ids = [...directory.registers.keys()];
  const ofAll = <Row>(table: { of: (id: number) => ReadonlyMap<unknown, Row> }) =>
    ids.flatMap((id) => [...table.of(id).values()]);
  return {
    registers: [...directory.registers.values()].map(({ id, deviceId, name, equipmentId }) => {
      const assignment = directory.assignments.find(({ registerId }) => registerId === id);
      const { role = null, supplyPointId = null } = assignment ?? {};
      return { id, deviceId, name, equipmentId, role, supplyPointId };
    }),
    layouts: [...directory.layouts.values()],
    readings: readings.all(),
    quarantine: quarantine.rows.map((row) => ({
      ...row,
      isRequested: row.replayRequestedAtMs !== undefined,
    })),
    journal: [...journal.rows.values()].map((row) => ({ ...row, dueInMs: dueInMs(row.notBeforeMs) })),
    days: ofAll(database.days).map(storedDay),
    estimates: ofAll(database.estimates),
    pieces: ofAll(database.pieces),
    decisions: ofAll(database.decisions),
    due: ofAll(database.estimatesDue).map((due) => ({ ...due, dueInMs: dueInMs(due.notBeforeMs) })),
    changes: database.changes,
    commands: database.commands.map(({ payload, ...command }) => ({
      ...command,
      payload: Buffer.from(payload),
    })),
    seen: [...directory.devices.values()].map(({ context, lastSeenAtMs, clockSkew }) => ({
      deviceId: context.id,
      seenAtMs: lastSeenAtMs ?? null,
      aheadMs: clockSkew?.aheadMs ?? null,
    })),
  };
}

function storedDay({ registerId, day, quarters, statuses, revision }: MemoryDay) {
  return { registerId, day, quarters, statuses, revision };
}
