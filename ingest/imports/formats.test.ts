// The other exports, as made up here: days in rows, hours, readings, half-hours; which format a file is, and whose its rows are.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { detectFormat, IMPORT_FORMATS, type ImportFormat } from "./formats.ts";
import { ofDay, quartersIn, readTest, testTarget, totalsOf } from "./test-files.ts";

const pad = (value: number) => String(value).padStart(2, "0");
const clock = (quarter: number) => `${pad(Math.floor(quarter / 4) % 24)}:${pad((quarter % 4) * 15)}`;
const RANGES = Array.from({ length: 96 }, (_, at) => `${clock(at)}-${clock(at + 1)}`);
const GIORNO = `Giorno;${RANGES.join(";")}\n`;

/** Columns of an Italian day in Wh; `undefined` is an empty cell. */
function italianDay(day: string, wh: readonly (number | undefined)[]): string {
  const cells = wh.map((value) =>
    value === undefined ? '""' : `"${String(value / 1000).replace(".", ",")}"`,
  );
  return `"${day}";${cells.join(";")};\n`;
}

const rome = testTarget({ timezone: "Europe/Rome" });
const counting = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

test("e-distribuzione: a day of 96, and the spring day without its four columns, empty or zero", async () => {
  const spring = (filler: number | undefined) =>
    counting(96).map((wh, at) => (at >= 8 && at < 12 ? filler : wh));
  for (const filler of [undefined, 0]) {
    const read = await readTest("e-distribuzione", GIORNO + italianDay("30/03/2025", spring(filler)), rome);
    expect(read.errors).toEqual([]);
    const day = ofDay(quartersIn(read), "2025-03-30", "Europe/Rome");
    expect(day).toHaveLength(92);
    expect(day.slice(6, 10).map(({ wh }) => wh)).toEqual([7, 8, 13, 14]);
  }
  const wrong = await readTest("e-distribuzione", GIORNO + italianDay("30/03/2025", spring(5)), rome);
  expect(wrong.errors.at(-1)).toMatchObject({ line: 2, column: "02:00-02:15", code: "time_nonexistent" });
});

test("e-distribuzione: the autumn day with 100 columns has them all; with 96, the hour that may be either is left out and said", async () => {
  const long = [...RANGES.slice(0, 12), ...RANGES.slice(8)];
  const hundred = await readTest(
    "e-distribuzione",
    `Giorno;${long.join(";")}\n${italianDay("26/10/2025", counting(100))}`,
    rome,
  );
  expect(hundred.errors).toEqual([]);
  expect(ofDay(quartersIn(hundred), "2025-10-26", "Europe/Rome").map(({ wh }) => wh)).toEqual(counting(100));
  const short = await readTest("e-distribuzione", GIORNO + italianDay("26/10/2025", counting(96)), rome);
  expect(short.errors).toEqual([]);
  expect(ofDay(quartersIn(short), "2025-10-26", "Europe/Rome")).toHaveLength(92);
  expect(short.notes).toEqual([expect.stringContaining("26/10/2025 02:00-02:15")]);
});

test("e-distribuzione and DSMR-reader name no connection, so one must be chosen", async () => {
  for (const [format, head] of [
    ["e-distribuzione", GIORNO],
    [
      "dsmr-reader",
      "Hour Start,Electricity 1,Electricity 2,Electricity 1 Returned,Electricity 2 Returned,Gas\n",
    ],
  ] as const) {
    const read = await readTest(format, head, null);
    expect(read.errors).toMatchObject([{ line: 1, detail: expect.stringContaining("supplyPointId") }]);
  }
});

const LIANDER =
  "eancodeasn,meternummer,meterreadingdate,reading1,usage1,reading2,usage2,reading3,usage3,reading4,usage4\n";

