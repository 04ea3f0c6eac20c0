// The PUBACKs of one connection that are due, written together: a commit settles many publishes of a connection at once.
import type { Client } from "aedes";
import { boundDrain } from "./aedes-internals.ts";

const PUBACK_BYTES = 4;
const PUBACK = 0x40;

/** Writes the PUBACKs of one connection in the order in which they became due [MQTT-4.6.0-2]. */
export class Pubacks {
  readonly #client: Client;
  readonly #written: () => void;
  #due: number[] = [];

  /** `written` is called after each write. */
  constructor(client: Client, written: () => void) {
    this.#client = client;
    this.#written = written;
  }

  /** Due in this order; written with what else becomes due before the event loop goes on. */
  add(packetId: number): void {
    if (this.#due.push(packetId) === 1) process.nextTick(writeOut, this);
  }

  /** Writes what is due now: something that must come after it is about to be written. */
  flush(): void {
    const due = this.#due;
    if (due.length === 0) return;
    this.#due = [];
    const { conn } = this.#client;
    if (!conn.writable) return;
    const bytes = Buffer.allocUnsafe(PUBACK_BYTES * due.length);
    let at = 0;
    for (const packetId of due) {
      bytes[at] = PUBACK;
      bytes[at + 1] = 2;
      bytes[at + 2] = packetId >> 8;
      bytes[at + 3] = packetId & 0xff;
      at += PUBACK_BYTES;
    }
    if (!conn.write(bytes)) boundDrain(this.#client);
    this.#written();
  }
}

function writeOut(pubacks: Pubacks): void {
  pubacks.flush();
}
