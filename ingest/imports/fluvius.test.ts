// Exports of Mijn Fluvius as made up here: three languages, both nights of the clock, tariffs, gas, and what is wrong with a row.
import fc from "fast-check";
import { expect, test } from "vitest";
import { QUARTER_MS } from "#devices/time";
import { detectFormat } from "./formats.ts";
import { ofDay, quartersIn, readTest, testTarget, totalsOf } from "./test-files.ts";

const ZONE = "Europe/Brussels";
const HEAD =
  "\ufeffVan datum;Van tijdstip;Tot datum;Tot tijdstip;EAN;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus\r\n";
const HEADS = {
  nl: HEAD,
  en: "\ufeffFrom (date);From (time);Until (date);Until (time);EAN code;Meter;Meter type;Register;Volume;Unit;Validation status;Description\r\n",
  fr: "\ufeffDu (date);Du (heure);Au (date);Au (heure);Code EAN;Compteur;Type de compteur;Registre;Volume;Unité;Statut de validation\r\n",
};
const GAS_HEAD = HEAD.replace("Validatiestatus", "Validatiestatus;Calorische Bovenwaarde");

const EAN = '="123456879123456789"';

/** A row as the export writes it: the times by the clock, from midnight on in quarter-hours. */
function row(day: string, from: string, to: string, register: string, value: string, status = "Uitgelezen") {
  return `${day};${from}:00;${day};${to}:00;${EAN};1SAG;Digitale Meter;${register};${value};kWh;${status}\r\n`;
}

test.each([
  ["nl", "12-05-2024", ["Afname Dag", "Injectie Nacht"], ["Uitgelezen", "Gevalideerd", "Geschat"]],
  ["en", "12/05/2024", ["Offtake Day", "Injection Night"], ["Read", "Validated", "Estimated"]],
  ["fr", "12/05/2024", ["Prélèvement Jour", "Injection Nuit"], ["Relevé", "Validé", "Estimé"]],
] as const)("in %s: header, dates, registers and statuses", async (language, day, registers, statuses) => {
  const times = ["10:00", "10:15", "10:30", "10:45"];
  const rows = statuses.flatMap((status, index) =>
    registers.map((register, way) =>
      row(day, times[index] ?? "", times[index + 1] ?? "", register, `${index + 1},${way}50`, status),
    ),
  );
  const more = language === "en" ? ";" : "";
  const text = HEADS[language] + rows.join("").replaceAll("\r\n", `${more}\r\n`);
  expect(detectFormat(Buffer.from(text))).toEqual({ format: "fluvius" });
  const read = await readTest("fluvius", text);
  expect(read.errors).toEqual([]);
  expect(totalsOf(read)).toEqual({
    "import measured": [1050, 1],
    "import validated": [2050, 1],
    "import substituted": [3050, 1],
    "export measured": [1150, 1],
    "export validated": [2150, 1],
    "export substituted": [3150, 1],
  });
});

test("day and night of one interval are added, with the worse of their statuses; without a value a row says nothing", async () => {
  const text = [
    row("12-05-2024", "10:00", "10:15", "Afname Dag", "0,100", "Gevalideerd"),
    row("12-05-2024", "10:00", "10:15", "Afname Nacht", "0,023", "Geschat"),
    row("12-05-2024", "10:15", "10:30", "Afname Dag", "0,100"),
    row("12-05-2024", "10:15", "10:30", "Afname Nacht", "", "Geen verbruik"),
    row("12-05-2024", "10:30", "10:45", "Afname Nacht", "", "Geen verbruik"),
  ];
  const read = await readTest("fluvius", HEAD + text.join(""));
  expect(quartersIn(read).map(({ wh, status }) => [wh, status])).toEqual([
    [123, "substituted"],
    [100, "measured"],
  ]);
  const again = await readTest("fluvius", HEAD + [...text, ...text.toReversed()].join(""));
  expect([again.days, again.errors], "the same rows again are harmless").toEqual([read.days, []]);
});

