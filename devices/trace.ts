// Names under which a message is followed through logs and quarantine: the run of the process that took it in, and a number.

/** Small integers cost a message no memory of its own; at 50,000 messages a second they last twelve hours. */
const TRACE_MAX = 2 ** 31 - 1;

/** Numbers the messages of a process; begins again when it is through. */
export class TraceNumbers {
  #last = 0;

  next(): number {
    this.#last = this.#last === TRACE_MAX ? 1 : this.#last + 1;
    return this.#last;
  }
}

/** How a trace is shown: `instance` is drawn anew at each start of a process, and stands in all its log lines. */
export function traceId(instance: string | undefined, trace: number | undefined): string | undefined {
  return instance === undefined || trace === undefined ? undefined : `${instance}-${trace.toString(36)}`;
}
