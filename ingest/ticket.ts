// One message on its way: what it waits for, and what is called, once, when all of that is committed.
import type { Decoded } from "#devices/reading";
import type { Carriage, Passenger } from "./carriage.ts";
import type { DeviceState } from "./device-state.ts";
import type { LiveRow } from "./live-row.ts";
import type { IngestMessage } from "./message.ts";

export class Ticket implements Passenger {
  readonly message: IngestMessage;
  readonly device: DeviceState;
  decoded: Decoded | undefined;
  /** What it says about messages to come is in the store, or there was no room for it. */
  factsKept = false;
  /** For the live tap, when it is done. */
  live: LiveRow[] | undefined;
  /** `done` was called. */
  finished = false;
  readonly done: () => void;
  /** The store refused its rows: it is in quarantine, whole. */
  refused = false;
  /** A row of it was left out because of another one: a copy of it, or its bucket's first. */
  #leaned = false;
  #redo = false;
  /** Carriages it waits for, and one while it is being worked on. */
  #pending = 1;
  readonly #finish: (ticket: Ticket, redo: boolean) => void;

  constructor(
    message: IngestMessage,
    device: DeviceState,
    finish: (ticket: Ticket, redo: boolean) => void,
    done: () => void,
  ) {
    this.done = done;
    this.message = message;
    this.device = device;
    this.#finish = finish;
  }

  /** Its rows or its quarantine row travel with this carriage. */
  travel(carriage: Carriage): void {
    if (carriage.join(this)) this.#pending += 1;
  }

  /** A row of it is left out because of what this carriage brings, or brought, to the store. */
  lean(carriage: Carriage): void {
    this.#leaned = true;
    this.travel(carriage);
  }

  arrived(refusedDevices: ReadonlySet<number>): void {
    // What it leaned on may be among what was refused: then it goes through again, on its own.
    if (this.#leaned && !this.refused && refusedDevices.has(this.device.id)) this.#redo = true;
    this.workDone();
  }

  /** Ends the work on it; with nothing to wait for, it is done at once. */
  workDone(): void {
    this.#pending -= 1;
    if (this.#pending > 0) return;
    const redo = this.#redo;
    this.#redo = false;
    this.#leaned = false;
    if (redo) this.#pending = 1;
    this.#finish(this, redo);
  }
}
