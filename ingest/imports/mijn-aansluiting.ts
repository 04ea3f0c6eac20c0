// The answer of the Dutch operators' Mijn Aansluiting: indexes of registers, a reading a day; what was used lies between two of them.
import { quoted } from "#devices/quote";
import { QuarterCode, type Carrier, type Direction } from "#devices/vocabulary";
import { wholeOf } from "./cells.ts";
import type { Line } from "./csv-lines.ts";
import type { FormatReader } from "./format.ts";
import { instantOf } from "./instant.ts";
import { linesOf, listIn, member, textIn, type JsonFormat } from "./json-rows.ts";
import { FileFault, rowFault } from "./row-fault.ts";

export const mijnAansluiting: JsonFormat = {
  id: "mijn-aansluiting",
  recognises: (beginning) => beginning.includes('"MarketEvaluationPoint"'),
  open: (document, text) => {
    const points = Array.isArray(document) ? document : [document];
    if (member(points[0], "MarketEvaluationPoint") === undefined) return undefined;
    const rows = rowsOf(points as readonly unknown[], text);
    if (rows.length === 0) {
      throw new FileFault(
        "json_invalid",
        "The document holds no two readings of a register: ask for more days.",
      );
    }
    return { reader, rows };
  },
};

type Reading = { readonly line: number; readonly at: string; readonly value: string; readonly unit: string };

/** A row for each two readings of a register that follow each other. */
function rowsOf(points: readonly unknown[], text: string): readonly Line[] {
  const registers = points.flatMap((point) => {
    const connection = member(point, "MarketEvaluationPoint");
    const list = listIn(connection, "RegisterList");
    const names = new Set(list.map((register) => textIn(register, "MRID")));
    return list.map((register) => ({
      ean: textIn(connection, "MRID"),
      name: textIn(register, "MRID"),
      readings: listIn(register, "ReadingList"),
      // The total is what its tariffs make.
      isCounted: !isTotal(textIn(register, "MRID")) || names.size === 1 || !hasTariffs(names, register),
    }));
  });
  const count = registers.reduce((sum, { readings }) => sum + readings.length, 0);
  const lines = linesOf(text, "DateTime", count);
  let place = 0;
  return registers.flatMap(({ ean, name, readings, isCounted }) => {
    const own = readings.map((reading) => readingOf(reading, lines[place++] ?? 0));
    const sorted = own.toSorted((one, other) => (instantOf(one.at) ?? 0) - (instantOf(other.at) ?? 0));
    if (!isCounted) return [];
    return sorted.slice(1).map((later, index) => {
      const earlier = sorted[index] ?? later;
      return {
        line: later.line,
        fields: [ean, name, later.unit, earlier.at, later.at, earlier.value, later.value],
      };
    });
  });
}

function isTotal(register: string): boolean {
  return register.endsWith(".0");
}

function hasTariffs(names: ReadonlySet<string>, register: unknown): boolean {
  const way = textIn(register, "MRID").slice(0, -1);
  return ["1", "2"].some((tariff) => names.has(`${way}${tariff}`));
}

function readingOf(reading: unknown, line: number): Reading {
  const type = member(reading, "ReadingType");
  return {
    line,
    at: textIn(member(reading, "DateAndOrTime"), "DateTime"),
    value: textIn(reading, "Value"),
    unit: `${textIn(type, "Multiplier")}${textIn(type, "Unit")}`,
  };
}

/** Thousandths are Wh, or litres. */
const PER_UNIT = 1000;
const UNITS: ReadonlyMap<string, Carrier> = new Map([
  ["kWh", "electricity"],
  ["m3", "gas"],
]);

const reader: FormatReader = {
  columns: { code: "MRID", from: "DateTime", to: "DateTime", value: "Value" },
  codeOf: (fields) => fields[0] ?? "",
  carrierOf: (fields) => UNITS.get(fields[2] ?? ""),
  read: ([, name = "", unit = "", from = "", to = "", before = "", after = ""]) => {
    const carrier = UNITS.get(unit);
    if (carrier === undefined) {
      return rowFault("Unit", "unit_unknown", `${quoted(unit)} is neither kWh nor m3: ask for those.`);
    }
    const direction = carrier === "gas" ? "import" : directionOf(name);
    if (direction === undefined) {
      const detail = `${quoted(name)} is not a register of what is taken (1.8) or fed in (2.8): leave it out.`;
      return rowFault("MRID", "register_unknown", detail);
    }
    const [fromMs, toMs] = [instantOf(from), instantOf(to)];
    if (fromMs === undefined || toMs === undefined) {
      const text = fromMs === undefined ? from : to;
      return rowFault("DateTime", "time_malformed", `${quoted(text)} is not an instant of RFC 3339.`);
    }
    const first = wholeOf(before, PER_UNIT, "Value");
    if (typeof first !== "number") return first;
    const last = wholeOf(after, PER_UNIT, "Value");
    if (typeof last !== "number") return last;
    // The same reading again.
    if (fromMs === toMs && first === last) return [];
    if (last < first) {
      const detail = `The index goes from ${quoted(before)} back to ${quoted(after)}: a meter that was changed, or a reading to correct. Send the days before and after it apart.`;
      return rowFault("Value", "energy_negative", detail);
    }
    return [
      { fromMs, toMs, energyWh: last - first, status: QuarterCode.measured, carrier, direction, part: name },
    ];
  },
};

/** By OBIS: C is 1 for what is taken, 2 for what is fed in; D is 8, an index. */
function directionOf(register: string): Direction | undefined {
  if (/^1\.8\.\d$/.test(register)) return "import";
  return /^2\.8\.\d$/.test(register) ? "export" : undefined;
}