test("Liander: what was used since the reading before, both tariffs together, over days of 23 and 25 hours and gaps", async () => {
  const text = `${LIANDER}871687120061402458,E1,30-03-2025,1,,2,,0,,0,
871687120061402458,E1,31-03-2025,2,1.5,2,.25,0,0,0,0.001
871687120061402458,E1,02-04-2025,3,.6,3,1,0,0,0,0
871687120061402458,G1,30-03-2025,9,,,,,,,
871687120061402458,G1,31-03-2025,10,1,,,,,,
`;
  const read = await readTest("liander", text);
  expect(read.errors).toEqual([]);
  expect(totalsOf(read)).toEqual({ "import measured": [3350, 92 + 192], "export measured": [1, 92 + 192] });
  const first = ofDay(quartersIn(read), "2025-03-30", "Europe/Amsterdam");
  expect(first.filter(({ direction }) => direction === "import").reduce((sum, { wh }) => sum + wh, 0)).toBe(
    1750,
  );
  expect(Math.max(...read.days.map(({ resolutionS }) => resolutionS))).toBe(2 * 86_400);
  const rows = text.trimEnd().split("\n").slice(1);
  const turned = await readTest("liander", `${LIANDER}${rows.toReversed().join("\n")}\n`);
  expect(turned.days).toEqual(read.days);
  const gas = await readTest("liander", text, testTarget({ carrier: "gas" }));
  expect(totalsOf(gas)).toEqual({ "import measured": [1000, 92] });
});

test("ENGIE: hours by their offset, peak or not; rows of the other carrier are left out and counted", async () => {
  const text = `"Datum","EAN","Verbruik","Type","Piek"
"2022-10-30T02:00:00+02:00","871687120061402458","0.387","Elektriciteit","false"
"2022-10-30T02:00:00+01:00","871687120061402458","0.393","Elektriciteit","true"
"2022-10-30T02:00:00+01:00","871687140013926764","0.017","Gas","0"
"2022-10-30T03:00:00","871687120061402458","1","Elektriciteit","true"
`;
  const read = await readTest("engie", text);
  expect(totalsOf(read)).toEqual({ "import measured": [780, 8] });
  expect(read.errors).toMatchObject([{ line: 5, column: "Datum", code: "time_malformed" }]);
  expect(read.notes.join()).toContain("1 values of gas were left out");
});

type Reading = readonly [day: string, value: number];

function dutchAnswer(registers: Readonly<Record<string, readonly Reading[]>>, unit = "kWh"): string {
  const type = unit === "kWh" ? { Multiplier: "k", Unit: "Wh" } : { Unit: unit };
  const RegisterList = Object.entries(registers).map(([MRID, readings]) => ({
    Meter: { MRID: "E0003" },
    MRID,
    ReadingList: readings.map(([day, Value]) => ({
      DateAndOrTime: { DateTime: `2025-${day}T00:00:00.000+02:00` },
      ReadingType: type,
      Value,
    })),
  }));
  return JSON.stringify([{ MarketEvaluationPoint: { MRID: "871690930000909597", RegisterList } }], null, 1);
}

test("Mijn Aansluiting: what lies between two indexes, tariffs added, a total beside its tariffs not counted", async () => {
  const text = dutchAnswer({
    "1.8.1": [
      ["05-02", 100.25],
      ["05-01", 100],
      ["05-04", 102],
    ],
    "1.8.2": [
      ["05-01", 7],
      ["05-02", 7.5],
    ],
    "1.8.0": [
      ["05-01", 107],
      ["05-02", 107.75],
    ],
    "2.8.1": [
      ["05-01", 1],
      ["05-02", 1.001],
    ],
  });
  expect(detectFormat(Buffer.from(text))).toEqual({ format: "mijn-aansluiting" });
  const read = await readTest("mijn-aansluiting", text);
  expect(read.errors).toEqual([]);
  expect(totalsOf(read)).toEqual({ "import measured": [2500, 3 * 96], "export measured": [1, 96] });
  const gas = await readTest(
    "mijn-aansluiting",
    dutchAnswer(
      {
        "7-0:3.0.0": [
          ["05-01", 9],
          ["05-02", 10.5],
        ],
      },
      "m3",
    ),
    testTarget({ carrier: "gas" }),
  );
  expect(totalsOf(gas)).toEqual({ "import measured": [1500, 96] });
});