test("of one register two values of an interval contradict each other, with line and column", async () => {
  const read = await readTest(
    "fluvius",
    HEAD +
      row("12-05-2024", "10:00", "10:15", "Afname Dag", "0,100") +
      row("12-05-2024", "10:00", "10:15", "Afname Dag", "0,101"),
  );
  expect(read.errors).toMatchObject([{ line: 3, code: "row_contradicts_earlier" }]);
});

/** Quarter-hours of a civil day as the export labels them; in autumn interleaved, the marked row before its twin. */
function dayRows(day: string, value: (index: number) => number, isDescending = false): string[] {
  const start = Temporal.PlainDate.from(day).toZonedDateTime(ZONE);
  const count = (start.add({ days: 1 }).epochMilliseconds - start.epochMilliseconds) / QUARTER_MS;
  const rows = Array.from({ length: count }, (_, index) => {
    const at = (place: number) =>
      Temporal.Instant.fromEpochMilliseconds(start.epochMilliseconds + place * QUARTER_MS).toZonedDateTimeISO(
        ZONE,
      );
    const date = (one: Temporal.ZonedDateTime) =>
      one.toPlainDate().toString().split("-").toReversed().join("-");
    const time = (one: Temporal.ZonedDateTime) => one.toPlainTime().toString({ smallestUnit: "second" });
    const [from, to] = [at(index), at(index + 1)];
    const wh = String(value(index)).padStart(4, "0");
    return {
      label: from.toPlainDateTime().toString(),
      text: `${date(from)};${time(from)};${date(to)};${time(to)};${EAN};1SAG;Digitale Meter;Afname Nacht;${wh.slice(0, -3)},${wh.slice(-3)};kWh;Uitgelezen\r\n`,
    };
  });
  const sorted = rows.map((one, index) => ({ ...one, index }));
  sorted.sort((one, other) => one.label.localeCompare(other.label) || one.index - other.index);
  return (isDescending ? sorted.toReversed() : sorted).map(({ text }) => text);
}

test.each([
  ["2025-03-30", 92],
  ["2025-10-26", 100],
  ["2025-10-25", 96],
])("%s has exactly %s quarter-hours, whichever way the file is sorted", async (day, count) => {
  const value = (index: number) => 1000 + index;
  for (const isDescending of [false, true]) {
    const read = await readTest("fluvius", HEAD + dayRows(day, value, isDescending).join(""));
    expect(read.errors).toEqual([]);
    const quarters = ofDay(quartersIn(read), day, ZONE);
    expect(quarters.map(({ wh }) => wh)).toEqual(Array.from({ length: count }, (_, index) => value(index)));
  }
});

test("a file that has the night twice says the same; half of the night alone says which hour it can be", async () => {
  const rows = dayRows("2025-10-26", (index) => index);
  const once = await readTest("fluvius", HEAD + rows.join(""));
  const twice = await readTest("fluvius", HEAD + [...rows, ...rows].join(""));
  expect([twice.days, twice.errors]).toEqual([once.days, []]);
  const day = "26-10-2025";
  const alone = await readTest(
    "fluvius",
    HEAD +
      row(day, "02:45", "02:00", "Afname Nacht", "0,001") +
      row(day, "02:45", "03:00", "Injectie Nacht", "0,002") +
      row(day, "02:00", "02:15", "Afname Nacht", "0,003"),
  );
  expect(quartersIn(alone).map(({ at, direction }) => `${direction} ${at}`)).toEqual([
    "export 2025-10-26T01:45",
    "import 2025-10-26T00:45",
  ]);
  expect(alone.errors).toMatchObject([
    { line: 4, column: "Van tijdstip", code: "time_ambiguous", detail: expect.stringContaining("02:00") },
  ]);
});

