// What becomes of a publish, whichever way it was read: counted, handed to ingest, answered in the line of its connection.
import type { Logger } from "pino";
import type { TimeSource } from "#devices/time";
import type { TraceNumbers } from "#devices/trace";
import {
  MESSAGE_OVERHEAD_BYTES,
  tellTakenIn,
  waitingBytesOf,
  type Ingest,
  type IngestMessage,
} from "#ingest";
import type { Counts } from "./counts.ts";
import type { Rates } from "./rates.ts";
import type { ReadGate } from "./read-gate.ts";
import type { Session } from "./session.ts";

/** A payload of this size counts like one more message against the rate. */
const PAYLOAD_BYTES_A_MESSAGE = 4096;
const PINNED_SHARE_MAX = 8;

/** What ingest has been given and is not done with: bytes, with an overhead per message. */
export type Backlog = { bytes: number };

type Options = {
  readonly ingest: Pick<Ingest, "accept">;
  readonly counts: Counts;
  readonly time: TimeSource;
  readonly backlog: Backlog;
  readonly gate: Pick<ReadGate, "isPressed">;
  readonly rates: Pick<Rates, "take">;
  readonly traces: TraceNumbers;
  /** Stands in trace ids. */
  readonly instance: string;
  readonly log: Pick<Logger, "debug" | "isLevelEnabled">;
  /** Called for every publish taken in. */
  readonly heard: (session: Session, nowMs: number) => void;
};

/** Where both ways of a publish meet: from here to ingest, and back to the line of acknowledgements. */
export class PublishIntake {
  readonly #options: Options;
  /** Asked once, so that a message costs nothing for what is not written. */
  readonly #debugs: boolean;

  constructor(options: Options) {
    this.#options = options;
    this.#debugs = options.log.isLevelEnabled("debug");
  }

  now(): number {
    return this.#options.time.now();
  }

  /** The message as ingest takes it, with the topic as the device knows it; counted against its sender's rate. */
  receive(
    session: Session,
    topic: string,
    payload: Buffer,
    qos: 0 | 1 | 2,
    retained: boolean,
    receivedAtMs: number,
  ): IngestMessage {
    const { counts, rates, heard, traces } = this.#options;
    counts.published[qos]++;
    rates.take(session, 1 + payload.length / PAYLOAD_BYTES_A_MESSAGE, receivedAtMs);
    heard(session, receivedAtMs);
    const { device, clientId } = session;
    return {
      device,
      clientId,
      topic,
      payload: unpinned(payload),
      qos,
      retained,
      receivedAtMs,
      trace: traces.next(),
    };
  }

  /**
   * Takes a publish that wants an answer: `answer` is called when ingest has committed it and everything before it on
   * this connection is answered, and never once the connection is gone.
   */
  take(session: Session, message: IngestMessage, answer: () => void): void {
    const bytes = waitingBytesOf(message);
    this.#hand(message, bytes, session.acks.hold(answer, bytes, message.receivedAtMs));
  }

  /** Takes a publish of QoS 0: under back pressure it is dropped first, and counted. */
  takeUnanswered(message: IngestMessage): void {
    if (this.#options.gate.isPressed()) this.#options.counts.qos0Dropped++;
    else this.#hand(message, waitingBytesOf(message), ignore);
  }

  /** Takes the will of a connection that is gone: it waits in no line. */
  takeWill(message: IngestMessage, committed: () => void): void {
    this.#hand(message, waitingBytesOf(message), committed);
  }

  /** Answers what was taken in before, in its turn. */
  answerRepeat(session: Session, message: IngestMessage, answer: () => void): void {
    session.acks.hold(answer, MESSAGE_OVERHEAD_BYTES, message.receivedAtMs)();
  }

  #hand(message: IngestMessage, bytes: number, done: () => void): void {
    const { backlog, ingest, log, instance } = this.#options;
    if (this.#debugs) tellTakenIn(log, instance, message);
    backlog.bytes += bytes;
    ingest.accept(message, () => {
      backlog.bytes -= bytes;
      done();
    });
  }
}

/**
 * A view of a payload keeps all that was read with it in the memory, and only the payload is counted. So what would keep
 * more than eight times itself is copied, whatever stood beside it; less is not worth the copy of a large payload.
 */
function unpinned(payload: Buffer): Buffer {
  return payload.length * PINNED_SHARE_MAX < payload.buffer.byteLength ? Buffer.from(payload) : payload;
}

function ignore(): void {
  // QoS 0 asks for no answer.
}
