// A message's observations as rows: those that share an instant and a clock stand together.
import type { Decimal } from "#devices/decimal";
import type { ClockSource } from "#devices/vocabulary";
import type { StoredRegister } from "#store";

/** A row before its layout is known: registers and values in the message's order, no register twice. */
export type DraftRow = {
  readonly observedAtMs: number;
  readonly clock: ClockSource;
  readonly registers: StoredRegister[];
  readonly values: Decimal[];
  /** Takes a second, different value of a register that this row has. */
  overflow: DraftRow | undefined;
};

/** From this many registers on, a set answers faster than the list. */
const LIST_MAX = 64;

export class RowGrouper {
  readonly rows: DraftRow[] = [];
  /** Most messages are of one instant, and of few registers: then neither map is made. */
  #byInstant: Map<number, DraftRow> | undefined;
  #members: Map<DraftRow, Set<StoredRegister>> | undefined;
  #last: DraftRow | undefined;

  /** Adds one value; a register's equal second value of the same instant adds nothing. */
  add(observedAtMs: number, clock: ClockSource, register: StoredRegister, value: Decimal): void {
    let row = this.#last;
    if (row === undefined || row.observedAtMs !== observedAtMs || row.clock !== clock) {
      // Clocks are ranks below 4, instants stay below 2^51: the pair is one exact number.
      row = this.#byInstant?.get(observedAtMs * 4 + clock) ?? this.#open(observedAtMs, clock);
      this.#last = row;
    }
    while (this.#holds(row, register)) {
      if (row.values[row.registers.indexOf(register)] === value) return;
      row = row.overflow ??= this.#create(observedAtMs, clock);
    }
    row.registers.push(register);
    row.values.push(value);
    this.#members?.get(row)?.add(register);
  }

  #open(observedAtMs: number, clock: ClockSource): DraftRow {
    const first = this.rows[0];
    const row = this.#create(observedAtMs, clock);
    if (first === undefined) return row;
    this.#byInstant ??= new Map([[first.observedAtMs * 4 + first.clock, first]]);
    this.#byInstant.set(observedAtMs * 4 + clock, row);
    return row;
  }

  #create(observedAtMs: number, clock: ClockSource): DraftRow {
    const row: DraftRow = { observedAtMs, clock, registers: [], values: [], overflow: undefined };
    this.rows.push(row);
    return row;
  }

  #holds(row: DraftRow, register: StoredRegister): boolean {
    if (row.registers.length < LIST_MAX) return row.registers.includes(register);
    this.#members ??= new Map();
    let members = this.#members.get(row);
    if (members === undefined) this.#members.set(row, (members = new Set(row.registers)));
    return members.has(register);
  }
}
