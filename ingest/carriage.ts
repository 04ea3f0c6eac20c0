// The way of a batch to the store, as those see it who wait for it: under way, then settled.

/** What waits for one or more carriages. */
export type Passenger = {
  /** Called once for each carriage that it joined; the store refused messages of `refusedDevices`. */
  arrived(refusedDevices: ReadonlySet<number>): void;
};

/** Kept by door caches long after the batch is gone, so it holds nothing once it is settled. */
export class Carriage {
  #waiting: Passenger[] | undefined = [];

  /** Waits for this carriage; false where there is nothing to wait for, or the passenger waits already. */
  join(passenger: Passenger): boolean {
    // A passenger joins in one go, so it would be the last.
    if (this.#waiting === undefined || this.#waiting.at(-1) === passenger) return false;
    this.#waiting.push(passenger);
    return true;
  }

  /** Everything aboard is committed, as readings or in quarantine. */
  settle(refusedDevices: ReadonlySet<number>): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const passenger of waiting) passenger.arrived(refusedDevices);
  }
}
