// Reads a file of history, whatever its format: as it comes in, packed into days, each bad row with its line.
//
//   bytes ─▶ slices ─▶ text ─▶ first line ─▶ rows (csv-parse) ─▶ code ─▶ format's reader ─▶ entries ─▶ days
//               │        └─────────┴──────── file faults: nothing is taken      └────┬────────┘
//               └─ between two slices the event loop is free                  row faults: the others are read
import type { Carrier } from "#devices/vocabulary";
import { OLDEST_INSTANT_MS, QUARTER_MS } from "#devices/time";
import { createCodeBook, type CodeBook } from "./code-book.ts";
import { createCsvLines, type CsvLines, type Line } from "./csv-lines.ts";
import { createDayPacker, type PackedDay, type Series } from "./day-packer.ts";
import { columnFault, jsonTooLarge, notText, offQuarter, shown } from "./file-sentences.ts";
import { firstLine, type FirstLine } from "./first-line.ts";
import type { Entry, FormatReader, ImportTarget, RowResult } from "./format.ts";
import { csvFormatOf, jsonFormatsOf, otherDocument, otherFormat, type ImportFormat } from "./formats.ts";
import { INTERVAL_MAX_MS, isFault, spanFault, tooLarge } from "./interval-row.ts";
import { readJson } from "./json-rows.ts";
import { clocksByZone } from "./local-clock.ts";
import { FileFault, type FileFaultCode, type RowFault, type RowFaultCode } from "./row-fault.ts";
import { EncodingFault, encodingsOf, textSlices, type ByteSource, type Encoding } from "./text-slices.ts";

export type HistoryOptions = {
  readonly format: ImportFormat;
  /** Of these codes (spaces removed, upper case), those that whoever sends the file may write to. */
  readonly targetsOf: (codes: readonly string[]) => Promise<readonly ImportTarget[]>;
  /** The supply point of rows without a code; with one, it must be its own. */
  readonly target: ImportTarget | undefined;
  readonly nowMs: number;
  /** Told between two slices. What it rejects with ends the reading. */
  readonly onProgress?: (progress: Progress) => Promise<void> | void;
};

export type Progress = {
  readonly bytesRead: number;
  readonly rowsRead: number;
  readonly rowsRefused: number;
};

export type FileError = {
  /** From 1, the header counted; 0: the file as a whole. */
  readonly line: number;
  readonly column: string | null;
  readonly code: RowFaultCode | FileFaultCode;
  readonly detail: string;
};

export type DecodedFile = {
  /** By supply point, direction and day; empty when nothing can be taken. */
  readonly days: readonly PackedDay[];
  readonly rowsRead: number;
  readonly rowsRefused: number;
  /** The first hundred. */
  readonly errors: readonly FileError[];
  /** What was decided for the file as a whole, in sentences. */
  readonly notes: readonly string[];
};

const ERRORS_MAX = 100;
const HEADER_MAX_CHARACTERS = 4096;
/** A row of a day has a hundred cells; more is an open quotation mark, or no row. */
const ROW_MAX_CHARACTERS = 2048;
/** After so many packed quarter-hours, or rows, the event loop gets its turn within a slice. */
const BREATH_QUARTERS = 50_000;
const BREATH_ROWS = 2000;
/**
 * A refused row costs up to 30 µs, most of it csv-parse's, which makes an error with a stack trace of every row that has not as
 * many columns as the first; and so many can only be of another format.
 */
const REFUSED_MAX = 10_000;
/** Of all rows together, said twice or not: a little more than the days can hold. */
const QUARTERS_MAX = 10_000_000;
const DAYS_MAX = 100_000;
/** A document is held as a whole, and parsed in one go. */
const JSON_MAX_CHARACTERS = 16 * 1024 * 1024;
const GLIMPSE_BYTES = 1024;

