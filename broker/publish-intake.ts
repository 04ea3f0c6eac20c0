// What becomes of a publish, whichever way it was read: counted, handed to ingest, answered in the line of its connection.
import type { Logger } from "pino";
import type { TimeSource } from "#devices/time";
import { traceId, type TraceNumbers } from "#devices/trace";
import type { Ingest, IngestMessage } from "#ingest";
import type { Counts } from "./counts.ts";
import type { Rates } from "./rates.ts";
import type { ReadGate } from "./read-gate.ts";
import type { Session } from "./session.ts";

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

/** What an unanswered message costs beside its bytes, roughly: many empty ones are not free. */
const MESSAGE_OVERHEAD_BYTES = 200;

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
    rates.take(session, 1, receivedAtMs);
    heard(session, receivedAtMs);
    const { device, clientId } = session;
    return { device, clientId, topic, payload, qos, retained, receivedAtMs, trace: traces.next() };
  }

  /**
   * Takes a publish that wants an answer: `answer` is called when ingest has committed it and everything before it on
   * this connection is answered, and never once the connection is gone.
   */
  take(session: Session, message: IngestMessage, answer: () => void): void {
    const bytes = bytesOf(message);
    this.#hand(message, bytes, session.acks.hold(bytes, message.receivedAtMs, answer));
  }

  /** Takes a publish of QoS 0: under back pressure it is dropped first, and counted. */
  takeUnanswered(message: IngestMessage): void {
    if (this.#options.gate.isPressed()) this.#options.counts.qos0Dropped++;
    else this.#hand(message, bytesOf(message), ignore);
  }

  /** Takes the will of a connection that is gone: it waits in no line. */
  takeWill(message: IngestMessage, committed: () => void): void {
    this.#hand(message, bytesOf(message), committed);
  }

  /** Answers what was taken in before, in its turn. */
  answerRepeat(session: Session, message: IngestMessage, answer: () => void): void {
    session.acks.hold(MESSAGE_OVERHEAD_BYTES, message.receivedAtMs, answer)();
  }

  #hand(message: IngestMessage, bytes: number, done: () => void): void {
    const { backlog, ingest } = this.#options;
    if (this.#debugs) this.#tellTakenIn(message);
    backlog.bytes += bytes;
    ingest.accept(message, () => {
      backlog.bytes -= bytes;
      done();
    });
  }

  #tellTakenIn({ trace, device, topic, qos, payload }: IngestMessage): void {
    const { log, instance } = this.#options;
    log.debug(
      { trace: traceId(instance, trace), deviceId: device.id, topic, qos, bytes: payload.length },
      "message taken in",
    );
  }
}

function bytesOf({ topic, payload }: IngestMessage): number {
  return payload.length + topic.length + MESSAGE_OVERHEAD_BYTES;
}

function ignore(): void {
  // QoS 0 asks for no answer.
}
