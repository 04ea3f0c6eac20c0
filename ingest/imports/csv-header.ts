// The header of the format interval-csv: which columns, in which order, and what is wrong with it.
import { quoted } from "#devices/quote";
import { FileFault } from "./row-fault.ts";

export const COLUMNS = ["code", "from", "to", "energyWh", "status"] as const;
export type Column = (typeof COLUMNS)[number];

const FORM = "The first line must be code,from,to,energyWh or code,from,to,energyWh,status";

/** The columns of the file, in its order. @throws FileFault */
export function headerOf(
  names: readonly string[],
  options: { readonly codeNeeded: boolean },
): readonly Column[] {
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
  return columns;
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
