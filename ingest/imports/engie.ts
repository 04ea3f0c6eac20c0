// The Dutch export of hours by ENGIE: one row an hour and connection, the instant with its offset, kWh or m³.
import { quoted } from "#devices/quote";
import { HOUR_MS } from "#devices/time";
import { QuarterCode, type Carrier } from "#devices/vocabulary";
import { plainName, wholeOf } from "./cells.ts";
import type { CsvFormat } from "./format.ts";
import { instantOf } from "./instant.ts";
import { columnsNamed, hasColumns } from "./named-columns.ts";
import { rowFault } from "./row-fault.ts";

const COLUMNS = { from: "Datum", code: "EAN", value: "Verbruik", kind: "Type" } as const;
const PER_UNIT = 1000;
const CARRIERS: ReadonlyMap<string, Carrier> = new Map([
  ["elektriciteit", "electricity"],
  ["gas", "gas"],
]);

export const engie: CsvFormat = {
  id: "engie",
  title: "an export of hours by ENGIE",
  example: "Datum,EAN,Verbruik,Type,Piek",
  recognises: (names) => hasColumns(names, Object.values(COLUMNS)),
  open: (names) => {
    const at = columnsNamed(names, COLUMNS, engie.example);
    return {
      columns: { code: "EAN", from: "Datum", to: "Datum", value: "Verbruik" },
      fieldCount: { min: names.length, max: names.length, names: names.join(",") },
      codeOf: (fields) => fields[at.code] ?? "",
      carrierOf: (fields) => CARRIERS.get(plainName(fields[at.kind] ?? "")),
      read: (fields) => {
        const fromMs = instantOf(fields[at.from] ?? "");
        if (fromMs === undefined) {
          const detail = `${quoted(fields[at.from] ?? "")} is not an instant: write 2026-01-31T00:00:00+01:00.`;
          return rowFault("Datum", "time_malformed", detail);
        }
        const carrier = CARRIERS.get(plainName(fields[at.kind] ?? ""));
        if (carrier === undefined) {
          const detail = `${quoted(fields[at.kind] ?? "")} is neither Elektriciteit nor Gas.`;
          return rowFault("Type", "unit_unknown", detail);
        }
        const text = fields[at.value] ?? "";
        if (text === "") return [];
        const energyWh = wholeOf(text, PER_UNIT, "Verbruik");
        if (typeof energyWh !== "number") return energyWh;
        return [{ fromMs, toMs: fromMs + HOUR_MS, energyWh, status: QuarterCode.measured, carrier }];
      },
    };
  },
};