test.each([
  [
    "register_unknown",
    "MRID",
    {
      "20.8.1": [
        ["05-01", 1],
        ["05-02", 2],
      ],
    },
  ],
  [
    "energy_negative",
    "Value",
    {
      "1.8.1": [
        ["05-01", 2],
        ["05-02", 1],
      ],
    },
  ],
  [
    "interval_too_long",
    "DateTime",
    {
      "1.8.1": [
        ["05-01", 2],
        ["06-30", 3],
      ],
    },
  ],
  [
    "time_malformed",
    "DateTime",
    {
      "1.8.1": [
        ["05-01", 2],
        ["05-32", 3],
      ],
    },
  ],
] as const)("Mijn Aansluiting: %s at %s, with its line", async (code, column, registers) => {
  const text = dutchAnswer(registers);
  const read = await readTest("mijn-aansluiting", text);
  expect(read.errors[1]).toMatchObject({ code, column });
  expect(text.split("\n")[(read.errors[1]?.line ?? 0) - 1]).toContain("DateTime");
});

const HALVES = Array.from({ length: 48 }, (_, at) => clock(2 * at));

test("half-hours in rows of a day: 48 every day, through both nights of the clock, in the clock of winter", async () => {
  const cells = counting(48).map((wh) => wh / 1000);
  const days = ["30/03/2025", "31/03/25", "Oct 26 2025 12:00AM", "2025-12-31"];
  const text = `MPAN,Reading Date,${HALVES.join(",")}\n${days.map((day) => `123,${day},${cells.join(",")}`).join("\n")}\n`;
  const read = await readTest("amr", text, testTarget({ timezone: "Europe/London" }));
  expect(read.errors).toEqual([]);
  const quarters = quartersIn(read);
  expect(quarters).toHaveLength(4 * 96);
  expect(quarters[0]?.at).toBe("2025-03-30T00:00");
  const brussels = await readTest("amr", text, testTarget());
  expect(quartersIn(brussels)[0]?.at).toBe("2025-03-29T23:00");
});

test.each([
  ["time_malformed", "Reading Date", `1,31/02/2025,${"1,".repeat(47)}1`],
  ["time_malformed", "Reading Date", `1,05/31/2025,${"1,".repeat(47)}1`],
  ["energy_not_a_number", "00:30", `1,01/05/2025,1,x${",1".repeat(46)}`],
  ["columns_too_few", null, "1,01/05/2025,1"],
])("half-hours: a row is refused whole with %s at %s", async (code, column, bad) => {
  const good = `1,02/05/2025,${"1,".repeat(47)}1`;
  const read = await readTest("amr", `MPAN,Reading Date,${HALVES.join(",")}\n${bad}\n${good}\n`);
  expect(read.errors).toMatchObject([{ line: 2, column, code }]);
  expect(quartersIn(read)).toHaveLength(96);
});

test("half-hours in rows of a reading: the first one tells beginnings from ends, or the file is refused", async () => {
  const text = (times: readonly string[]) =>
    `MPR,ReadDatetime,kWh,ReadType\n${times.map((time) => `1,03 Dec 2024 ${time}:00,1.5,Actual`).join("\n")}\n`;
  const begins = await readTest("amr", text(["00:00", "00:30"]), testTarget({ timezone: "Europe/London" }));
  const ends = await readTest("amr", text(["00:30", "01:00"]), testTarget({ timezone: "Europe/London" }));
  expect(quartersIn(ends)).toEqual(quartersIn(begins));
  const neither = await readTest("amr", text(["07:00", "07:30"]));
  expect(neither.errors).toMatchObject([{ line: 2, column: "ReadDatetime", code: "header_invalid" }]);
});

const EAN = "541448860018322037";
const OTHER = "541448860003995215";

