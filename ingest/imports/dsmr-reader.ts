// The export of hours by DSMR-reader: two tariffs in, two out, kWh, and gas in m³, in one row; the file names no connection.
import { quoted } from "#devices/quote";
import { HOUR_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { plainName, wholeOf } from "./cells.ts";
import type { CsvFormat, Entry } from "./format.ts";
import { instantOf } from "./instant.ts";
import { FileFault, rowFault } from "./row-fault.ts";

const TIME = "Hour Start";
const PER_UNIT = 1000;

/** By how their names begin: what follows explains the tariffs. */
const SERIES = [
  { begins: "electricity1returned", carrier: "electricity", direction: "export", part: "1" },
  { begins: "electricity2returned", carrier: "electricity", direction: "export", part: "2" },
  { begins: "electricity1", carrier: "electricity", direction: "import", part: "1" },
  { begins: "electricity2", carrier: "electricity", direction: "import", part: "2" },
  { begins: "gas", carrier: "gas", direction: "import", part: "" },
] as const;

export const dsmrReader: CsvFormat = {
  id: "dsmr-reader",
  title: "an export of hours by DSMR-reader",
  example: "Hour Start,Electricity 1,Electricity 2,Electricity 1 Returned,Electricity 2 Returned,Gas",
  recognises: (names) => plainName(names[0] ?? "") === "hourstart",
  open: (names, { codeNeeded }) => {
    if (!dsmrReader.recognises(names)) {
      throw new FileFault("header_invalid", `The first line must be ${dsmrReader.example}.`, { line: 1 });
    }
    if (codeNeeded) {
      throw new FileFault(
        "header_invalid",
        "The file does not say of which connection it is: choose the supply point in the field supplyPointId.",
        { line: 1 },
      );
    }
    const series = names.map((name) => SERIES.find(({ begins }) => plainName(name).startsWith(begins)));
    return {
      columns: { code: "EAN", from: TIME, to: TIME, value: "kWh" },
      fieldCount: { min: names.length, max: names.length, names: names.join(",") },
      codeOf: () => "",
      read: (fields) => {
        const fromMs = instantOf(fields[0] ?? "");
        if (fromMs === undefined) {
          const detail = `${quoted(fields[0] ?? "")} is not an instant: write 2026-01-31T00:00:00+01:00.`;
          return rowFault(TIME, "time_malformed", detail);
        }
        const entries: Entry[] = [];
        for (const [index, one] of series.entries()) {
          const text = fields[index] ?? "";
          if (one === undefined || text === "") continue;
          const column = names[index] ?? "";
          const energyWh = wholeOf(text, PER_UNIT, column);
          if (typeof energyWh !== "number") return energyWh;
          const { carrier, direction, part } = one;
          const toMs = fromMs + HOUR_MS;
          entries.push({
            fromMs,
            toMs,
            energyWh,
            status: QuarterCode.measured,
            carrier,
            direction,
            part,
            column,
          });
        }
        return entries;
      },
    };
  },
};
