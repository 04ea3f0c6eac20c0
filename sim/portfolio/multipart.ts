// A form with one file, as RFC 7578 writes it, made piece by piece while it is sent.
import { randomUUID } from "node:crypto";

export type FilePart = {
  /** Of the form's field. */
  readonly field: string;
  readonly fileName: string;
  readonly contentType: string;
  /** Called for each attempt to send it. */
  chunks(): Iterable<string>;
};

/** What `fetch` takes, the type apart: it asks for the next piece when the last one has left. */
export type Form = {
  readonly contentType: string;
  readonly body: ReadableStream<Uint8Array>;
  /** Without it `fetch` sends no stream. */
  readonly duplex: "half";
};

export function multipart(fields: Readonly<Record<string, string>>, file: FilePart): Form {
  const boundary = `koprogo-${randomUUID()}`;
  const pieces = encoded(boundary, fields, file);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
  return { contentType: `multipart/form-data; boundary=${boundary}`, body, duplex: "half" };
}

function* encoded(
  boundary: string,
  fields: Readonly<Record<string, string>>,
  file: FilePart,
): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  // The fields first: who reads the form as it comes knows what the file is before it begins.
  for (const [name, value] of Object.entries(fields)) {
    yield encoder.encode(`--${boundary}\r\n${disposition(name)}\r\n\r\n${value}\r\n`);
  }
  const named = `${disposition(file.field)}; filename="${quoted(file.fileName)}"`;
  yield encoder.encode(`--${boundary}\r\n${named}\r\ncontent-type: ${file.contentType}\r\n\r\n`);
  for (const chunk of gathered(file.chunks())) yield encoder.encode(chunk);
  yield encoder.encode(`\r\n--${boundary}--\r\n`);
}

const PIECE_CHARACTERS = 64 * 1024;

/** As few pieces as are worth sending: each costs both sides the same, small or large. */
function* gathered(chunks: Iterable<string>): Generator<string> {
  let piece = "";
  for (const chunk of chunks) {
    piece += chunk;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}

const disposition = (name: string) => `content-disposition: form-data; name="${quoted(name)}"`;

/** Percent-encodes what would end the quoted name (RFC 7578, 2). */
const quoted = (text: string) => text.replace(/["\r\n]/g, (sign) => encodeURIComponent(sign));