test("whose rows are: the code that is registered, else the chosen point's, unless a valid code speaks against it", async () => {
  const engie = (code: string) =>
    `Datum,EAN,Verbruik,Type,Piek\n2025-05-01T00:00:00Z,${code},1,Elektriciteit,false\n`;
  const own = testTarget({ id: 7, code: EAN });
  const codesOf = async (...given: Parameters<typeof readTest>) =>
    (await readTest(...given)).errors.map(({ code }) => code);
  expect(quartersIn(await readTest("engie", engie(EAN), null, [own]))[0]?.supplyPointId).toBe(7);
  expect(await codesOf("engie", engie(OTHER), null, [own])).toContain("code_unknown");
  expect(await codesOf("engie", engie(OTHER), own)).toContain("code_contradicts_supply_point");
  // With its check digit wrong, or of no country, it is nobody's.
  expect(await codesOf("engie", engie(OTHER.replace(/.$/, "6")), own)).toEqual([]);
  expect(await codesOf("engie", engie("123456789123456789"), own)).toEqual([]);
  expect(await codesOf("engie", engie(OTHER), testTarget())).toEqual([]);
  const another = testTarget({ id: 8, code: OTHER });
  expect(await codesOf("engie", engie(OTHER), testTarget(), [another])).toContain(
    "code_contradicts_supply_point",
  );
  const two = `${engie("111")}2025-05-01T01:00:00Z,222,1,Elektriciteit,false\n`;
  expect((await readTest("engie", two)).errors).toMatchObject([
    { line: 3, column: "EAN", code: "code_contradicts_supply_point", detail: expect.stringContaining("111") },
  ]);
  // Our own format has no anonymised exports.
  const ours = `code,from,to,energyWh\n111,2025-05-01T00:00:00Z,2025-05-01T00:15:00Z,1\n`;
  expect(await codesOf("interval-csv", ours, own)).toContain("code_contradicts_supply_point");
});

test("an older encoding is read and said; what is no text is refused with what to do", async () => {
  const text = `Datum;EAN;Verbruik;Type;Piek;Straße\n2025-05-01T00:00:00Z;1;1,5;Elektriciteit;false;Straße\n`;
  const old = await readTest("engie", Buffer.from(text, "latin1"));
  expect(totalsOf(old)).toEqual({ "import measured": [1500, 4] });
  expect(old.notes.join()).toContain("Windows-1252");
  const wide = await readTest("engie", Buffer.from(`\ufeff${text}`, "utf16le"));
  expect(totalsOf(wide)).toEqual({ "import measured": [1500, 4] });
  const picture = await readTest("engie", Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]));
  expect(picture.errors).toMatchObject([{ code: "file_not_csv" }]);
});

const HEADERS: readonly (readonly [ImportFormat, string])[] = [
  ["interval-csv", "code,from,to,energyWh"],
  [
    "fluvius",
    "Van datum;Van tijdstip;Tot datum;Tot tijdstip;EAN;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus",
  ],
  ["enedis", "Identifiant PRM;Type de donnees;Date de debut;Date de fin"],
  ["enedis", '{"meter_reading": {}}'],
  ["mijn-aansluiting", '[{"MarketEvaluationPoint": {}}]'],
  ["e-distribuzione", GIORNO.trimEnd()],
  ["engie", "Datum,EAN,Verbruik,Type,Piek"],
  ["liander", LIANDER.trimEnd()],
  ["dsmr-reader", "Hour Start,Electricity 1,Electricity 2,Electricity 1 Returned,Electricity 2 Returned,Gas"],
  ["amr", `MPAN,Reading Date,${HALVES.join(",")}`],
  ["amr", "sep=,\r\nMPR,ReadDatetime,kWh,ReadType"],
];

test.each(HEADERS)("%s is recognised, and every other format names it", async (format, head) => {
  expect(detectFormat(Buffer.from(`${head}\n`))).toEqual({ format });
  for (const said of IMPORT_FORMATS.filter((one) => one !== format)) {
    const [fault] = (await readTest(said, `${head}\n1\n`)).errors;
    expect(fault, said).toMatchObject({
      code: "format_other",
      detail: expect.stringContaining(`the format ${format}`),
    });
  }
});

