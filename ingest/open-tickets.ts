// The messages that were accepted and are not done: how many, and which is the oldest.
import type { Ticket } from "./ticket.ts";

/** Leaves behind at most so many that are done, while one before them is not. */
const LEFT_MAX = 4096;

/** A line, not a map: messages are done nearly in the order in which they came, and each costs an entry and a look. */
export class OpenTickets {
  #line: Ticket[] = [];
  #head = 0;
  size = 0;

  add(ticket: Ticket): void {
    this.#line.push(ticket);
    this.size += 1;
  }

  /** One of them is finished. */
  settle(): void {
    this.size -= 1;
    while (this.#line[this.#head]?.finished === true) this.#head += 1;
    if (this.#head === this.#line.length) {
      this.#line = [];
      this.#head = 0;
    } else if (this.#head >= LEFT_MAX) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
  }

  get oldest(): Ticket | undefined {
    return this.#line[this.#head];
  }
}
