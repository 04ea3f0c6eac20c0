// The packet identifiers of one connection that wait for a commit: they leave in the order in which they came [MQTT-4.6.0-2].
//
//   hold ──▶ waiting ──settle──▶ settled ──(all before it settled)──▶ left
//                └──────────── drop: the connection is gone; its identifiers mean nothing on another one

type Held = { readonly packetId: number; settled: boolean };

/** Entries that have left and are still in the array; below this it is not worth moving the others. */
const SPENT_MAX = 1024;

export class AckQueue {
  readonly #leave: (packetId: number) => void;
  #line: Held[] = [];
  #head = 0;
  #dropped = false;

  constructor(leave: (packetId: number) => void) {
    this.#leave = leave;
  }

  get count(): number {
    return this.#line.length - this.#head;
  }

  /** Queues a message; the function returned says that it is committed, and may be called at any time. */
  hold(packetId: number): () => void {
    const held = { packetId, settled: false };
    if (!this.#dropped) this.#line.push(held);
    return () => {
      held.settled = true;
      this.#leaveHead();
    };
  }

  /** Nobody is answered any more. */
  drop(): void {
    this.#dropped = true;
    this.#line = [];
    this.#head = 0;
  }

  #leaveHead(): void {
    for (;;) {
      const held = this.#line[this.#head];
      if (held === undefined || !held.settled) break;
      this.#head++;
      this.#leave(held.packetId);
    }
    if (this.#head === this.#line.length || this.#head >= SPENT_MAX) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
  }
}
