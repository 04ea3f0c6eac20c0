// Bytes as slices of text, without BOM: UTF-8, where a format allows it also UTF-16 and Windows-1252, and it is said.
import { FileFault } from "./row-fault.ts";

/** About two hundred rows: a few milliseconds of work. */
const SLICE_BYTES = 16 * 1024;

export type Encoding = "utf-8" | "utf-16le" | "windows-1252";

export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Raised when the bytes are not of the encoding that they were read as. */
export class EncodingFault extends FileFault {
  constructor() {
    super(
      "file_not_utf8",
      "The file is not UTF-8 text: in a spreadsheet, save it as CSV UTF-8; a packed file must be unpacked first.",
    );
  }
}

/** Between two slices the event loop is free. @throws EncodingFault */
export async function* textSlices(
  source: ByteSource,
  encoding: Encoding,
): AsyncGenerator<{ readonly text: string; readonly bytes: number }> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decoded = (bytes?: Uint8Array) => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new EncodingFault();
    }
  };
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      const slice = chunk.subarray(at, at + SLICE_BYTES);
      yield { text: decoded(slice), bytes: slice.length };
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  yield { text: decoded(), bytes: 0 };
}

const CONTROL_FIRST = 32;
const ALLOWED_CONTROLS = new Set([9, 10, 12, 13]);

/** What the first bytes can be: `undefined` for what is no text in any of them, such as a picture or a ZIP archive. */
export function encodingsOf(beginning: Uint8Array): readonly Encoding[] | undefined {
  if (beginning[0] === 0xff && beginning[1] === 0xfe) return ["utf-16le"];
  const isBinary = beginning.some((byte) => byte < CONTROL_FIRST && !ALLOWED_CONTROLS.has(byte));
  return isBinary ? undefined : ["utf-8", "windows-1252"];
}

/** The beginning as text, for looking at: whatever cannot be read is left as a mark. */
export function glimpse(beginning: Uint8Array): string {
  const encoding = encodingsOf(beginning)?.[0] ?? "utf-8";
  return new TextDecoder(encoding).decode(beginning);
}
