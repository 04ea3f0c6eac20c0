// A table in memory: rows by owner and key, and what a transaction changes of them, which nobody else sees before its commit.

/** Within the rows of its owner. */
export type Key = number | string;

export class KeyedRows<Row> {
  readonly #owners = new Map<number, Map<Key, Row>>();

  of(owner: number): ReadonlyMap<Key, Row> {
    return this.#owners.get(owner) ?? new Map<Key, Row>();
  }

  set(owner: number, key: Key, row: Row): void {
    const rows = this.#owners.get(owner);
    if (rows === undefined) this.#owners.set(owner, new Map([[key, row]]));
    else rows.set(key, row);
  }

  delete(owner: number, key: Key): void {
    this.#owners.get(owner)?.delete(key);
  }

  owners(): Iterable<number> {
    return this.#owners.keys();
  }

  clear(): void {
    this.#owners.clear();
  }
}

export class RowChanges<Row> {
  readonly #table: KeyedRows<Row>;
  /** `undefined`: deleted. */
  readonly #changed = new Map<number, Map<Key, Row | undefined>>();

  constructor(table: KeyedRows<Row>) {
    this.#table = table;
  }

  get(owner: number, key: Key): Row | undefined {
    const changed = this.#changed.get(owner);
    return changed?.has(key) === true ? changed.get(key) : this.#table.of(owner).get(key);
  }

  /** The owner's rows as this transaction sees them. */
  of(owner: number): Row[] {
    const changed = this.#changed.get(owner);
    if (changed === undefined) return [...this.#table.of(owner).values()];
    const seen = new Map([...this.#table.of(owner), ...changed]);
    return [...seen.values()].filter((row) => row !== undefined);
  }

  set(owner: number, key: Key, row: Row | undefined): void {
    const changed = this.#changed.get(owner);
    if (changed === undefined) this.#changed.set(owner, new Map([[key, row]]));
    else changed.set(key, row);
  }

  commit(): void {
    for (const [owner, changed] of this.#changed) {
      for (const [key, row] of changed) {
        if (row === undefined) this.#table.delete(owner, key);
        else this.#table.set(owner, key, row);
      }
    }
  }
}
