// Reading interval files: what is good is packed to the watt-hour, what is bad is named with its line, and nothing is kept.
import fc from "fast-check";
import { expect, test } from "vitest";
import { HOUR_MS, QUARTERS_PER_UTC_DAY, QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { ImportTarget } from "./format.ts";
import { readHistory, type DecodedFile } from "./read-history.ts";

const NOW_MS = Date.UTC(2026, 6, 1);
const KIND = { carrier: "electricity", direction: "import", timezone: "Europe/Brussels" } as const;
const POINTS: readonly ImportTarget[] = [
  { ...KIND, id: 1, code: "541448860000000001", connectionKva: null },
  { ...KIND, id: 2, code: "541448860000000002", connectionKva: 25 },
];
const [POINT] = POINTS;

function read(
  text: string | Uint8Array | readonly Uint8Array[],
  target?: ImportTarget,
): Promise<DecodedFile> {
  const chunks = typeof text === "string" ? [Buffer.from(text)] : text instanceof Uint8Array ? [text] : text;
  return readHistory(() => chunks, {
    format: "interval-csv",
    target,
    targetsOf: async (codes) => POINTS.filter(({ code }) => code !== null && codes.includes(code)),
    nowMs: NOW_MS,
  });
}

/** Every quarter-hour with a value: instant, Wh, status. */
function quartersOf(file: DecodedFile): [number, string, number, number][] {
  return file.days.flatMap((day) =>
    [...day.statuses].flatMap((status, slot): [number, string, number, number][] =>
      status === QuarterCode.missing
        ? []
        : [
            [
              day.supplyPointId,
              new Date((day.day * QUARTERS_PER_UTC_DAY + slot) * QUARTER_MS).toISOString().slice(0, 16),
              day.quarters.readInt32LE(4 * slot),
              status,
            ],
          ],
    ),
  );
}

const HEAD = "code,from,to,energyWh,status\n";
const ROW = "541448860000000001,2026-01-15T00:00:00Z,2026-01-15T00:15:00Z,100,measured\n";

test("an hour becomes four quarter-hours whose sum is the hour", async () => {
  const file = await read(
    "code,from,to,energyWh\n541448860000000001,2026-01-15T01:00:00+01:00,2026-01-15T02:00:00+01:00,10\n",
  );
  expect(file).toMatchObject({ rowsRead: 1, rowsRefused: 0, errors: [] });
  expect(file.days[0]?.resolutionS).toBe(3600);
  expect(quartersOf(file)).toEqual([
    [1, "2026-01-15T00:00", 3, 4],
    [1, "2026-01-15T00:15", 2, 4],
    [1, "2026-01-15T00:30", 3, 4],
    [1, "2026-01-15T00:45", 2, 4],
  ]);
});

test.each([
  [
    "semicolons, a BOM, other case, CRLF, spaces in the code",
    "\ufeffCODE;From;TO;energywh;Status\r\n5414 4886 0000000001 ; 2026-01-15T00:00:00Z;2026-01-15T00:15:00Z;100;Measured\r\n",
  ],
  [
    "quotation marks",
    `"code","from","to","energyWh"\n"541448860000000001","2026-01-15T00:00:00Z","2026-01-15T00:15:00Z","100"`,
  ],
  [
    "CR alone, columns in another order",
    "energyWh,to,from,code\r100,2026-01-15T00:15:00Z,2026-01-15T00:00:00Z,541448860000000001\r",
  ],
  ["empty lines and no line end", `\n \r\n${HEAD}\n\n${ROW.trim()}`],
  [
    "a decimal comma",
    "code;from;to;energyWh\n541448860000000001;2026-01-15T00:00:00Z;2026-01-15T00:15:00Z;99,5\n",
  ],
  [
    "decimals",
    "code,from,to,energyWh\n541448860000000001,2026-01-15T00:00:00Z,2026-01-15T00:15:00Z,100.4999999\n",
  ],
])("%s are understood", async (_, text) => {
  const file = await read(text);
  expect(file.errors).toEqual([]);
  expect(quartersOf(file)).toEqual([[1, "2026-01-15T00:00", 100, 4]]);
});

test("with a supply point for the whole file the code may be absent, empty or its own", async () => {
  const rows = "2026-01-15T00:00:00Z,2026-01-15T00:15:00Z,100\n";
  for (const text of [
    `from,to,energyWh\n${rows}`,
    `code,from,to,energyWh\n,${rows}`,
    `code,from,to,energyWh\n541448860000000001,${rows}`,
  ]) {
    expect(quartersOf(await read(text, POINT))).toEqual([[1, "2026-01-15T00:00", 100, 4]]);
  }
  const other = await read(`code,from,to,energyWh\n541448860000000002,${rows}`, POINT);
  expect(other.errors.map(({ code }) => code)).toEqual(["no_good_row", "code_contradicts_supply_point"]);
});

const CODE = "541448860000000001";
const A = "2026-01-15T00:00:00Z";
const B = "2026-01-15T00:15:00Z";

test.each([
  ["code_missing", "code", `,${A},${B},1`],
  ["code_unknown", "code", `541448860000000009,${A},${B},1`],
  ["code_unknown", "code", `5.41449E+17,${A},${B},1`],
  ["code_unknown", "code", `54\u000014,${A},${B},1`],
  ["time_malformed", "from", `${CODE},15/01/2026 00:00,${B},1`],
  ["time_malformed", "to", `${CODE},${A},2026-02-31T00:00:00Z,1`],
  ["time_malformed", "from", `${CODE},2026-01-15T00:00:00+0100,${B},1`],
  ["time_without_offset", "from", `${CODE},2026-01-15T00:00:00,${B},1`],
  ["time_off_quarter_hour", "to", `${CODE},${A},2026-01-15T00:10:00Z,1`],
  ["time_before_2000", "from", `${CODE},1999-12-31T23:45:00Z,2000-01-01T00:00:00Z,1`],
  ["time_in_future", "to", `${CODE},2026-07-01T00:00:00Z,2026-07-01T00:15:00Z,1`],
  ["interval_backwards", "to", `${CODE},${B},${A},1`],
  ["interval_backwards", "to", `${CODE},${A},${A},1`],
  ["interval_too_long", "to", `${CODE},2026-01-01T00:00:00Z,2026-02-02T00:15:00Z,1`],
  ["energy_missing", "energyWh", `${CODE},${A},${B},`],
  ["energy_not_a_number", "energyWh", `${CODE},${A},${B},1.2.3`],
  ["energy_not_a_number", "energyWh", `${CODE},${A},${B},1e3`],
  ["energy_not_a_number", "energyWh", `${CODE},${A},${B},NaN`],
  ["energy_not_a_number", "energyWh", `${CODE},${A},${B},1 kWh`],
  ["energy_negative", "energyWh", `${CODE},${A},${B},-1`],
  ["energy_too_large", "energyWh", `${CODE},${A},${B},2147483648`],
  ["energy_too_large", "energyWh", `${CODE},${A},${B},${"9".repeat(400)}`],
  ["energy_too_large", "energyWh", `541448860000000002,${A},${B},6876`],
  // Nobody declared the connection: 53.7 MWh, 0x7FFFFFFF and 8590.017 kWh are more than any can carry.
  ["energy_too_large", "energyWh", `${CODE},${A},${B},53700000`],
  ["energy_too_large", "energyWh", `${CODE},${A},${B},2147483647`],
  ["energy_too_large", "energyWh", `${CODE},${A},2026-01-15T00:30:00Z,8590017`],
  ["status_unknown", "status", `${CODE},${A},${B},1,guessed`],
  ["columns_too_many", null, `${CODE},${A},${B},1,measured,2`],
  ["columns_too_few", null, `${CODE},${A}`],
])("a row is refused with %s, its line and what to do", async (code, column, row) => {
  const cells = row.split(",").length === 4 ? `${row},` : row;
  const file = await read(
    `${HEAD}${ROW}${cells}\n541448860000000001,2026-01-15T00:15:00Z,2026-01-15T00:30:00Z,7,\n`,
  );
  expect(file.errors).toMatchObject([{ line: 3, code, column }]);
  expect(file.errors[0]?.detail).not.toContain("\u0000");
  expect(file).toMatchObject({ rowsRead: 3, rowsRefused: 1 });
  expect(quartersOf(file).map(([, , wh]) => wh)).toEqual([100, 7]);
});

test.each([
  ["electricity", 250_000],
  ["heat", 2_000_000],
  ["gas", 160_000],
  ["water", 60_000],
] as const)(
  "of %s without a declared connection a quarter-hour holds %d and no more",
  async (carrier, most) => {
    const target = { ...KIND, id: 1, code: null, connectionKva: null, carrier };
    expect((await read(`${HEAD},${A},${B},${most},\n`, target)).errors).toEqual([]);
    const { errors } = await read(`${HEAD},${A},${B},${most + 1},\n`, target);
    expect(errors.at(-1)).toMatchObject({ line: 2, code: "energy_too_large" });
  },
);

test("just what a connection can carry is accepted", async () => {
  const file = await read(`${HEAD}541448860000000002,${A},${B},6875,\n`);
  expect(file.errors).toEqual([]);
});

test.each([
  ["file_empty", ""],
  ["file_empty", "\ufeff \n"],
  ["file_not_csv", "<!DOCTYPE html>\n<html>"],
  ["file_not_csv", '{"a": 1}\n'],
  ["file_not_csv", "PK\u0003\u0004rest\n"],
  ["file_not_utf8", Buffer.from([0xff, 0xfe, 0x63, 0])],
  ["file_not_utf8", Buffer.from("code,from,to,energyWh\n\xe9", "latin1")],
  ["header_invalid", "code,from,to\n"],
  ["header_invalid", "from,to,energyWh\n"],
  ["header_invalid", "code,from,to,energyWh,state\n"],
  ["header_invalid", "code,from,to,energyWh,from\n"],
  ["header_invalid", "x".repeat(5000)],
  ["no_good_row", HEAD],
  ["no_good_row", `${HEAD}a,b,c,d,e\n`],
  ["no_good_row", `${HEAD}${CODE},${A},${B},,missing\n`],
  ["csv_broken", `${HEAD}${ROW}"${CODE},${A}\n${ROW.repeat(100)}`],
  ["csv_broken", `${HEAD}${ROW}"${CODE},${A}\n`],
  ["csv_broken", `${HEAD}${ROW}${",".repeat(3000)}\n`],
  ["csv_broken", `${HEAD}${ROW}${" ".repeat(3000)}`],
])("a file is refused whole with %s", async (code, text) => {
  const file = await read(text);
  expect(file.days).toEqual([]);
  expect(file.errors[0]).toMatchObject({ code });
});

test("an interval said twice is harmless; said otherwise, the later row is refused and names the quarter-hour", async () => {
  const twice = await read(`${HEAD}${ROW}${ROW}`);
  expect(twice).toMatchObject({ rowsRead: 2, rowsRefused: 0, errors: [] });
  const hour = `${CODE},2026-01-15T00:00:00Z,2026-01-15T01:00:00Z,400,\n`;
  expect((await read(`${HEAD}${ROW}${hour}`)).errors).toEqual([]);
  const other = await read(`${HEAD}${ROW}${hour.replace("400", "404")}`);
  expect(other.errors).toMatchObject([{ line: 3, code: "row_contradicts_earlier" }]);
  expect(other.errors[0]?.detail).toContain("2026-01-15T00:00:00.000Z");
  expect(quartersOf(other)).toHaveLength(1);
});

test("missing is no value, and contradicts nothing", async () => {
  const file = await read(
    `${HEAD}${ROW}${CODE},${A},${B},0,missing\n${CODE},${B},2026-01-15T00:30:00Z,,MISSING\n`,
  );
  expect(file).toMatchObject({ rowsRead: 3, rowsRefused: 0, errors: [] });
  expect(quartersOf(file)).toHaveLength(1);
});

test("at most a hundred errors are kept, all are counted", async () => {
  const file = await read(`${HEAD}${ROW}${"a,b,c,d,e\n".repeat(5000)}`);
  expect(file.errors).toHaveLength(100);
  expect(file.errors.at(-1)?.line).toBe(102);
  expect(file).toMatchObject({ rowsRead: 5001, rowsRefused: 5000 });
});

test.each([
  ["short rows", "a,b,c,d,e\n", 10_000],
  ["rows that the parser has much ado with", `""""""\n`, 10_000],
])("reading ends after ten thousand refused rows: %s", async (_, row, refused) => {
  const file = await read(HEAD + ROW + row.repeat(60_000));
  expect(file).toMatchObject({ days: [], rowsRead: refused + 1, rowsRefused: refused });
  expect(file.errors[0]).toMatchObject({ line: refused + 2, code: "too_many_bad_rows" });
  expect(file.errors).toHaveLength(100);
});

test("the same months over and over do not keep the reader busy for ever", async () => {
  const row = "2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,1\n";
  const file = await read(`from,to,energyWh\n${row.repeat(4_000)}`, POINT);
  expect(file).toMatchObject({ days: [], errors: [{ line: 0, code: "too_many_quarters" }] });
});

test("a month's value is spread over all of it, the night of the clock included", async () => {
  const file = await read(
    "from,to,energyWh\n2025-10-01T00:00:00+02:00,2025-11-01T00:00:00+01:00,1000003\n",
    POINT,
  );
  expect(quartersOf(file)).toHaveLength(31 * 96 + 4);
  expect(quartersOf(file).reduce((sum, [, , wh]) => sum + wh, 0)).toBe(1_000_003);
});

/** Hours of the nights in March and October, with random energies. */
const hours = fc.record({
  startMs: fc.constantFrom(Date.UTC(2026, 2, 28, 20), Date.UTC(2025, 9, 25, 20)),
  energies: fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 12 }),
});

