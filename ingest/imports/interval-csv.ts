// The format interval-csv: `code,from,to,energyWh[,status]`, read as it comes in, packed into days, each bad row with its line.
//
//   bytes ─▶ slices ─▶ UTF-8 ─▶ header ─▶ rows (csv-parse) ─▶ code ─▶ interval ─▶ days
//               │        └────────┴──────── file faults: nothing is taken      │
//               └─ between two slices the event loop is free                  └─ row faults: the others are read
import { parse, type Parser } from "csv-parse";
import { quoted } from "#devices/quote";
import { QUARTER_MS } from "#devices/time";
import { headerOf, type Column, type Header } from "./csv-header.ts";
import { createDayPacker, type PackedDay } from "./day-packer.ts";
import { intervalOf, isFault } from "./interval-row.ts";
import { FileFault, rowFault, type FileFaultCode, type RowFault, type RowFaultCode } from "./row-fault.ts";

/** What a code stands for. */
export type ImportTarget = {
  readonly id: number;
  readonly code: string | null;
  /** Bound of its quarter-hours; `null`: not known, or not electricity. */
  readonly connectionKva: number | null;
};

export type IntervalCsvOptions = {
  /** Of these codes (spaces removed, upper case), those that whoever sends the file may write to. */
  readonly targetsOf: (codes: readonly string[]) => Promise<readonly ImportTarget[]>;
  /** The supply point of rows without a code; with one, it must be its own. */
  readonly target: ImportTarget | undefined;
  readonly nowMs: number;
};

export type FileError = {
  /** From 1, the header counted; 0: the file as a whole. */
  readonly line: number;
  readonly column: string | null;
  readonly code: RowFaultCode | FileFaultCode;
  readonly detail: string;
};

export type DecodedFile = {
  /** By supply point and day; empty when nothing can be taken. */
  readonly days: readonly PackedDay[];
  readonly rowsRead: number;
  readonly rowsRefused: number;
  /** The first hundred. */
  readonly errors: readonly FileError[];
};

const ERRORS_MAX = 100;
/** About two hundred rows: a few milliseconds of work. */
const SLICE_BYTES = 16 * 1024;
const HEADER_MAX_CHARACTERS = 1024;
/** A row has five short fields; more is an open quotation mark, or no row. */
const ROW_MAX_CHARACTERS = 2048;
/** After so many packed quarter-hours the event loop gets its turn within a slice. */
const BREATH_QUARTERS = 50_000;
/**
 * A refused row costs up to 30 µs, most of it csv-parse's, which makes an error with a stack trace of every row that has not as
 * many columns as the first; and so many can only be of another format.
 */
const REFUSED_MAX = 10_000;
/** Of all rows together, said twice or not: a little more than the days can hold. */
const QUARTERS_MAX = 10_000_000;
const CODES_MAX = 10_000;
const DAYS_MAX = 100_000;

/** Reads a whole file. Faults are in the answer, never thrown. */
export async function decodeIntervalCsv(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: IntervalCsvOptions,
): Promise<DecodedFile> {
  const reader = new IntervalReader(options);
  try {
    for await (const text of texts(source)) await reader.take(text);
    await reader.end();
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    return reader.failed(error);
  }
  return reader.result();
}

/** Slices as text, without BOM. */
async function* texts(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const decoded = (bytes?: Uint8Array) => {
    try {
      return bytes === undefined ? utf8.decode() : utf8.decode(bytes, { stream: true });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new FileFault(
        "file_not_utf8",
        "The file is not UTF-8 text: in a spreadsheet, save it as CSV UTF-8; a packed file must be unpacked first.",
      );
    }
  };
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      yield decoded(chunk.subarray(at, at + SLICE_BYTES));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  yield decoded();
}

type Line = { readonly line: number; readonly fields: readonly string[] };

class IntervalReader {
  readonly #options: IntervalCsvOptions;
  readonly #packer = createDayPacker(DAYS_MAX);
  readonly #targets = new Map<string, ImportTarget | undefined>();
  readonly #errors: FileError[] = [];
  #beginning = "";
  #header: Header | undefined;
  #parser: Parser | undefined;
  #broken: Error | undefined;
  readonly #lines = createLineRuler();
  /** Of the slice under way. */
  #rows: Line[] = [];
  #isPastHeader = false;
  #rowsRead = 0;
  #rowsRefused = 0;
  #quarters = 0;
  #quartersSinceBreath = 0;

  constructor(options: IntervalCsvOptions) {
    this.#options = options;
  }

