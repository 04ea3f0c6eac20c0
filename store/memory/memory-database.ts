// Everything that a store in memory keeps: what PostgreSQL's tables are to the pipeline, without PostgreSQL.
import { utcDayNumber, utcDay, DAY_MS, type TimeSource } from "#devices/time";
import type { OwnRequest } from "../commands/request-of-device.ts";
import type { EstimatedDay } from "../estimates/estimates.ts";
import type { DayChange, LoadLayer } from "../estimates/load-changes.ts";
import { carrierQuantity, daysOfRows, type LoadQuery, type LoadRow } from "../profiles/load-days.ts";
import type { RegisterDays } from "../profiles/register-days.ts";
import type { ProfileDay, Unallocated } from "../profiles/save-profile.ts";
import type { RegisterDecision } from "../rulings/decisions.ts";
import type { StoredRuling } from "../rulings/rulings.ts";
import { KeyedRows } from "./keyed-rows.ts";
import { MemoryDirectory } from "./memory-directory.ts";
import { daysOfRuling, MemoryJournal, rowOfPairs } from "./memory-journal.ts";
import { MemoryQuarantine } from "./memory-quarantine.ts";
import { MemoryReadings } from "./memory-readings.ts";

export type MemoryDay = ProfileDay & { readonly revision: number; readonly computedAtMs: number };
export type MemoryEstimate = EstimatedDay & { readonly registerId: number; readonly revision: number };
export type EstimateDue = { readonly registerId: number; readonly day: number; readonly notBeforeMs: number };
export type NotedChange = DayChange & { readonly layer: LoadLayer };

export class MemoryDatabase {
  readonly time: TimeSource;
  readonly directory: MemoryDirectory;
  readonly quarantine: MemoryQuarantine;
  readonly readings = new MemoryReadings();
  readonly journal = new MemoryJournal();
  readonly commands: OwnRequest[] = [];
  /** By register and day. */
  readonly days = new KeyedRows<MemoryDay>();
  readonly estimates = new KeyedRows<MemoryEstimate>();
  readonly estimatesDue = new KeyedRows<EstimateDue>();
  /** By register, beginning and cause. */
  readonly pieces = new KeyedRows<Unallocated>();
  /** By register and both instants. */
  readonly decisions = new KeyedRows<RegisterDecision>();
  readonly changes: NotedChange[] = [];
  readonly rulings: StoredRuling[] = [];
  /** By register, the transaction that holds it. */
  readonly locks = new Map<number, object>();

  constructor(time: TimeSource) {
    this.time = time;
    this.directory = new MemoryDirectory(time);
    this.quarantine = new MemoryQuarantine(this.directory);
  }

  /** A person's word on a register: it makes the days stale that it changes. */
  addRuling(ruling: Omit<StoredRuling, "id">): number {
    const id = this.rulings.length + 1;
    this.rulings.push({ id, ...ruling });
    const register = this.directory.registers.get(ruling.registerId);
    if (register === undefined) return id;
    const known = [...this.days.of(register.id).values()].map(({ day }) => day);
    const days = daysOfRuling(ruling, register.interpolateMaxS, known);
    const pairs = [...days].map((day) => ({
      registerId: register.id,
      day,
      late: true,
      cause: "ruling" as const,
    }));
    this.journal.add(this.journal.row(rowOfPairs(pairs, this.time.now())));
    return id;
  }

  /** As `loadSupplyPointDays` answers it; no history is imported here. */
  loadSupplyPointDays(supplyPointIds: readonly number[], query: LoadQuery): RegisterDays[] {
    const { direction, fromMs, toMs } = query;
    const rows = this.directory.assignments.flatMap((assignment): LoadRow[] => {
      const { registerId, supplyPointId, role } = assignment;
      const register = this.directory.registers.get(registerId);
      const point = this.directory.supplyPoints.get(supplyPointId);
      const counts =
        register !== undefined &&
        point !== undefined &&
        supplyPointIds.includes(supplyPointId) &&
        role === "main" &&
        assignment.fromMs < toMs &&
        assignment.toMs > fromMs &&
        register.kind === "cumulative" &&
        register.quantity === carrierQuantity(point.carrier).quantity &&
        (register.direction ?? "import") === direction;
      if (!counts) return [];
      const measured = packed(this.days, registerId, query);
      const estimated = packed(this.estimates, registerId, query);
      return [
        {
          register_id: registerId,
          supply_point_id: supplyPointId,
          from_ms: assignment.fromMs,
          to_ms: assignment.toMs,
          ...measured,
          estimated_days: estimated.days,
          estimated_revisions: estimated.revisions,
          estimated_quarters: estimated.quarters,
          estimated_statuses: estimated.statuses,
        },
      ];
    });
    return daysOfRows(rows, query);
  }

  /** Nothing is left of what was derived, and all that is derived from readings is stale, as `forgetProfiles` does it. */
  forgetProfiles(): void {
    for (const table of [this.days, this.pieces, this.decisions]) table.clear();
    const { registers, layouts } = this.directory;
    const pairs = new Map<string, { registerId: number; day: number; late: boolean }>();
    for (const { layoutId, observedAtMs } of this.readings.all()) {
      for (const registerId of layouts.get(layoutId)?.registerIds ?? []) {
        if (!registers.has(registerId)) continue;
        for (const shift of [-1, 0, 1]) {
          const day = utcDayNumber(observedAtMs) + shift;
          pairs.set(`${registerId} ${day}`, { registerId, day, late: true });
        }
      }
    }
    if (pairs.size > 0) this.journal.add(this.journal.row(rowOfPairs([...pairs.values()], this.time.now())));
  }
}

type KeptDay = Omit<MemoryDay, "computedAtMs">;

function packed(table: KeyedRows<KeptDay>, registerId: number, { fromMs, toMs }: LoadQuery) {
  const [first, end] = [utcDay(fromMs), utcDay(toMs + DAY_MS - 1)];
  const days = [...table.of(registerId).values()]
    .filter(({ day }) => utcDay(day * DAY_MS) >= first && utcDay(day * DAY_MS) < end)
    .sort((one, other) => one.day - other.day);
  if (days.length === 0) return { days: null, revisions: null, quarters: null, statuses: null };
  return {
    days: days.map(({ day }) => day),
    revisions: days.map(({ revision }) => revision),
    quarters: Buffer.concat(days.map(({ quarters }) => quarters)),
    statuses: Buffer.concat(days.map(({ statuses }) => statuses)),
  };
}
