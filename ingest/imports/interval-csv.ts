// The format interval-csv, our own: `code,from,to,energyWh[,status]` with instants that say their distance from UTC.
import { headerOf, COLUMNS, type Column } from "./csv-header.ts";
import type { CsvFormat, FormatReader, OpenOptions } from "./format.ts";
import { intervalOf, isFault } from "./interval-row.ts";

export const intervalCsv: CsvFormat = {
  id: "interval-csv",
  title: "our own intervals",
  example: "code,from,to,energyWh,status",
  strictUtf8: true,
  strictCode: true,
  recognises: (names) => {
    const given = new Set(names.map((name) => name.toLowerCase()));
    return ["from", "to", "energywh"].every((name) => given.has(name));
  },
  open: openIntervals,
};

function openIntervals(names: readonly string[], { codeNeeded, separator }: OpenOptions): FormatReader {
  const columns = headerOf(names, { codeNeeded });
  const [code = -1, from = -1, to = -1, energyWh = -1, status = -1] = COLUMNS.map((column: Column) =>
    columns.indexOf(column),
  );
  return {
    columns: { code: "code", from: "from", to: "to", value: "energyWh" },
    fieldCount: { min: columns.length, max: columns.length, names: columns.join(separator) },
    codeOf: (fields) => fields[code] ?? "",
    read: (fields, { nowMs, target }) => {
      const interval = intervalOf(
        {
          from: fields[from] ?? "",
          to: fields[to] ?? "",
          energyWh: fields[energyWh] ?? "",
          status: fields[status] ?? "",
        },
        {
          nowMs,
          carrier: target.carrier,
          connectionKva: target.connectionKva,
          decimalComma: separator === ";",
        },
      );
      return isFault(interval) ? interval : [interval];
    },
  };
}