function rowsOf({ startMs, energies }: { startMs: number; energies: readonly number[] }): string[] {
  const shown = (atMs: number) =>
    Temporal.Instant.fromEpochMilliseconds(atMs)
      .toZonedDateTimeISO("Europe/Brussels")
      .toString({ timeZoneName: "never" });
  return energies.map(
    (energy, index) =>
      `${CODE},${shown(startMs + index * HOUR_MS)},${shown(startMs + (index + 1) * HOUR_MS)},${energy},`,
  );
}

test("through the nights of the clock every hour keeps its sum, and the order of rows changes nothing", () =>
  fc.assert(
    fc.asyncProperty(hours, fc.func(fc.integer()), async (given, rank) => {
      const rows = rowsOf(given);
      const file = await read(HEAD + rows.join("\n"));
      expect(file.errors).toEqual([]);
      const values = quartersOf(file).map(([, , wh]) => wh);
      for (const [hour, energy] of given.energies.entries()) {
        expect(values.slice(4 * hour, 4 * hour + 4).reduce((sum, wh) => sum + wh, 0)).toBe(energy);
      }
      const shuffled = rows.toSorted((one, other) => rank(one) - rank(other));
      expect((await read(HEAD + [...shuffled, ...rows].join("\n"))).days).toEqual(file.days);
    }),
    { numRuns: 50 },
  ));

