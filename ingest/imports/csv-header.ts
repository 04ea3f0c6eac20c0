// The first line of an interval file: which separator, which columns, and whether it is a CSV file at all.
import { quoted } from "#devices/quote";
import { FileFault } from "./row-fault.ts";

export const COLUMNS = ["code", "from", "to", "energyWh", "status"] as const;
export type Column = (typeof COLUMNS)[number];

export type Header = {
  /** With a semicolon, a decimal comma is a decimal point: that is how spreadsheets of such countries write. */
  readonly separator: "," | ";";
  /** The columns of the file, in its order. */
  readonly columns: readonly Column[];
};

const FORM = "The first line must be code,from,to,energyWh or code,from,to,energyWh,status";

/** Reads the header line, without its BOM. @throws FileFault */
export function headerOf(line: string, options: { readonly codeNeeded: boolean }): Header {
  refuseOtherFiles(line);
  const separator = line.includes(";") ? ";" : ",";
  const names = line.split(separator).map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
  const columns = names.map(columnOf);
  for (const [index, column] of columns.entries()) {
    if (columns.indexOf(column) !== index) {
      throw new FileFault("header_invalid", `The column ${column} is there twice. ${FORM}.`, {
        line: 1,
        column,
      });
    }
  }
  for (const column of COLUMNS) {
    const optional = column === "status" || (column === "code" && !options.codeNeeded);
    if (optional || columns.includes(column)) continue;
    const more = column === "code" ? ", or name the supply point in the field supplyPointId" : "";
    throw new FileFault("header_invalid", `The column ${column} is missing. ${FORM}${more}.`, {
      line: 1,
      column,
    });
  }
  return { separator, columns };
}

/** A column that is not known is an error: a typing mistake in `status` must not pass for its default. */
function columnOf(name: string): Column {
  const column = COLUMNS.find((known) => known.toLowerCase() === name.toLowerCase());
  if (column === undefined) {
    throw new FileFault("header_invalid", `There is no column ${quoted(name)} in this format. ${FORM}.`, {
      line: 1,
    });
  }
  return column;
}

function refuseOtherFiles(line: string): void {
  if (/^\s*</.test(line)) {
    throw new FileFault(
      "file_not_csv",
      "This is a web page or XML, not CSV: perhaps the session had ended when it was downloaded. Download it again.",
    );
  }
  if (/^\s*[[{]/.test(line)) throw new FileFault("file_not_csv", `This is JSON, not CSV. ${FORM}.`);
  if (line.startsWith("PK\u0003\u0004")) {
    throw new FileFault(
      "file_not_csv",
      "This is a spreadsheet or a ZIP archive: save it as CSV UTF-8 and send that.",
    );
  }
}
