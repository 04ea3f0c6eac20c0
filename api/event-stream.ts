// Server-sent events to one client, bounded: who reads too slowly is let go, and may come back.
import type { ServerResponse } from "node:http";

export type EventStream = {
  /** Writes events in one go; false when the client was let go instead. */
  readonly send: (event: string, data: readonly unknown[]) => boolean;
  /** A comment, so that proxies and the browser know that the line is alive. */
  readonly beat: () => boolean;
  readonly end: () => void;
};

/** What may wait for a client when more is to come: beyond it, he reads too slowly. One go more may come on top. */
const BUFFERED_MAX_BYTES = 256 * 1024;

/** How long a browser waits before it comes back. */
const RETRY_MS = 3000;

/** Begins the answer on a hijacked reply. `headers` are those that the framework would have sent. */
export function openEventStream(
  response: ServerResponse,
  headers: Readonly<Record<string, string | number | readonly string[] | undefined>>,
  onSlow: () => void,
): EventStream {
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) response.setHeader(name, value);
  }
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    // nginx would collect the events.
    "x-accel-buffering": "no",
  });
  const write = (text: string): boolean => {
    if (response.destroyed || response.writableEnded) return false;
    if (response.writableLength > BUFFERED_MAX_BYTES) {
      // Lost: nothing that the client will not be sent again as the latest value when it is back.
      response.destroy();
      onSlow();
      return false;
    }
    response.write(text);
    return true;
  };
  write(`retry: ${RETRY_MS}\n\n`);
  return {
    // JSON.stringify leaves no line break that could end the event early.
    send: (event, data) =>
      data.length === 0 ||
      write(data.map((one) => `event: ${event}\ndata: ${JSON.stringify(one)}\n\n`).join("")),
    beat: () => write(": alive\n\n"),
    end: () => void response.end(),
  };
}