test("where the bytes are cut changes nothing, not even within a character", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }),
      async (sizes) => {
        const bytes = Buffer.from(
          `\ufeff${HEAD}${ROW}é,ü,ß,𝄞,x\n${ROW.replace("T00:00", "T00:15").replace(":15:00Z,100", ":30:00Z,100")}`,
        );
        const chunks: Buffer[] = [];
        for (let at = 0, index = 0; at < bytes.length; index++) {
          const size = sizes[index % sizes.length] ?? 1;
          chunks.push(bytes.subarray(at, (at += size)));
        }
        expect(await read(chunks)).toEqual(await read(bytes));
      },
    ),
    { numRuns: 50 },
  ));

test("while a large file is read, everybody else has his turn many times", async () => {
  const month = (index: number) => new Date(Date.UTC(2000, index, 1)).toISOString();
  const months = Array.from({ length: 300 }, (_, index) => `${month(index)},${month(index + 1)},${index}`);
  const files: [string, number][] = [
    [`from,to,energyWh\n${`${A},${B},1\n`.repeat(20_000)}`, 50],
    [`from,to,energyWh\n${months.join("\n")}`, 15],
  ];
  for (const [text, turnsMin] of files) {
    let turns = 0;
    let isReading = true;
    const count = () => {
      turns++;
      if (isReading) setImmediate(count);
    };
    setImmediate(count);
    expect((await read(text, POINT)).errors).toEqual([]);
    isReading = false;
    expect(turns).toBeGreaterThan(turnsMin);
  }
});