  async take(text: string): Promise<void> {
    if (this.#parser !== undefined) return this.#parse(this.#parser, text);
    this.#beginning += text;
    const [line, end] = this.#beginning.trimStart().split(/[\r\n]/, 2);
    if (end === undefined && this.#beginning.length <= HEADER_MAX_CHARACTERS) return;
    await this.#parse(this.#open((line ?? "").slice(0, HEADER_MAX_CHARACTERS)), this.#beginning);
  }

  /** As far as lines are of a length that a row can have. */
  async #parse(parser: Parser, text: string): Promise<void> {
    const end = this.#lines.endOf(text);
    parser.write(text.slice(0, end));
    await this.#drain();
    if (end < text.length) throw brokenFile(this.#lines.count());
  }

  async end(): Promise<void> {
    if (this.#parser === undefined) {
      if (this.#beginning.trim() === "") {
        throw new FileFault("file_empty", "The file is empty: there is not even a header.");
      }
      this.#open(this.#beginning.trim()).write(this.#beginning);
    }
    await this.#close();
    await this.#drain();
    if (this.#packer.isEmpty()) throw this.#nothingGood();
  }

  #close(): Promise<void> {
    const parser = this.#parser;
    if (parser === undefined || parser.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      parser.once("close", resolve);
      parser.resume();
      parser.end();
    });
  }

  result(): DecodedFile {
    return {
      days: this.#packer.days(),
      rowsRead: this.#rowsRead,
      rowsRefused: this.#rowsRefused,
      errors: this.#errors,
    };
  }

  failed({ line, column, code, message }: FileFault): DecodedFile {
    const errors = [{ line, column, code, detail: message }, ...this.#errors].slice(0, ERRORS_MAX);
    return { days: [], rowsRead: this.#rowsRead, rowsRefused: this.#rowsRefused, errors };
  }

  #open(line: string): Parser {
    this.#header = headerOf(line, { codeNeeded: this.#options.target === undefined });
    const parser = parse({
      delimiter: this.#header.separator,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: ROW_MAX_CHARACTERS,
      on_record: (fields: string[], { lines }) => {
        this.#rows.push({ line: lines, fields });
        // Nothing goes on to the stream's other side.
        return null;
      },
    });
    parser.on("error", (error) => (this.#broken = error));
    return (this.#parser = parser);
  }

  /** A slice of monthly values is half a million quarter-hours. */
  #breathe(): Promise<void> {
    this.#quartersSinceBreath = 0;
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Rows that the parser has made of the last slice. */
  async #drain(): Promise<void> {
    const lines = this.#rows;
    this.#rows = [];
    if (!this.#isPastHeader && lines.length > 0) {
      lines.shift();
      this.#isPastHeader = true;
    }
    await this.#resolve(lines);
    for (const line of lines) {
      this.#read(line);
      if (this.#quartersSinceBreath > BREATH_QUARTERS) await this.#breathe();
    }
    if (this.#broken !== undefined) throw brokenFile(lineOf(this.#broken));
  }

  async #resolve(lines: readonly Line[]): Promise<void> {
    const at = this.#header?.columns.indexOf("code") ?? -1;
    if (at < 0 || this.#options.target !== undefined) return;
    const fresh = new Set<string>();
    for (const { fields } of lines) {
      const code = cleanCode(fields[at] ?? "");
      if (code !== "" && !this.#targets.has(code)) fresh.add(code);
    }
    if (fresh.size === 0) return;
    if (this.#targets.size + fresh.size > CODES_MAX) {
      throw new FileFault(
        "too_many_codes",
        `The file holds more than ${CODES_MAX} codes: divide it into several.`,
      );
    }
    // What PostgreSQL cannot take as text is no code.
    const askable = [...fresh].filter((code) => !code.includes("\u0000"));
    for (const code of fresh) this.#targets.set(code, undefined);
    for (const target of await this.#options.targetsOf(askable)) {
      if (target.code !== null) this.#targets.set(target.code, target);
    }
  }

  #read({ line, fields }: Line): void {
    this.#rowsRead++;
    const fault = this.#take(fields);
    if (fault === undefined) return;
    this.#rowsRefused++;
    if (this.#errors.length < ERRORS_MAX) this.#errors.push({ line, ...fault });
    if (this.#rowsRefused < REFUSED_MAX) return;
    throw new FileFault(
      "too_many_bad_rows",
      `${REFUSED_MAX} rows up to line ${line} could not be read, and reading ended there: nothing was taken. The first faults follow; correct them and send the file again.`,
      { line },
    );
  }

  #take(fields: readonly string[]): RowFault | undefined {
    const { columns, separator } = this.#header ?? { columns: [], separator: "," };
    if (fields.length !== columns.length) return columnFault(fields, columns, separator);
    const textOf = (column: Column) => fields[columns.indexOf(column)] ?? "";
    const target = this.#targetOf(textOf("code"));
    if (!("id" in target)) return target;
    const interval = intervalOf(
      { from: textOf("from"), to: textOf("to"), energyWh: textOf("energyWh"), status: textOf("status") },
      {
        nowMs: this.#options.nowMs,
        connectionKva: target.connectionKva,
        decimalComma: separator === ";",
      },
    );
    if (isFault(interval)) return interval;
    this.#count((interval.toMs - interval.fromMs) / QUARTER_MS);
    return this.#packer.add(target.id, interval);
  }

  #count(quarters: number): void {
    this.#quartersSinceBreath += quarters;
    this.#quarters += quarters;
    if (this.#quarters <= QUARTERS_MAX) return;
    throw new FileFault(
      "too_many_quarters",
      `The rows of the file give more than ${QUARTERS_MAX} quarter-hours, many of them more than once: divide it into several.`,
    );
  }

  #targetOf(text: string): ImportTarget | RowFault {
    const code = cleanCode(text);
    const { target } = this.#options;
    if (target !== undefined) {
      if (code === "" || code === target.code) return target;
      const detail = `${quoted(text)} is not the code of the supply point that was chosen for this file: choose none, or correct the code.`;
      return rowFault("code", "code_contradicts_supply_point", detail);
    }
    if (code === "") {
      const detail =
        "There is no code: write the EAN, PRM or POD, or choose a supply point for the whole file.";
      return rowFault("code", "code_missing", detail);
    }
    return this.#targets.get(code) ?? rowFault("code", "code_unknown", unknownCode(text));
  }

  #nothingGood(): FileFault {
    const detail =
      this.#rowsRead === 0
        ? "There is a header, and no row below it."
        : this.#rowsRefused === this.#rowsRead
          ? `None of the ${this.#rowsRead} rows could be read: their faults follow.`
          : "No row that could be read has a value: all of them say missing.";
    return new FileFault("no_good_row", detail);
  }
}

/** As codes are kept. */
function cleanCode(text: string): string {
  return text.replaceAll(" ", "").toUpperCase();
}

/** Of a supply point that exists and one that does not, the same: which codes exist is nobody's business. */
function unknownCode(text: string): string {
  if (/^\d[.,]\d+E\+\d+$/i.test(text)) {
    return `${quoted(text)} was shortened by a spreadsheet: give the column the format text before saving.`;
  }
  return `${quoted(text)} is not the code of a supply point that you may import for: check it, or register the supply point first.`;
}

function columnFault(fields: readonly string[], columns: readonly Column[], separator: string): RowFault {
  const many = fields.length > columns.length;
  return rowFault(
    null,
    many ? "columns_too_many" : "columns_too_few",
    `The row has ${fields.length} columns, the header ${columns.length} (${columns.join(separator)}): ${many ? "a decimal comma or a separator too many" : "something is missing"}.`,
  );
}

function lineOf(error: Error): number {
  const { lines } = error as { lines?: unknown };
  return typeof lines === "number" ? lines : 0;
}

/** Also of characters that the parser does not count into a record: separators, quotation marks, spaces around. */
function createLineRuler(): { readonly endOf: (text: string) => number; readonly count: () => number } {
  let line = 1;
  let length = 0;
  let isAfterReturn = false;
  return {
    /** Where a line of this text becomes too long; the text's own end if none does. */
    endOf: (text) => {
      for (let at = 0; at < text.length; at++) {
        const character = text.charCodeAt(at);
        const isReturn = character === CARRIAGE_RETURN;
        if (!isReturn && character !== LINE_FEED) {
          if (length++ === ROW_MAX_CHARACTERS) return at;
        } else {
          if (isReturn || !isAfterReturn) line++;
          length = 0;
        }
        isAfterReturn = isReturn;
      }
      return text.length;
    },
    count: () => line,
  };
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

function brokenFile(line: number): FileFault {
  return new FileFault(
    "csv_broken",
    `From line ${line} on this is not CSV any more: a quotation mark is not closed, or the line is longer than ${ROW_MAX_CHARACTERS} characters.`,
    { line },
  );
}
