// The first line of a CSV file: its separator and its columns, and whether it is a CSV file at all.
import type { Separator } from "./format.ts";
import { FileFault } from "./row-fault.ts";

export type FirstLine = {
  /** As it stands there, without BOM and blanks around. */
  readonly text: string;
  readonly separator: Separator;
  readonly names: readonly string[];
  /** A line `sep=,` for a spreadsheet goes before. */
  readonly hasSeparatorLine: boolean;
  /** It has ended: more text does not change it. */
  readonly isWhole: boolean;
};

const SEPARATOR_LINE = /^"?sep=(.)"?,*$/i;
const SHOWN_MAX = 4096;

/** @throws FileFault for what is no CSV */
export function firstLine(beginning: string): FirstLine {
  const [first = "", ...rest] = beginning
    .replace(/^\ufeff/, "")
    .trimStart()
    .split(/[\r\n]+/);
  refuseOtherFiles(first);
  const isSeparator = SEPARATOR_LINE.exec(first.trim());
  const [line = "", ...more] = isSeparator === null ? [first, ...rest] : rest;
  const text = line.trim().slice(0, SHOWN_MAX);
  const separator = separatorOf(text);
  return {
    text,
    separator,
    names: text.split(separator).map((name) => name.trim().replace(/^"(.*)"$/, "$1")),
    hasSeparatorLine: isSeparator !== null,
    isWhole: more.length > 0,
  };
}

/** With a semicolon, a decimal comma is a decimal point: that is how spreadsheets of such countries write. */
function separatorOf(line: string): Separator {
  if (line.includes(";")) return ";";
  return line.includes("\t") && !line.includes(",") ? "\t" : ",";
}

function refuseOtherFiles(line: string): void {
  if (line.startsWith("<")) {
    throw new FileFault(
      "file_not_csv",
      "This is a web page or XML, not CSV: perhaps the session had ended when it was downloaded. Download it again.",
    );
  }
  if (line.startsWith("PK\u0003\u0004")) {
    throw new FileFault(
      "file_not_csv",
      "This is a spreadsheet or a ZIP archive: save it as CSV UTF-8 and send that.",
    );
  }
}
