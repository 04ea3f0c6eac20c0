// A worker's transaction in memory: what it changes is its own until it commits, what it claimed and locked nobody else has.
import { DAY_MS, utcDayNumber } from "#devices/time";
import { SLIP_RULES } from "#devices/vocabulary";
import { toldChanges, type DayChange, type LoadLayer } from "../estimates/load-changes.ts";
import type { EstimatedDay, EstimateWork, StoredDay } from "../estimates/estimates.ts";
import { valuesBeyond, valuesWithin, type BeyondNeed, type DeviceSpan } from "../profiles/index-values.ts";
import type { JournalPair, StaleDay } from "../profiles/journal.ts";
import {
  valuedFromMs,
  type DayBytes,
  type ProfileDay,
  type RegisterSpan,
  type SavedDay,
  type Unallocated,
} from "../profiles/save-profile.ts";
import { SLIP_EDGES_AROUND, type RegisterDecision, type UnitSlipEdge } from "../rulings/decisions.ts";
import { RowChanges } from "./keyed-rows.ts";
import type {
  EstimateDue,
  MemoryDatabase,
  MemoryDay,
  MemoryEstimate,
  NotedChange,
} from "./memory-database.ts";
import { MemoryFailure } from "./memory-failure.ts";
import { readingsOf } from "./memory-index-values.ts";
import { rowOfPairs, staleDaysOf, type JournalRow } from "./memory-journal.ts";

/** What is older is of a clock that was never set, as in `save-days.sql`. */
const VALUED_WITHIN_MS = 400 * DAY_MS;
/** How far an estimate looks at most, as in `note-due.sql`. */
const REACH_MAX_DAYS = 100;

export class MemoryTransaction {
  readonly #database: MemoryDatabase;
  /** What `now()` says throughout. */
  readonly #nowMs: number;
  readonly #days: RowChanges<MemoryDay>;
  readonly #estimates: RowChanges<MemoryEstimate>;
  readonly #pieces: RowChanges<Unallocated>;
  readonly #decisions: RowChanges<RegisterDecision>;
  readonly #claimed: JournalRow[] = [];
  readonly #journal: JournalRow[] = [];
  readonly #claimedEstimates: EstimateDue[] = [];
  readonly #estimatesDue: EstimateDue[] = [];
  readonly #changes: NotedChange[] = [];
  readonly #valued: { readonly registerId: number; readonly fromMs: number }[] = [];
  #isOver = false;

  constructor(database: MemoryDatabase) {
    this.#database = database;
    this.#nowMs = database.time.now();
    this.#days = new RowChanges(database.days);
    this.#estimates = new RowChanges(database.estimates);
    this.#pieces = new RowChanges(database.pieces);
    this.#decisions = new RowChanges(database.decisions);
  }

