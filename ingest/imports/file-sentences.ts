// What is said of a file, or of a row, whatever its format: sentences with the value and what to do.
import type { FormatReader } from "./format.ts";
import { FileFault, rowFault, type RowFault } from "./row-fault.ts";

export function notText(): FileFault {
  return new FileFault(
    "file_not_csv",
    "This is no text: a picture, a spreadsheet or a packed file. Export CSV, or save the spreadsheet as CSV UTF-8.",
  );
}

export function shown(atMs: number): string {
  return new Date(atMs).toISOString();
}

export function jsonTooLarge(): FileFault {
  return new FileFault("json_invalid", "The document is larger than 16 MB: ask for a shorter period.");
}

export function offQuarter(column: string, fromMs: number, toMs: number): RowFault {
  return rowFault(
    column,
    "time_off_quarter_hour",
    `From ${shown(fromMs)} to ${shown(toMs)} is not on quarter-hours: intervals begin and end at minute 00, 15, 30 or 45.`,
  );
}

export function columnFault(
  fields: readonly string[],
  { min, max, names }: NonNullable<FormatReader["fieldCount"]>,
): RowFault {
  const many = fields.length > max;
  return rowFault(
    null,
    many ? "columns_too_many" : "columns_too_few",
    `The row has ${fields.length} columns, the header ${many ? max : min} (${names}): ${many ? "a decimal comma or a separator too many" : "something is missing"}.`,
  );
}
