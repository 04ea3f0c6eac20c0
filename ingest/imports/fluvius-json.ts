// The answer of Fluvius's API to a mandate: intervals with an instant at both ends, offtake and injection, by tariff or in total.
import { QuarterCode, type Carrier } from "#devices/vocabulary";
import { quoted } from "#devices/quote";
import { wholeOf } from "./cells.ts";
import type { Line } from "./csv-lines.ts";
import type { FormatReader } from "./format.ts";
import { instantOf } from "./instant.ts";
import { linesOf, listIn, member, textIn, type JsonFormat } from "./json-rows.ts";
import { FileFault, rowFault } from "./row-fault.ts";

export const fluviusJson: JsonFormat = {
  id: "fluvius",
  recognises: (beginning) => beginning.includes('"headpoint"'),
  open: (document, text) => {
    const head = member(member(document, "data"), "headpoint");
    if (head === undefined) return undefined;
    const rows = rowsOf(head, text);
    if (rows.length === 0) {
      throw new FileFault("json_invalid", "The document holds no quarter-hours and no hours: ask for those.");
    }
    return { reader, rows };
  },
};

const SERIES = ["quarterHourlyEnergy", "hourlyEnergy"];

/** Sub-metering behind the head point is left out: its energy is in the head point's already. */
function rowsOf(head: unknown, text: string): readonly Line[] {
  const series = SERIES.flatMap((name) =>
    [head, ...listIn(head, "physicalMeters")].flatMap((at) => listIn(at, name).map((one) => one)),
  );
  const lines = linesOf(text, "start", series.length);
  const ean = textIn(head, "ean");
  const carrier = textIn(head, "energyType") === "G" ? "gas" : "electricity";
  return series.flatMap((interval, index) =>
    listIn(interval, "measurements").flatMap((measurement) =>
      ["offtake", "injection"].flatMap((way) =>
        registersOf(member(measurement, way)).map(([register, value]) => ({
          line: lines[index] ?? 0,
          fields: [
            ean,
            textIn(interval, "start"),
            textIn(interval, "end"),
            carrier,
            way,
            register,
            ...["value", "unit", "validationState"].map((name) => textIn(value, name)),
          ],
        })),
      ),
    ),
  );
}

/** The total where there is one, else the tariffs that make it. */
function registersOf(way: unknown): readonly (readonly [string, unknown])[] {
  const total = member(way, "total");
  if (total !== undefined) return [["total", total]];
  return ["day", "night", "exclusiveNight"].flatMap((register) => {
    const value = member(way, register);
    return value === undefined ? [] : [[register, value] as const];
  });
}

const STATES: Readonly<Record<string, number>> = {
  READ: QuarterCode.measured,
  VAL: QuarterCode.validated,
  EST: QuarterCode.substituted,
};
const UNITS: Readonly<Record<string, { readonly scale: number; readonly carrier: Carrier }>> = {
  kWh: { scale: 1000, carrier: "electricity" },
  m3: { scale: 1000, carrier: "gas" },
};

const reader: FormatReader = {
  columns: { code: "ean", from: "start", to: "end", value: "value" },
  codeOf: (fields) => fields[0] ?? "",
  read: ([, start = "", end = "", carrier, way, part, value = "", unit = "", state = ""]) => {
    if (value === "") return [];
    const known = UNITS[unit];
    if (known === undefined) return rowFault("unit", "unit_unknown", `${quoted(unit)} is not kWh or m3.`);
    // Gas in kWh is what the same document says in m3 as well.
    if (known.carrier !== carrier) return [];
    const [fromMs, toMs] = [instantOf(start), instantOf(end)];
    if (fromMs === undefined || toMs === undefined) {
      const [column, text] = fromMs === undefined ? ["start", start] : ["end", end];
      return rowFault(
        column ?? null,
        "time_malformed",
        `${quoted(text ?? "")} is not an instant of RFC 3339.`,
      );
    }
    const status = STATES[state];
    if (status === undefined) {
      const detail = `${quoted(state)} is not one of READ, VAL and EST.`;
      return rowFault("validationState", "status_unknown", detail);
    }
    const energyWh = wholeOf(value, known.scale, "value");
    if (typeof energyWh !== "number") return energyWh;
    const direction = way === "injection" ? "export" : "import";
    return [{ fromMs, toMs, energyWh, status, carrier: known.carrier, direction, part }];
  },
};