/**
 * Reads a whole file. Faults are in the answer, never thrown.
 *
 * @param source Asked again when the first bytes read as UTF-8 turn out to be of an older encoding.
 */
export async function readHistory(source: () => ByteSource, options: HistoryOptions): Promise<DecodedFile> {
  const encodings = csvFormatOf(options.format)?.strictUtf8
    ? (["utf-8"] as const)
    : encodingsOf(await beginningOf(source()));
  if (encodings === undefined) return new HistoryReader(options).failed(notText());
  for (const encoding of encodings) {
    const reader = new HistoryReader(options);
    try {
      for await (const { text, bytes } of textSlices(source(), encoding)) await reader.take(text, bytes);
      await reader.end();
    } catch (error) {
      if (error instanceof EncodingFault && encoding !== encodings.at(-1)) continue;
      if (!(error instanceof FileFault)) throw error;
      return reader.failed(error);
    }
    return reader.result(encoding);
  }
  return new HistoryReader(options).failed(notText());
}

async function beginningOf(source: ByteSource): Promise<Uint8Array> {
  for await (const chunk of source) if (chunk.length > 0) return chunk.subarray(0, GLIMPSE_BYTES);
  return new Uint8Array();
}

class HistoryReader {
  readonly #options: HistoryOptions;
  readonly #packer = createDayPacker(DAYS_MAX);
  readonly #errors: FileError[] = [];
  readonly #leftOut = new Map<Carrier, number>();
  readonly #series = new Map<string, Series>();
  #codes: CodeBook | undefined;
  #beginning = "";
  #reader: FormatReader | undefined;
  #csv: CsvLines | undefined;
  /** Lines before the rows. */
  #skip = 0;
  #bytesRead = 0;
  #rowsRead = 0;
  #rowsRefused = 0;
  #quarters = 0;
  #quartersSinceBreath = 0;
  #rowsSinceBreath = 0;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  async take(text: string, bytes: number): Promise<void> {
    this.#bytesRead += bytes;
    if (this.#csv === undefined) {
      this.#beginning += text;
      if (isJson(this.#beginning)) {
        const other = otherDocument(this.#beginning, this.#options.format);
        if (other !== undefined) throw other;
        if (this.#beginning.length > JSON_MAX_CHARACTERS) throw jsonTooLarge();
      } else {
        const first = firstLine(this.#beginning);
        if (!first.isWhole && this.#beginning.length <= HEADER_MAX_CHARACTERS) return;
        await this.#rows(this.#open(first).rowsOf(this.#beginning));
        this.#beginning = "";
      }
    } else {
      await this.#rows(this.#csv.rowsOf(text));
    }
    await this.#options.onProgress?.(this.#progress());
  }

  async end(): Promise<void> {
    if (this.#csv === undefined) await this.#beginAtEnd();
    await this.#rows((await this.#csv?.end()) ?? []);
    // Their codes are those of rows that were read before.
    for (const row of this.#reader?.end?.() ?? []) {
      this.#settle(
        row.line,
        this.#targeted(row.code, (target) => ({ target, result: row.result })),
      );
      if (this.#isBreathless()) await this.#breathe();
    }
    if (this.#packer.isEmpty()) throw this.#nothingGood();
    await this.#options.onProgress?.(this.#progress());
  }

  result(encoding: Encoding): DecodedFile {
    return { ...this.#counted(), days: this.#packer.days(), notes: this.#notes(encoding) };
  }

  failed({ line, column, code, message }: FileFault): DecodedFile {
    const errors = [{ line, column, code, detail: message }, ...this.#errors].slice(0, ERRORS_MAX);
    return { ...this.#counted(), days: [], errors, notes: [] };
  }

  #counted() {
    return { rowsRead: this.#rowsRead, rowsRefused: this.#rowsRefused, errors: this.#errors };
  }

  #progress(): Progress {
    return { bytesRead: this.#bytesRead, rowsRead: this.#rowsRead, rowsRefused: this.#rowsRefused };
  }

  #open(first: FirstLine): CsvLines {
    const format = csvFormatOf(this.#options.format);
    if (format === undefined) throw otherFormat(first, this.#options.format);
    const codeNeeded = this.#options.target === undefined;
    const { separator, names } = first;
    try {
      this.#reader = format.open(names, { codeNeeded, separator, clockOf: clocksByZone() });
    } catch (error) {
      throw error instanceof FileFault ? otherFormat(first, this.#options.format, error) : error;
    }
    this.#openCodes(format.strictCode === true);
    this.#skip = (first.hasSeparatorLine ? 1 : 0) + (this.#reader.headless === true ? 0 : 1);
    return (this.#csv = createCsvLines(separator, ROW_MAX_CHARACTERS));
  }

  #openCodes(strict: boolean): void {
    const { targetsOf, target } = this.#options;
    this.#codes = createCodeBook({ targetsOf, target, strict });
  }

  async #beginAtEnd(): Promise<void> {
    if (this.#beginning.trim() === "") {
      throw new FileFault("file_empty", "The file is empty: there is not even a header.");
    }
    if (!isJson(this.#beginning)) {
      const first = firstLine(this.#beginning);
      if (first.text === "")
        throw new FileFault("file_empty", "The file is empty: there is not even a header.");
      await this.#rows(this.#open(first).rowsOf(this.#beginning));
      return;
    }
    const { reader, rows } = readJson(this.#beginning, jsonFormatsOf(this.#options.format));
    this.#reader = reader;
    this.#openCodes(false);
    await this.#rows(rows);
  }

  async #rows(all: readonly Line[]): Promise<void> {
    const reader = this.#reader;
    if (reader === undefined || all.length === 0) return;
    const lines = this.#skip === 0 ? all : all.slice(this.#skip);
    this.#skip = Math.max(0, this.#skip - all.length);
    await this.#codes?.learn(lines.map(({ fields }) => reader.codeOf(fields)));
    for (const line of lines) {
      this.#rowsRead++;
      this.#settle(line.line, this.#read(reader, line));
      if (this.#isBreathless()) await this.#breathe();
    }
  }

  /** A slice of monthly values is half a million quarter-hours, and a document has no slices. */
  #isBreathless(): boolean {
    return ++this.#rowsSinceBreath > BREATH_ROWS || this.#quartersSinceBreath > BREATH_QUARTERS;
  }

  #breathe(): Promise<void> {
    this.#quartersSinceBreath = 0;
    this.#rowsSinceBreath = 0;
    return new Promise((resolve) => setImmediate(resolve));
  }

  #read(reader: FormatReader, { line, fields }: Line): Understood | RowFault {
    const { fieldCount } = reader;
    if (fieldCount !== undefined && (fields.length < fieldCount.min || fields.length > fieldCount.max))
      return columnFault(fields, fieldCount);
    const { target: chosen } = this.#options;
    const carrier = chosen === undefined ? undefined : reader.carrierOf?.(fields);
    if (chosen !== undefined && carrier !== undefined && carrier !== chosen.carrier) {
      this.#leaveOut(carrier);
      return { target: chosen, result: [] };
    }
    return this.#targeted(reader.codeOf(fields), (target) => ({
      target,
      result: reader.read(fields, { line, target, nowMs: this.#options.nowMs }),
    }));
  }

  #targeted(code: string, then: (target: ImportTarget) => Understood): Understood | RowFault {
    const target = this.#codes?.targetOf(code, this.#reader?.columns.code ?? "code");
    if (target === undefined) throw new Error("a row was read before the file's codes were opened");
    return isFault(target) ? target : then(target);
  }

  /** All of a row, or nothing of it. */
  #settle(line: number, row: Understood | RowFault): void {
    const fault =
      "detail" in row ? row : isFault(row.result) ? row.result : this.#take(row.target, row.result);
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

  #take(target: ImportTarget, entries: readonly Entry[]): RowFault | undefined {
    for (const entry of entries) {
      if (!isOf(target, entry)) continue;
      const fault = this.#boundsFault(target, entry);
      if (fault !== undefined) return fault;
      const found = this.#packer.contradiction(this.#seriesOf(target, entry), entry);
      if (found !== undefined)
        return entries.length === 1 ? found : { ...found, column: entry.column ?? null };
    }
    for (const entry of entries) {
      if (isOf(target, entry)) {
        this.#count((entry.toMs - entry.fromMs) / QUARTER_MS);
        this.#packer.add(this.#seriesOf(target, entry), entry);
      } else if (entry.carrier !== undefined) {
        this.#leaveOut(entry.carrier);
      }
    }
    return undefined;
  }

  #leaveOut(carrier: Carrier): void {
    this.#leftOut.set(carrier, (this.#leftOut.get(carrier) ?? 0) + 1);
  }

  #seriesOf(target: ImportTarget, { direction, part = "", isTotal }: Entry): Series {
    const way = direction ?? (target.direction === "export" ? "export" : "import");
    const key = `${target.id} ${way} ${part}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const opened = this.#packer.seriesOf(target.id, way, part, isTotal);
    this.#series.set(key, opened);
    return opened;
  }

  #boundsFault(target: ImportTarget, entry: Entry): RowFault | undefined {
    const columns = this.#reader?.columns ?? { code: "code", from: "from", to: "to", value: "energyWh" };
    const { fromMs, toMs, energyWh } = entry;
    const column = entry.column ?? columns.value;
    if (fromMs % QUARTER_MS !== 0 || toMs % QUARTER_MS !== 0) return offQuarter(columns.from, fromMs, toMs);
    const { nowMs } = this.#options;
    // Sentences cost more than all else: only for what is wrong.
    if (isOutside(fromMs, toMs, nowMs)) {
      const fault = spanFault({ fromMs, toMs, from: shown(fromMs), to: shown(toMs), columns }, nowMs);
      if (fault !== undefined) return fault;
    }
    const { carrier, connectionKva } = target;
    return tooLarge(energyWh, toMs - fromMs, { carrier, connectionKva, column, text: undefined });
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

  #notes(encoding: Encoding): string[] {
    const old =
      encoding === "windows-1252"
        ? [
            "The file is not UTF-8; it was read as Windows-1252, so look at letters with accents in codes and names.",
          ]
        : [];
    return [
      ...old,
      ...(this.#codes?.notes() ?? []),
      ...(this.#reader?.notes?.() ?? []),
      ...this.#leftOutNotes(),
    ];
  }

  #leftOutNotes(): string[] {
    return [...this.#leftOut].map(
      ([carrier, count]) =>
        `${count} values of ${carrier} were left out, because the supply point is of another carrier: send the file again for that one.`,
    );
  }

  #nothingGood(): FileFault {
    const detail =
      this.#rowsRead === 0
        ? "There is a header, and no row below it."
        : this.#rowsRefused === this.#rowsRead
          ? `None of the ${this.#rowsRead} rows could be read: their faults follow.`
          : this.#leftOut.size > 0
            ? this.#leftOutNotes().join(" ")
            : (this.#reader?.notes?.().join(" ") ?? "") ||
              "No row that could be read has a value: all of them say missing.";
    return new FileFault("no_good_row", detail);
  }
}

type Understood = { readonly target: ImportTarget; readonly result: RowResult };

function isOf(target: ImportTarget, { carrier }: Entry): boolean {
  return carrier === undefined || carrier === target.carrier;
}

function isOutside(fromMs: number, toMs: number, nowMs: number): boolean {
  return toMs > nowMs || toMs <= fromMs || fromMs < OLDEST_INSTANT_MS || toMs - fromMs > INTERVAL_MAX_MS;
}

function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}
