// The line in which one connection's messages wait for the store: answered in order of arrival [MQTT-4.6.0-2].
//
//   hold ──▶ waiting ──settle──▶ settled ──(everything before it settled)──▶ answered
//                └────────────────────── drop: the connection is gone, nobody is answered

type Held = {
  readonly answer: () => void;
  readonly bytes: number;
  readonly sinceMs: number;
  settled: boolean;
};

/** Entries that are answered and still in the array; below this it is not worth moving the others. */
const SPENT_MAX = 1024;

/** Of one connection: on another one the same packet identifiers mean other messages. */
export class AckLine {
  #line: Held[] = [];
  #head = 0;
  #bytes = 0;
  #dropped = false;

  /**
   * Queues an answer. The function returned settles it, once or more often, at any time; `answer` is called when it and
   * all before it are settled, and never after `drop`. `bytes` and `sinceMs` are for whoever asks what waits, and how long.
   */
  hold(answer: () => void, bytes = 0, sinceMs = 0): () => void {
    const held: Held = { answer, bytes, sinceMs, settled: false };
    if (!this.#dropped) {
      this.#line.push(held);
      this.#bytes += bytes;
    }
    return () => {
      if (held.settled) return;
      held.settled = true;
      this.#answerHead();
    };
  }

  get count(): number {
    return this.#line.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** When the oldest unanswered message arrived, or undefined when all are answered. */
  get oldestSinceMs(): number | undefined {
    return this.#line[this.#head]?.sinceMs;
  }

  /** The connection is gone: what waits, or is still held, is stored all the same, and answered to nobody. */
  drop(): void {
    this.#dropped = true;
    this.#line = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  #answerHead(): void {
    for (;;) {
      const held = this.#line[this.#head];
      if (held === undefined || !held.settled) break;
      this.#head++;
      this.#bytes -= held.bytes;
      held.answer();
    }
    if (this.#head === this.#line.length) {
      this.#line = [];
      this.#head = 0;
    } else if (this.#head >= SPENT_MAX) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
  }
}