test("a row without a value keeps its place among the rows of the repeated hour", async () => {
  const day = "26-10-2025";
  const read = await readTest(
    "fluvius",
    HEAD +
      row(day, "02:00", "02:15", "Afname Nacht", "", "Geen verbruik") +
      row(day, "02:00", "02:15", "Afname Nacht", "0,003") +
      row(day, "02:15", "02:30", "Afname Nacht", "0,004") +
      row(day, "02:15", "02:30", "Afname Nacht", "", "Geen verbruik") +
      row(day, "02:30", "02:45", "Afname Nacht", "", "Geen verbruik"),
  );
  expect(read.errors).toEqual([]);
  expect(quartersIn(read).map(({ at, wh }) => [at, wh])).toEqual([
    ["2025-10-26T00:15", 4],
    ["2025-10-26T01:00", 3],
  ]);
});

test("two meters that share the quarter-hour of their change are added", async () => {
  const change = row("12-05-2024", "10:00", "10:15", "Afname Dag", "0,100");
  const read = await readTest(
    "fluvius",
    HEAD + change + change.replace("1SAG", "2SAG").replace("0,100", "0,020"),
  );
  expect([totalsOf(read), read.errors]).toEqual([{ "import measured": [120, 1] }, []]);
});

test("any quarter-hours of the nights of the clock keep their places and their sum", () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom("2024-03-31", "2024-10-27", "2025-03-30", "2025-10-26"),
      fc.array(fc.integer({ min: 0, max: 9999 }), { minLength: 100, maxLength: 100 }),
      fc.boolean(),
      async (day, values, isDescending) => {
        const rows = dayRows(day, (index) => values[index] ?? 0, isDescending);
        const read = await readTest("fluvius", HEAD + rows.join(""));
        expect(read.errors).toEqual([]);
        expect(ofDay(quartersIn(read), day, ZONE).map(({ wh }) => wh)).toEqual(values.slice(0, rows.length));
      },
    ),
    { numRuns: 20 },
  ));

test("rows outside the repeated hour may come in any order", () =>
  fc.assert(
    fc.asyncProperty(fc.func(fc.integer()), async (rank) => {
      const rows = dayRows("2025-03-30", (index) => index * 3);
      const sorted = await readTest("fluvius", HEAD + rows.join(""));
      const shuffled = rows.toSorted((one, other) => rank(one) - rank(other));
      expect((await readTest("fluvius", HEAD + shuffled.join(""))).days).toEqual(sorted.days);
    }),
    { numRuns: 20 },
  ));

test("gas: m³ are taken as litres, kWh only compared, in either order", async () => {
  const hour = (from: string, to: string, value: string, unit: string, kind = "") =>
    `10-01-2022;${from}:00;10-01-2022;${to}:00;${EAN};7FLO;Digitale Meter;Afname;${value};${unit};Gevalideerd;${kind}\r\n`;
  const text =
    GAS_HEAD +
    hour("06:00", "07:00", "5,445", "kWh", "Voorlopig") +
    hour("06:00", "07:00", "0,495", "m³") +
    hour("07:00", "08:00", "0,401", "m³") +
    hour("07:00", "08:00", "4,411", "kWh", "Definitief") +
    hour("08:00", "09:00", "0,400", "m³") +
    hour("08:00", "09:00", "44,000", "kWh", "Definitief");
  const read = await readTest("fluvius", text, testTarget({ carrier: "gas" }));
  expect(totalsOf(read)).toEqual({ "import validated": [495 + 401 + 400, 12] });
  expect(read.errors).toMatchObject([
    {
      line: 7,
      column: "Volume",
      code: "calorific_value_unlikely",
      detail: expect.stringContaining("110.00"),
    },
  ]);
  const power = await readTest("fluvius", text);
  expect(power.errors[0]).toMatchObject({ code: "no_good_row", detail: expect.stringContaining("gas") });
});

