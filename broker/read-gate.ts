// Back pressure: while too much is unacknowledged, sockets are left unread, and TCP slows the publishers down.
//
//   open ──unacknowledged > bytesMax──▶ shut ──< bytesMax / 2──▶ open, and the held connections are read again

import type { Connection } from "aedes";
import type { BrokerLimits } from "./limits.ts";

export type Pressure = { readonly unacknowledgedBytes: number; readonly oldestMs: number };

type Bounds = Pick<BrokerLimits, "unacknowledgedBytesMax" | "unacknowledgedAgeMaxMs">;

const LOOK_EVERY_MS = 20;

/** Leaves connections unread while too much waits for the store. */
export class ReadGate {
  readonly #pressure: () => Pressure;
  readonly #bounds: Bounds;
  readonly #held = new Set<Connection>();
  #timer: NodeJS.Timeout | undefined;
  #shut = false;
  #closing = false;

  constructor(pressure: () => Pressure, bounds: Bounds) {
    this.#pressure = pressure;
    this.#bounds = bounds;
  }

  /** Whether this connection may be read now. If not, it gets a `readable` event once it may. */
  admits(connection: Connection): boolean {
    if (this.#closing) return false;
    if (!this.isPressed()) return true;
    this.#held.add(connection);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
    return false;
  }

  /** Too much is unacknowledged to take in more: QoS 0 is dropped. */
  isPressed(): boolean {
    const { unacknowledgedBytes } = this.#pressure();
    const { unacknowledgedBytesMax } = this.#bounds;
    this.#shut = unacknowledgedBytes > (this.#shut ? unacknowledgedBytesMax / 2 : unacknowledgedBytesMax);
    return this.#shut;
  }

  /** The store is away or too slow: a new connection would only add to what waits. */
  refusesConnections(): boolean {
    return (
      this.#closing || this.isPressed() || this.#pressure().oldestMs > this.#bounds.unacknowledgedAgeMaxMs
    );
  }

  /** Whether bytes of this connection may wait unread, a PINGREQ among them. */
  holds(connection: Connection): boolean {
    return this.#held.has(connection);
  }

  /** The broker is stopping. */
  get isClosing(): boolean {
    return this.#closing;
  }

  forget(connection: Connection): void {
    this.#held.delete(connection);
  }

  /** Nothing is read any more. */
  close(): void {
    this.#closing = true;
    this.#stopLooking();
    this.#held.clear();
  }

  /** One connection after the other, each as far as the bound allows: no herd. */
  #look(): void {
    for (const connection of this.#held) {
      if (this.isPressed()) return;
      this.#held.delete(connection);
      connection.emit("readable");
    }
    this.#stopLooking();
  }

  #stopLooking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
