// The line in which one connection's publishes wait for the store: answered in order of arrival [MQTT-4.6.0-2].
//
//   hold ──▶ waiting ──settle──▶ settled ──(everything before it settled)──▶ answered
//                └────────────────────── drop: the connection is gone, nobody is answered

type Held = {
  readonly answer: () => void;
  readonly bytes: number;
  readonly sinceMs: number;
  settled: boolean;
};

export class AckLine {
  #line: Held[] = [];
  #head = 0;
  #bytes = 0;

  /**
   * Queues an answer. The function returned settles it, once or more often; `answer` is called when it and all
   * before it are settled, and never after `drop`.
   */
  hold(bytes: number, sinceMs: number, answer: () => void): () => void {
    const held: Held = { answer, bytes, sinceMs, settled: false };
    this.#line.push(held);
    this.#bytes += bytes;
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

  /** When the oldest unanswered publish arrived, or undefined when all are answered. */
  get oldestSinceMs(): number | undefined {
    return this.#line[this.#head]?.sinceMs;
  }

  /** The connection is gone: what waits is stored all the same, and answered to nobody. */
  drop(): void {
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
    } else if (this.#head >= 1024) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
  }
}
