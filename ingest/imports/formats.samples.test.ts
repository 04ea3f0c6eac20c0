// Real exports of operators, unmodified, with totals that were added up apart, by Python's decimal numbers over the cells.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { sharedDir } from "#testing";
import { detectFormat, type ImportFormat } from "./formats.ts";
import { ofDay, quartersIn, readTest, testTarget, totalsOf } from "./test-files.ts";

const shared = sharedDir();
const EXPORTS = "data/fluvius-mijn-export";
const AMR = "samples/bad-amr-csv";

function content(folder: string, file: string): Buffer {
  const bytes = readFileSync(join(shared ?? "", folder, file));
  return file.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

const absent = shared === undefined || ![EXPORTS, AMR].every((folder) => existsSync(join(shared, folder)));
if (absent) process.stderr.write("formats.samples.test.ts: skipped, no exports below KOPROGO_SHARED\n");

const gas = testTarget({ carrier: "gas" });
const power = testTarget();
const british = testTarget({ timezone: "Europe/London" });

/**
 * Σ of the value column times 1000 by register's direction and status, over rows with a value; quarters: rows × quarters of an
 * interval. Liander and DSMR-reader: Σ of both tariffs.
 */
const TOTALS: readonly (readonly [
  file: string,
  format: ImportFormat,
  target: typeof power,
  rowsRead: number,
  totals: Readonly<Record<string, readonly [number, number]>>,
])[] = [
  [
    "fluvius_electricity_quarter-hours_en.csv.gz",
    "fluvius",
    power,
    13_640,
    { "import measured": [1_462_321, 6819], "export measured": [124_930, 6819] },
  ],
  [
    "fluvius_electricity_quarter-hours_nl.csv.gz",
    "fluvius",
    power,
    3848,
    { "import validated": [17_722, 464], "import substituted": [470, 354], "export validated": [0, 464] },
  ],
  ["fluvius_gas_hours_en.csv.gz", "fluvius", gas, 3398, { "import measured": [628_173, 4 * 1699] }],
  [
    "fluvius_gas_hours_nl.csv.gz",
    "fluvius",
    gas,
    116,
    { "import validated": [13_293, 4 * 47], "import substituted": [2752, 4 * 10] },
  ],
  [
    "IT_e-distribuzione_ExportData_settembre.csv.gz",
    "e-distribuzione",
    power,
    30,
    { "import measured": [269_281, 30 * 96] },
  ],
  [
    "NL_Export.verbruiken.ENGIE.csv.gz",
    "engie",
    power,
    25_246,
    { "import measured": [7_584_261, 4 * 12_623] },
  ],
  ["NL_Export.verbruiken.ENGIE.csv.gz", "engie", gas, 25_246, { "import measured": [2_237_395, 4 * 12_623] }],
  [
    "NL_Liander_csv_bijlage.csv.gz",
    "liander",
    power,
    412,
    // 205 days, one of which has 25 hours.
    { "import measured": [2_793_500, 205 * 96 + 4], "export measured": [176_875, 205 * 96 + 4] },
  ],
  ["NL_Liander_csv_bijlage.csv.gz", "liander", gas, 412, { "import measured": [377_900, 205 * 96 + 4] }],
  [
    "NL_dsmrreader-data-export-hour.csv.gz",
    "dsmr-reader",
    power,
    8754,
    { "import measured": [3_743_131, 4 * 8754], "export measured": [2_128_383, 4 * 8754] },
  ],
  [
    "NL_dsmrreader-data-export-hour.csv.gz",
    "dsmr-reader",
    gas,
    8754,
    { "import measured": [621_827, 4 * 8754] },
  ],
];

test.skipIf(absent).each(TOTALS)(
  "%s as %s has its totals",
  async (file, format, target, rowsRead, totals) => {
    const bytes = content(EXPORTS, file);
    expect(detectFormat(bytes.subarray(0, 4096))).toEqual({ format });
    const read = await readTest(format, bytes, target);
    expect(read).toMatchObject({ rowsRead, rowsRefused: 0, errors: [] });
    expect(totalsOf(read)).toEqual(totals);
  },
);

test.skipIf(absent)(
  "the day of 100 quarter-hours: the row whose end goes back is of the first hour",
  async () => {
    const bytes = content(EXPORTS, "fluvius_electricity_quarter-hours_en.csv.gz");
    const quarters = quartersIn(await readTest("fluvius", bytes)).filter(
      ({ direction }) => direction === "import",
    );
    const day = ofDay(quarters, "2023-10-29", "Europe/Brussels");
    expect(day).toHaveLength(100);
    // The eight rows from 02:00, in the order of the file: 276 261 286 268 269 273 295 286, the seventh until 02:00.
    const night = day.filter(({ at }) => at >= "2023-10-29T00:00" && at < "2023-10-29T02:00");
    expect(night.map(({ wh }) => wh)).toEqual([276, 286, 269, 295, 261, 268, 273, 286]);
    expect(ofDay(quarters, "2023-10-28", "Europe/Brussels")).toHaveLength(96);
  },
);

test.skipIf(absent)("gas has 25 hours that day, and its day at six has no part in it", async () => {
  const read = await readTest("fluvius", content(EXPORTS, "fluvius_gas_hours_en.csv.gz"), gas);
  const day = ofDay(quartersIn(read), "2023-10-29", "Europe/Brussels");
  expect(day).toHaveLength(100);
  // From six on: 0,657 m³.
  expect(day.slice(28, 32).reduce((sum, { wh }) => sum + wh, 0)).toBe(657);
  expect(read.notes.join(" ")).toContain("1699 values in m³");
});

/** Per meter, Σ of the cells, each rounded to a Wh; quarters: two a cell. */
const HALF_HOURS: readonly (readonly [string, Readonly<Record<string, readonly [number, number]>>])[] = [
  ["amr_data__row-per-day__valid.csv", { K0229111D6: [901_889, 96] }],
  ["amr_data__row-per-day__some-missing-readings.csv", { K0229111D6: [2_535_978, 248] }],
  ["amr_data__row-per-day__all-missing-readings.csv", { K0229111D6: [732_200, 56] }],
  ["amr_upload_data_files__with-mixed-line-endings.csv", { "2200013680374": [893_900, 3 * 96] }],
  ["amr_upload_data_files__example-bad-sheffield-file.csv", { "2336533093112": [1_099_850, 2 * 96] }],
  [
    "amr_upload_data_files__banes-example-file.csv",
    {
      "2200012767323": [226_103, 96],
      "2200012030374": [162_183, 96],
      "2200040922992": [376_700, 96],
      "2000006183919": [89_940, 96],
      "2200012833358": [259_503, 96],
    },
  ],
  ["amr_upload_data_files__example-highlands-file.csv", { "1712423842469": [321_400, 96] }],
  [
    "amr_data__row-per-reading__some-missing-readings.csv",
    { "1700052624128": [48_000, 96], "1710146092002": [400_200, 92] },
  ],
  [
    "amr_highlands__example-offset.csv",
    {
      "1700052624128": [48_000, 96],
      "1712538971506": [948_300, 96],
      "1712005591018": [514_500, 96],
      "1712068465054": [1_012_500, 96],
      "1710035166005": [828_700, 96],
      "1710146092002": [400_200, 92],
      "1722059883100": [255_000, 96],
      "1700053235640": [29_400, 96],
    },
  ],
  [
    "amr_upload_data_files__with-nulls-empty-lines-invalid-chars.csv",
    { "1700051513402": [1800, 10], "1700051906970": [20_200, 2] },
  ],
];

test.skipIf(absent).each(HALF_HOURS)("%s: each registered meter has its half-hours", async (file, meters) => {
  const codes = Object.keys(meters);
  const registered = codes.map((code, index) => ({ ...british, id: index + 1, code }));
  const bytes = content(AMR, file);
  expect(detectFormat(bytes)).toEqual({ format: "amr" });
  const read = await readTest("amr", bytes, null, registered);
  expect(read).toMatchObject({ rowsRefused: 0, errors: [] });
  const quarters = quartersIn(read);
  for (const [index, code] of codes.entries()) {
    const own = quarters.filter(({ supplyPointId }) => supplyPointId === index + 1);
    expect([own.reduce((sum, { wh }) => sum + wh, 0), own.length], code).toEqual(meters[code]);
  }
});

test.skipIf(absent).each([
  ["amr_upload_data_files__banes-bad-example-date-file.csv", 2, "Date", "time_malformed", "write 31/01/2026"],
  ["amr_data__row-per-day__malformed.csv", 3, null, "csv_broken", "quotation mark"],
  ["amr_data__row-per-reading__empty-with-header.csv", 0, null, "no_good_row", "no row below"],
  ["amr_data__row-per-day__empty.csv", 0, null, "file_empty", "empty"],
  ["amr_data__row-per-day__empty-msft.csv", 0, null, "file_empty", "empty"],
  ["amr_highlands__empty.csv", 0, null, "file_empty", "empty"],
  ["amr_upload_data_files__not_a_csv.csv", 0, null, "file_not_csv", "Export CSV"],
])("%s fails at line %s, column %s, with %s", async (file, line, column, code, words) => {
  const read = await readTest("amr", content(AMR, file), british);
  expect(read.days).toEqual([]);
  const fault = read.errors.find((error) => error.code === code);
  expect(fault).toMatchObject({ line, column, detail: expect.stringContaining(words) });
});

test.skipIf(absent)(
  "rows without a meter, or with one that a spreadsheet has shortened, say so",
  async () => {
    const file = "amr_upload_data_files__banes-bad-example-missing-and-invalid-mpan-file.csv";
    const read = await readTest("amr", content(AMR, file), null, []);
    expect(read.errors.slice(1)).toMatchObject([
      { line: 2, column: "M1_Code1", code: "code_unknown" },
      { line: 3, column: "M1_Code1", code: "code_missing" },
      { line: 4, column: "M1_Code1", code: "code_unknown", detail: expect.stringContaining("spreadsheet") },
    ]);
  },
);

test.skipIf(absent).each([
  // 47 of 30 minutes, and 28 of 10 to 60 minutes: all of the captured values are zero.
  ["consumption_load_curve_2024-02-26_to_2024-02-27.json", 94],
  ["consumption_load_curve_with_changing_resolution_2024-02-26_to_2024-02-27.json", 92],
])("%s: the curve of Enedis begins half an hour before its first label", async (file, quarters) => {
  const bytes = content("samples/dso-fr-enedis-api", file);
  expect(detectFormat(bytes)).toEqual({ format: "enedis" });
  const read = await readTest("enedis", bytes);
  expect(read.errors).toEqual([]);
  expect(totalsOf(read)).toEqual({ "import measured": [0, quarters] });
  expect(quartersIn(read)[0]?.at).toBe("2024-02-25T23:00");
});

test.skipIf(absent)(
  "daily consumption of Enedis is taken as days, all of the captured values are zero",
  async () => {
    const bytes = content("samples/dso-fr-enedis-api", "daily_consumption_2024-02-01_2024-02-08.json");
    expect(detectFormat(bytes)).toEqual({ format: "enedis" });
    const read = await readTest("enedis", bytes);
    expect(read.errors).toEqual([]);
    expect(totalsOf(read)).toEqual({ "import measured": [0, 7 * 96] });
    expect(quartersIn(read)[0]?.at).toBe("2024-01-31T23:00");
  },
);

test.skipIf(absent).each([
  [
    "electricity_data_headpoints_and_physical_meters_measurement_quarter_hourly.json",
    power,
    [19, 2],
    "substituted",
  ],
  ["electricity_data_headpoints_measurement_quarter_hourly.json", power, [19, 2], "substituted"],
  ["electricity_data_measurement_quarter_hourly.json", power, [19, 2], "substituted"],
  ["gas_data_measurement_hourly.json", gas, [9, 4], "measured"],
] as const)("%s: the answer of Fluvius to a mandate", async (file, target, total, status) => {
  const bytes = content("samples/dso-be-fluvius-api", file);
  expect(detectFormat(bytes)).toEqual({ format: "fluvius" });
  const read = await readTest("fluvius", bytes, target);
  expect(read.errors).toEqual([]);
  expect(totalsOf(read)).toEqual({ [`import ${status}`]: total });
});

/** Per connection, Σ of last minus first index of its registers times 1000; days between them, by quarter-hours. */
test.skipIf(absent).each([
  ["consumption_data.json", power, { "import measured": [0, 60 * 96] }],
  ["consumption_data.json", gas, { "import measured": [337_400, 22 * 96] }],
  ["single_consumption_data.json", power, { "import measured": [210_000, 2 * 96] }],
  ["single_consumption_data_multiple_meters.json", power, { "import measured": [420_000, 3 * 96] }],
  ["gas_consumption_data.json", gas, { "import measured": [210_000, 2 * 96] }],
] as const)("%s: indexes of Mijn Aansluiting", async (file, target, totals) => {
  const bytes = content("samples/dso-nl-mijn-aansluiting", file);
  expect(detectFormat(bytes)).toEqual({ format: "mijn-aansluiting" });
  const read = await readTest("mijn-aansluiting", bytes, target);
  expect(read.errors).toEqual([]);
  expect(totalsOf(read)).toEqual(totals);
});

test.skipIf(absent)("a register that OBIS does not know is refused with its line", async () => {
  const bytes = content("samples/dso-nl-mijn-aansluiting", "invalid_obis_code_consumption_data.json");
  const [, fault] = (await readTest("mijn-aansluiting", bytes)).errors;
  expect(fault).toMatchObject({ column: "MRID", code: "register_unknown" });
  expect(fault?.line).toBeGreaterThan(1);
});