  commit(): void {
    if (this.#isOver) return;
    const { journal, changes } = this.#database;
    for (const table of [this.#days, this.#estimates, this.#pieces, this.#decisions]) table.commit();
    for (const row of this.#journal) journal.add(row);
    for (const due of this.#estimatesDue) keepDue(this.#database, due);
    changes.push(...this.#changes);
    for (const { registerId, fromMs } of this.#valued)
      this.#database.directory.valuedFrom(registerId, fromMs);
    this.#end(this.#claimed);
  }

  rollback(): void {
    if (this.#isOver) return;
    for (const due of this.#claimedEstimates) keepDue(this.#database, due);
    this.#end([]);
  }

  #end(taken: readonly JournalRow[]): void {
    this.#isOver = true;
    this.#database.journal.end(this, taken);
    for (const [registerId, holder] of this.#database.locks)
      if (holder === this) this.#database.locks.delete(registerId);
  }

  claimJournal(pairsMax: number): StaleDay[] {
    const rows = this.#database.journal.claim(this, pairsMax, this.#nowMs);
    this.#claimed.push(...rows);
    return staleDaysOf(rows, this.#database.directory, (registerId, day) => {
      const known = this.#days.get(registerId, day);
      return known === undefined ? null : this.#nowMs - known.computedAtMs;
    });
  }

  putBack(pairs: readonly JournalPair[], delayMs: number): void {
    if (pairs.length === 0) return;
    this.#journal.push(this.#database.journal.row(rowOfPairs(pairs, this.#nowMs + delayMs)));
  }

  lockRegisters(registerIds: readonly number[]): Set<number> {
    const { locks } = this.#database;
    const got = registerIds.filter((id) => (locks.get(id) ?? this) === this);
    for (const id of got) locks.set(id, this);
    return new Set(got);
  }

  saveDays(days: readonly ProfileDay[]): SavedDay[] {
    requireOnce(days.map(({ registerId, day }) => `${registerId} ${day}`));
    for (const day of days) {
      const fromMs = valuedFromMs(day);
      if (fromMs !== undefined && fromMs > this.#nowMs - VALUED_WITHIN_MS)
        this.#valued.push({ registerId: day.registerId, fromMs });
    }
    return days.flatMap((day) => {
      const was = this.#days.get(day.registerId, day.day);
      const isChanged = was === undefined || !sameBytes(was, day);
      const revision = (was?.revision ?? 0) + (isChanged ? 1 : 0);
      this.#days.set(day.registerId, day.day, { ...copyOf(day), revision, computedAtMs: this.#nowMs });
      if (!isChanged) return [];
      const estimate = this.#estimates.get(day.registerId, day.day);
      const { registerId, day: number } = day;
      const shown = { before: bytesOf(was), estimated: bytesOf(estimate) };
      return [{ registerId, day: number, revision: revision + (estimate?.revision ?? 0), ...shown }];
    });
  }

  saveEstimates(registerId: number, days: readonly EstimatedDay[]): StoredDay[] {
    requireOnce(days.map(({ day }) => `${day}`));
    return days.flatMap((fresh) => {
      const was = this.#estimates.get(registerId, fresh.day);
      const saysNothing = fresh.reachDays === 0 && fresh.statuses.every((status) => status === 0);
      if (was === undefined && saysNothing) return [];
      const isChanged = was === undefined || !sameBytes(was, fresh);
      const revision = (was?.revision ?? 0) + (isChanged ? 1 : 0);
      const methods = Buffer.from(fresh.methods);
      this.#estimates.set(registerId, fresh.day, { registerId, ...copyOf(fresh), methods, revision });
      return was === undefined || !isChanged ? [] : [storedDay(was)];
    });
  }

  profileDays(registerId: number, fromDay: number, toDay: number): StoredDay[] {
    return this.#days
      .of(registerId)
      .filter(({ day }) => day >= fromDay && day < toDay)
      .sort((one, other) => one.day - other.day)
      .map(storedDay);
  }

  listUnallocated(spans: readonly RegisterSpan[]): Unallocated[] {
    return spans
      .flatMap(({ registerId, fromMs, toMs }) =>
        this.#pieces.of(registerId).filter((piece) => piece.fromMs < toMs && piece.toMs > fromMs),
      )
      .sort(
        (one, other) =>
          one.registerId - other.registerId ||
          one.fromMs - other.fromMs ||
          (one.cause < other.cause ? -1 : 1),
      );
  }

  replaceUnallocated(
    remove: readonly Pick<Unallocated, "registerId" | "fromMs" | "cause">[],
    add: readonly Unallocated[],
  ): void {
    const keyOf = ({ fromMs, cause }: Pick<Unallocated, "fromMs" | "cause">) => `${fromMs} ${cause}`;
    for (const piece of remove) this.#pieces.set(piece.registerId, keyOf(piece), undefined);
    for (const piece of add) {
      if (!(piece.toMs > piece.fromMs)) throw new MemoryFailure("check", "a piece ends before it begins");
      if (this.#pieces.get(piece.registerId, keyOf(piece)) !== undefined)
        throw new MemoryFailure("duplicate", `register ${piece.registerId} has such a piece`);
      this.#pieces.set(piece.registerId, keyOf(piece), piece);
    }
  }

  listDecisions(spans: readonly RegisterSpan[]): RegisterDecision[] {
    const found = spans.flatMap(({ registerId, fromMs, toMs }) =>
      this.#decisions
        .of(registerId)
        .filter((one) => one.fromMs < toMs && (one.toMs > fromMs || one.fromMs === fromMs)),
    );
    return [...new Set(found)];
  }

  listUnitSlips(spans: readonly RegisterSpan[]): UnitSlipEdge[] {
    const found = spans.flatMap(({ registerId, fromMs, toMs }) => {
      const edges = this.#unitSlipsOf(registerId);
      const before = edges.filter((edge) => edge.toMs <= fromMs).slice(-SLIP_EDGES_AROUND);
      const behind = edges.filter((edge) => edge.toMs > toMs).slice(0, SLIP_EDGES_AROUND);
      return [...before, ...edges.filter((edge) => edge.toMs > fromMs && edge.toMs <= toMs), ...behind];
    });
    return [...new Set(found)]
      .map(({ registerId, fromMs, toMs, evidence }) => ({ registerId, fromMs, toMs, evidence }))
      .sort((one, other) => one.toMs - other.toMs || one.fromMs - other.fromMs);
  }

  #unitSlipsOf(registerId: number): RegisterDecision[] {
    const rules: readonly unknown[] = Object.values(SLIP_RULES);
    return [...this.#decisions.of(registerId)]
      .filter(({ evidence }) => rules.includes(evidence["rule"]))
      .sort((one, other) => one.toMs - other.toMs || one.fromMs - other.fromMs);
  }

  saveDecisions(
    remove: readonly Pick<RegisterDecision, "registerId" | "fromMs" | "toMs">[],
    add: readonly RegisterDecision[],
  ): void {
    const keyOf = ({ fromMs, toMs }: Pick<RegisterDecision, "fromMs" | "toMs">) => `${fromMs} ${toMs}`;
    for (const decision of remove) this.#decisions.set(decision.registerId, keyOf(decision), undefined);
    for (const decision of add) {
      if (this.#decisions.get(decision.registerId, keyOf(decision)) !== undefined)
        throw new MemoryFailure("duplicate", `register ${decision.registerId} has such a decision`);
      this.#decisions.set(decision.registerId, keyOf(decision), decision);
    }
  }

  noteLoadChanges(layer: LoadLayer, changes: readonly DayChange[]): void {
    this.#changes.push(...toldChanges(changes).map((change) => ({ layer, ...change })));
  }

  noteEstimatesDue(days: readonly (ProfileDay & { readonly isChanged: boolean })[]): void {
    const today = utcDayNumber(this.#nowMs);
    const note = (registerId: number, day: number) =>
      this.#estimatesDue.push({ registerId, day, notBeforeMs: this.#nowMs });
    for (const { registerId, day, statuses, isChanged } of days) {
      if (day >= today || !isMain(this.#database, registerId)) continue;
      if (statuses.includes(0) || this.#estimates.get(registerId, day) !== undefined) note(registerId, day);
      if (!isChanged) continue;
      for (const { day: other, reachDays } of this.#estimates.of(registerId)) {
        const looksSoFar = Math.abs(other - day) <= Math.min(REACH_MAX_DAYS, reachDays) + 1;
        if (reachDays > 0 && looksSoFar) note(registerId, other);
      }
    }
  }

  noteEstimatesAgain({ registerId, days }: Pick<EstimateWork, "registerId" | "days">, delayMs: number): void {
    for (const day of days) this.#estimatesDue.push({ registerId, day, notBeforeMs: this.#nowMs + delayMs });
  }

  /** Those that waited longest. */
  claimEstimates(registersMax: number): EstimateWork[] {
    const { estimatesDue, directory } = this.#database;
    const waiting = [...estimatesDue.owners()].flatMap((registerId) => {
      const due = [...estimatesDue.of(registerId).values()].filter((one) => one.notBeforeMs <= this.#nowMs);
      return due.length === 0
        ? []
        : [{ registerId, due, sinceMs: Math.min(...due.map((one) => one.notBeforeMs)) }];
    });
    return waiting
      .sort((one, other) => one.sinceMs - other.sinceMs || one.registerId - other.registerId)
      .slice(0, registersMax)
      .sort((one, other) => one.registerId - other.registerId)
      .map(({ registerId, due }) => {
        for (const one of due) estimatesDue.delete(registerId, one.day);
        this.#claimedEstimates.push(...due);
        const device = directory.devices.get(directory.registers.get(registerId)?.deviceId ?? 0);
        return {
          registerId,
          days: due.map(({ day }) => day).sort((one, other) => one - other),
          carrier: directory.registers.get(registerId)?.carrier ?? null,
          buildingId: device?.context.buildingId ?? 0,
          timezone: device?.context.timezone ?? "UTC",
          country: device?.country ?? "",
        };
      });
  }

  listRulings(registerIds: readonly number[]) {
    return this.#database.rulings.filter(({ registerId }) => registerIds.includes(registerId));
  }

  readonly indexValues = (spans: readonly DeviceSpan[], registerIds: readonly number[]) =>
    valuesWithin(readingsOf(this.#database), spans, registerIds);

  readonly indexValuesBeyond = (needs: readonly BeyondNeed[]) =>
    valuesBeyond(readingsOf(this.#database), needs);
}

/** Of a register's days that are over, noted once; one that somebody has taken may be noted anew. */
export function keepDue({ estimatesDue }: MemoryDatabase, due: EstimateDue): void {
  if (!estimatesDue.of(due.registerId).has(due.day)) estimatesDue.set(due.registerId, due.day, due);
}

/** Whether it counts at a supply point, at some time or at this instant. */
/** At some time, or within the span. */
export function isMain(
  { directory }: MemoryDatabase,
  registerId: number,
  span?: { readonly fromMs: number; readonly toMs: number },
): boolean {
  return directory.assignments.some(
    (one) =>
      one.registerId === registerId &&
      one.role === "main" &&
      (span === undefined || (one.fromMs < span.toMs && one.toMs > span.fromMs)),
  );
}

function sameBytes(one: DayBytes, other: DayBytes): boolean {
  return one.quarters.equals(other.quarters) && one.statuses.equals(other.statuses);
}

function copyOf<Day extends DayBytes>(day: Day): Day {
  return { ...day, quarters: Buffer.from(day.quarters), statuses: Buffer.from(day.statuses) };
}

function bytesOf(day: DayBytes | undefined): DayBytes | undefined {
  return day === undefined ? undefined : { quarters: day.quarters, statuses: day.statuses };
}

function storedDay({ day, quarters, statuses, revision }: StoredDay): StoredDay {
  return { day, quarters, statuses, revision };
}

/** An upsert touches no row twice. */
function requireOnce(keys: readonly string[]): void {
  if (new Set(keys).size < keys.length)
    throw new MemoryFailure("twiceInOneStatement", "a day is saved twice at once");
}