test.each(["", "sep=,", "a,b,c\n1,2,3\n", "<html>", "{}", "PK\u0003\u0004"])(
  "what no format is, is said in a sentence: %j",
  (text) => {
    expect(detectFormat(Buffer.from(text))).toEqual({ why: expect.stringMatching(/^[A-Z].*[.:,a-z]$/s) });
  },
);

test("line ends of three kinds, cut anywhere, count as the same lines", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("\n", "\r\n", "\r", "\r\n\r\n"), { minLength: 5, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 }),
      async (ends, sizes) => {
        const rows = [
          "Datum,EAN,Verbruik,Type,Piek",
          "2025-05-01T00:00:00Z,1,1,Elektriciteit,false",
          "bad,1,1,Elektriciteit,false",
          "2025-05-01T01:00:00Z,1,2,Elektriciteit,false",
          "worse,1,1,Elektriciteit,false",
        ];
        const text = rows.map((row, index) => `${row}${ends[index]}`).join("");
        const lines = text.split(/\r\n|\n|\r/);
        const chunks: Buffer[] = [];
        for (let at = 0, index = 0; at < text.length; index++) {
          const size = sizes[index % sizes.length] ?? 1;
          chunks.push(Buffer.from(text.slice(at, (at += size))));
        }
        const read = await readTest("engie", chunks);
        expect(totalsOf(read)).toEqual({ "import measured": [3000, 8] });
        expect(read.errors.map(({ line }) => lines[line - 1]?.slice(0, 3))).toEqual(["bad", "wor"]);
      },
    ),
    { numRuns: 100 },
  ));

test("arbitrary bytes are never thrown at, whatever they are said to be", () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...IMPORT_FORMATS),
      fc.constantFrom("", ...HEADERS.map(([, head]) => `${head}\n`)),
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ maxLength: 300 }).map((text) => Buffer.from(text)),
      ),
      async (format, head, bytes) => {
        const content = Buffer.concat([Buffer.from(head), bytes]);
        const read = await readTest(format, content);
        expect(read.rowsRefused).toBeLessThanOrEqual(read.rowsRead);
        expect(read.days.length === 0 ? read.errors.length : 1).toBeGreaterThan(0);
        detectFormat(content);
      },
    ),
    { numRuns: 300 },
  ));

test("a file that says everything twice is as if it said it once, in every format of rows", async () => {
  const hours = (row: (at: string) => string) =>
    Array.from({ length: 48 }, (_, hour) =>
      row(new Date(Date.UTC(2025, 4, 1) + (hour * DAY_MS) / 24).toISOString().replace(".000Z", "+00:00")),
    );
  const files: readonly (readonly [ImportFormat, string, readonly string[]])[] = [
    ["engie", "Datum,EAN,Verbruik,Type,Piek", hours((at) => `${at},1,0.25,Elektriciteit,false`)],
    [
      "dsmr-reader",
      "Hour Start,Electricity 1,Electricity 2,Electricity 1 Returned,Electricity 2 Returned,Gas",
      hours((at) => `${at},0.1,0.2,0.3,0,1`),
    ],
    [
      "amr",
      `MPAN,Reading Date,${HALVES.join(",")}`,
      ["1", "2"].map((day) => `9,0${day}/05/2025,${counting(48).join(",")}`),
    ],
    ["liander", LIANDER.trimEnd(), ["1", "2", "3"].map((day) => `1,E1,0${day}-05-2025,1,.5,1,.25,0,0,0,0`)],
    ["e-distribuzione", GIORNO.trimEnd(), [italianDay("01/05/2025", counting(96)).trimEnd()]],
  ];
  for (const [format, head, rows] of files) {
    const once = await readTest(format, [head, ...rows].join("\n"));
    const twice = await readTest(format, [head, ...rows, ...rows.toReversed()].join("\n"));
    expect([twice.days, twice.errors], format).toEqual([once.days, []]);
    expect(once.days.length * DAY_MS, format).toBeGreaterThan(QUARTER_MS);
  }
});
