// The formats of history there are, which of them a file is, and what to say when it is another one than was said.
import { amr } from "./amr.ts";
import { dsmrReader } from "./dsmr-reader.ts";
import { eDistribuzione } from "./e-distribuzione.ts";
import { enedis, enedisJson } from "./enedis.ts";
import { engie } from "./engie.ts";
import { firstLine, type FirstLine } from "./first-line.ts";
import { fluvius } from "./fluvius.ts";
import { fluviusJson } from "./fluvius-json.ts";
import { FORMAT_IDS, type CsvFormat, type FormatId } from "./format.ts";
import { intervalCsv } from "./interval-csv.ts";
import type { JsonFormat } from "./json-rows.ts";
import { liander } from "./liander.ts";
import { mijnAansluiting } from "./mijn-aansluiting.ts";
import { FileFault } from "./row-fault.ts";
import { encodingsOf, glimpse } from "./text-slices.ts";

export const IMPORT_FORMATS = FORMAT_IDS;
export type ImportFormat = FormatId;

const CSV: readonly CsvFormat[] = [
  intervalCsv,
  fluvius,
  enedis,
  eDistribuzione,
  engie,
  liander,
  dsmrReader,
  amr,
];
const JSON_FORMATS: readonly JsonFormat[] = [enedisJson, fluviusJson, mijnAansluiting];

export function csvFormatOf(id: ImportFormat): CsvFormat | undefined {
  return CSV.find((format) => format.id === id);
}

export function jsonFormatsOf(id: ImportFormat): readonly JsonFormat[] {
  return JSON_FORMATS.filter((format) => format.id === id);
}

/** Enough of a file to see its first lines. */
export const DETECTION_BYTES = 16 * 1024;

/** Of which format a file is, by its first bytes; or a sentence on why that cannot be told. */
export function detectFormat(
  beginning: Uint8Array,
): { readonly format: ImportFormat } | { readonly why: string } {
  if (encodingsOf(beginning) === undefined) {
    return { why: "This is no text: a picture, a spreadsheet or a packed file. Export CSV, and send that." };
  }
  const text = glimpse(beginning);
  if (/^\s*[[{]/.test(text)) {
    const document = JSON_FORMATS.find((format) => format.recognises(text));
    if (document !== undefined) return { format: document.id };
    return {
      why: "This is JSON, but no load curve of Enedis, no answer of Fluvius and none of Mijn Aansluiting: ask for one of those.",
    };
  }
  try {
    const first = firstLine(text);
    const format = recognised(first);
    if (format !== undefined) return { format: format.id };
    const line = first.text.slice(0, 60);
    return {
      why:
        line === ""
          ? "The file has no first line to know its format by."
          : `No format is known whose first line begins with ${JSON.stringify(line)}: name the format, one of ${FORMAT_IDS.join(", ")}.`,
    };
  } catch (error) {
    if (error instanceof FileFault) return { why: error.message };
    throw error;
  }
}

function recognised({ names }: FirstLine): CsvFormat | undefined {
  return CSV.find((format) => format.recognises(names));
}

/** The fault of a first line that is not of the format that was said, with the format that it is of, where that can be told. */
export function otherFormat(first: FirstLine, said: ImportFormat, fault?: FileFault): FileFault {
  const likely = recognised(first);
  if (likely !== undefined && likely.id !== said) {
    return new FileFault(
      "format_other",
      `The first line is of the format ${likely.id} (${likely.title}), not of ${said}: send the file with the format ${likely.id}, or auto.`,
      { line: 1 },
    );
  }
  if (fault !== undefined) return fault;
  const wanted = csvFormatOf(said)?.example ?? "a JSON document";
  return new FileFault("header_invalid", `The first line is not of the format ${said}: ${wanted}.`, {
    line: 1,
  });
}

/** The fault of a document that is not of the format that was said; `undefined` if it can be. */
export function otherDocument(beginning: string, said: ImportFormat): FileFault | undefined {
  const likely = JSON_FORMATS.find((format) => format.recognises(beginning));
  if (likely !== undefined && likely.id !== said) {
    return new FileFault(
      "format_other",
      `The document is of the format ${likely.id}, not of ${said}: send the file with the format ${likely.id}, or auto.`,
    );
  }
  if (jsonFormatsOf(said).length > 0) return undefined;
  const wanted = csvFormatOf(said)?.example ?? "";
  return new FileFault(
    "file_not_csv",
    `This is JSON, not CSV, of which the format ${said} is: ${wanted}. Export the file again as CSV.`,
  );
}