test.each(["Afname Totaal", "Totaal Afname", "Total Offtake", "Prélèvement Total", "Afname"])(
  "%s is what its tariffs add up to: it counts where none of them has a value",
  async (total) => {
    const rows = [
      row("12-05-2024", "10:00", "10:15", "Afname Dag", "0,100"),
      row("12-05-2024", "10:00", "10:15", total, "0,123"),
      row("12-05-2024", "10:00", "10:15", "Afname Nacht", "0,023"),
      // Since then the meter has one register alone.
      row("12-05-2024", "10:15", "10:30", total, "0,200", "Gevalideerd"),
      row("13-05-2024", "10:15", "10:30", total, "0,300"),
      row("12-05-2024", "10:00", "10:15", "Injectie Totaal", "0,050"),
    ];
    for (const order of [rows, rows.toReversed()]) {
      const read = await readTest("fluvius", HEAD + order.join(""));
      expect(read.errors).toEqual([]);
      expect(quartersIn(read).map(({ direction, wh, status }) => [direction, wh, status])).toEqual([
        ["export", 50, "measured"],
        ["import", 123, "measured"],
        ["import", 200, "validated"],
        ["import", 300, "measured"],
      ]);
    }
  },
);

test.each([GAS_HEAD, HEAD])(
  "gas in kWh alone has no volume, and the sentence says what to export",
  async (head) => {
    const hour = `10-01-2022;06:00:00;10-01-2022;07:00:00;${EAN};7FLO;Digitale Meter;Afname;5,445;kWh;Gevalideerd;\r\n`;
    const read = await readTest("fluvius", head + hour, testTarget({ carrier: "gas" }));
    expect(read.errors).toMatchObject([
      { code: "no_good_row", detail: expect.stringContaining("export it with the volume in m³") },
    ]);
  },
);

test.each([
  ["time_malformed", "Van datum", row("31-02-2024", "10:00", "10:15", "Afname Dag", "0,1")],
  ["time_malformed", "Van tijdstip", row("12-05-2024", "25:00", "10:15", "Afname Dag", "0,1")],
  ["time_nonexistent", "Van tijdstip", row("31-03-2024", "02:15", "02:30", "Afname Dag", "0,1")],
  ["interval_backwards", "Tot tijdstip", row("12-05-2024", "10:15", "10:00", "Afname Dag", "0,1")],
  ["time_off_quarter_hour", "Van tijdstip", row("12-05-2024", "10:05", "10:20", "Afname Dag", "0,1")],
  ["time_in_future", "Tot tijdstip", row("12-05-2027", "10:00", "10:15", "Afname Dag", "0,1")],
  ["time_before_2000", "Van tijdstip", row("12-05-1999", "10:00", "10:15", "Afname Dag", "0,1")],
  ["energy_not_a_number", "Volume", row("12-05-2024", "10:00", "10:15", "Afname Dag", "1.234,5")],
  ["energy_negative", "Volume", row("12-05-2024", "10:00", "10:15", "Afname Dag", "-0,1")],
  ["energy_too_large", "Volume", row("12-05-2024", "10:00", "10:15", "Afname Dag", "9999999,0")],
  ["register_unknown", "Register", row("12-05-2024", "10:00", "10:15", "Reactief", "0,1")],
  ["status_unknown", "Validatiestatus", row("12-05-2024", "10:00", "10:15", "Afname Dag", "0,1", "Zeker")],
  [
    "unit_unknown",
    "Eenheid",
    row("12-05-2024", "10:00", "10:15", "Afname Dag", "0,1").replace("kWh", "kVArh"),
  ],
  ["columns_too_few", null, "12-05-2024;10:00:00\r\n"],
])("a row is refused with %s at %s", async (code, column, bad) => {
  const good = row("12-05-2024", "12:00", "12:15", "Afname Dag", "0,500");
  const read = await readTest("fluvius", HEAD + good + bad);
  expect(read.errors).toMatchObject([{ line: 3, column, code }]);
  expect(totalsOf(read)).toEqual({ "import measured": [500, 1] });
});

test("a header that has lost a column says which", async () => {
  const read = await readTest("fluvius", HEAD.replace("Eenheid;", ""));
  expect(read.errors).toMatchObject([{ line: 1, column: "eenheid", code: "header_invalid" }]);
});
