// Text as it comes to rows of a CSV file with their lines, within bounds, through csv-parse.
import { parse } from "csv-parse";
import type { Separator } from "./format.ts";
import { FileFault } from "./row-fault.ts";

export type Line = { readonly line: number; readonly fields: readonly string[] };

export type CsvLines = {
  /** The rows that this text has completed. @throws FileFault */
  readonly rowsOf: (text: string) => readonly Line[];
  /** What was still open. @throws FileFault */
  readonly end: () => Promise<readonly Line[]>;
};

export function createCsvLines(separator: Separator, rowMaxCharacters: number): CsvLines {
  let rows: Line[] = [];
  let broken: Error | undefined;
  const ruler = createLineRuler(rowMaxCharacters);
  const ends = createLineEnds();
  const parser = parse({
    delimiter: separator,
    record_delimiter: "\n",
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: rowMaxCharacters,
    on_record: (fields: string[], { lines }) => {
      rows.push({ line: lines, fields });
      // Nothing goes on to the stream's other side.
      return null;
    },
  });
  parser.on("error", (error) => (broken = error));

  function taken(): readonly Line[] {
    const done = rows;
    rows = [];
    return done;
  }
  const fault = (line: number) => brokenFile(line, rowMaxCharacters);

  return {
    rowsOf: (given) => {
      const text = ends.unified(given);
      const end = ruler.endOf(text);
      parser.write(text.slice(0, end));
      if (broken !== undefined) throw fault(lineOf(broken));
      if (end < text.length) throw fault(ruler.count());
      return taken();
    },
    end: async () => {
      if (!parser.destroyed) {
        await new Promise((resolve) => {
          parser.once("close", () => resolve(undefined));
          parser.resume();
          parser.end();
        });
      }
      if (broken !== undefined) throw fault(lineOf(broken));
      return taken();
    },
  };
}

function lineOf(error: Error): number {
  const { lines } = error as { lines?: unknown };
  return typeof lines === "number" ? lines : 0;
}

/** One line end in the place of the three there are: the parser looks for one of them with each character. */
function createLineEnds(): { readonly unified: (text: string) => string } {
  let isAfterReturn = false;
  return {
    unified: (text) => {
      // The other half of a line end that was cut in two.
      const rest = isAfterReturn && text.startsWith("\n") ? text.slice(1) : text;
      if (text !== "") isAfterReturn = text.endsWith("\r");
      return rest.includes("\r") ? rest.replaceAll(/\r\n?/g, "\n") : rest;
    },
  };
}

/** Also of characters that the parser does not count into a record: separators, quotation marks, spaces around. */
function createLineRuler(max: number): {
  readonly endOf: (text: string) => number;
  readonly count: () => number;
} {
  let line = 1;
  let length = 0;
  return {
    /** Where a line of this text becomes too long; the text's own end if none does. */
    endOf: (text) => {
      for (let at = 0; at < text.length;) {
        const next = text.indexOf("\n", at);
        const end = next < 0 ? text.length : next;
        if (length + end - at > max) return at + max - length;
        length = next < 0 ? length + end - at : 0;
        if (next >= 0) line++;
        at = end + 1;
      }
      return text.length;
    },
    count: () => line,
  };
}

function brokenFile(line: number, max: number): FileFault {
  return new FileFault(
    "csv_broken",
    `From line ${line} on this is not CSV any more: a quotation mark is not closed, or the line is longer than ${max} characters.`,
    { line },
  );
}
