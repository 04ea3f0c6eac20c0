// The load curve of Enedis: labels are ends, mean power becomes energy, intervals of 10 to 60 minutes become quarter-hours.
import fc from "fast-check";
import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "#devices/time";
import { detectFormat } from "./formats.ts";
import { ofDay, quartersIn, readTest, totalsOf, type TestQuarter } from "./test-files.ts";

const HEAD =
  "Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;Etape metier;Unite;Pas en minutes\r\n";
const meta = (minutes: string, business = "Consommation", unit = "W") =>
  `12345678901234;Courbe de charge;22/09/2025;29/09/2025;Energie active;${business};Comptage Brut;${unit};${minutes}\r\nHorodate;Valeur\r\n`;

const shown = (quarters: readonly TestQuarter[]) => quarters.map(({ at, wh }) => `${at.slice(11)} ${wh}`);

test("half-hours of the customer's account: the label is the end, and the file says which connection it is of", async () => {
  const text = `${HEAD}${meta("30")}2025-09-22T00:30:00+02:00;400\r\n2025-09-22T01:00:00+02:00;\r\n2025-09-22T01:30:00+02:00;101\r\n`;
  expect(detectFormat(Buffer.from(text))).toEqual({ format: "enedis" });
  const read = await readTest("enedis", text);
  expect(read.errors).toEqual([]);
  expect(quartersIn(read)[0]?.at).toBe("2025-09-21T22:00");
  // 101 W for half an hour are 50.5 Wh, of which running sums make 25 and 26.
  expect(shown(quartersIn(read))).toEqual(["22:00 100", "22:15 100", "23:00 25", "23:15 26"]);
  expect(read.notes.join()).toContain("12345678901234");
});

test("what is produced is of direction export; what is no curve in W is refused with its line", async () => {
  const rows = "2025-09-22T00:30:00+02:00;400\r\n";
  const made = await readTest("enedis", HEAD + meta("30", "Production") + rows);
  expect(totalsOf(made)).toEqual({ "export measured": [200, 2] });
  const wrong = await readTest("enedis", HEAD + meta("30", "Consommation", "VAR") + rows);
  expect(wrong.errors[0]).toMatchObject({ line: 2, column: "Unite", code: "header_invalid" });
});

test("without a step the distance between points is the step, also where it changes", async () => {
  const text = `${HEAD}${meta("")}2025-09-22T00:00:00+02:00;800\r\n2025-09-22T00:30:00+02:00;400\r\n2025-09-22T01:00:00+02:00;200\r\n2025-09-22T01:15:00+02:00;80\r\n2025-09-22T01:30:00+02:00;40\r\n`;
  const read = await readTest("enedis", text);
  expect(read.errors).toEqual([]);
  expect(shown(quartersIn(read))).toEqual([
    "21:30 200",
    "21:45 200",
    "22:00 100",
    "22:15 100",
    "22:30 50",
    "22:45 50",
    "23:00 20",
    "23:15 10",
  ]);
});

test("without a step a missing point is not taken for a longer interval, and one without a value keeps its place", async () => {
  const rows = (times: readonly string[]) =>
    times.map((time) => `2025-09-22T${time.replace(";", ":00+02:00;")}\r\n`).join("");
  const gap = ["00:30;400", "01:00;400", "02:00;400", "02:30;400"];
  const read = await readTest("enedis", HEAD + meta("") + rows(gap));
  expect(read.errors).toMatchObject([{ line: 6, column: "Horodate", code: "time_ambiguous" }]);
  expect(totalsOf(read)).toEqual({ "import measured": [600, 6] });
  const blank = await readTest("enedis", HEAD + meta("") + rows([...gap, "01:30;"].toReversed()));
  expect(blank.errors).toEqual([]);
  expect(totalsOf(blank)).toEqual({ "import measured": [800, 8] });
});

test("what is taken and what is fed in may follow each other in one file", async () => {
  const rows = "2025-09-22T00:30:00+02:00;400\r\n";
  const read = await readTest(
    "enedis",
    HEAD + meta("30") + rows + meta("30", "Production") + rows.replace("400", "20"),
  );
  expect(read.errors).toEqual([]);
  expect(totalsOf(read)).toEqual({ "import measured": [200, 2], "export measured": [10, 2] });
});

type Point = { readonly date: string; readonly minutes: number; readonly watts: number };

function answer(points: readonly Point[]): string {
  return JSON.stringify(
    {
      meter_reading: {
        usage_point_id: "24115050XXXXXX",
        quality: "BRUT",
        reading_type: { unit: "W", measurement_kind: "power", aggregate: "average" },
        interval_reading: points.map(({ date, minutes, watts }) => ({
          value: String(watts),
          date,
          interval_length: `PT${minutes}M`,
          measure_type: "B",
        })),
      },
    },
    null,
    2,
  );
}

/** Local labels of ends, as the API writes them, one point after the other from an instant on. */
function points(startMs: number, lengths: readonly (readonly [minutes: number, watts: number])[]): Point[] {
  let atMs = startMs;
  return lengths.map(([minutes, watts]) => {
    atMs += minutes * MINUTE_MS;
    const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO("Europe/Paris");
    return {
      date: local.toPlainDateTime().toString({ smallestUnit: "second" }).replace("T", " "),
      minutes,
      watts,
    };
  });
}

test("ten minutes by ten minutes, through a change of resolution within the hour, to quarter-hours", async () => {
  const text = answer(
    points(Date.UTC(2025, 0, 10, 0), [
      [10, 60],
      [10, 120],
      [10, 180],
      [15, 400],
      [15, 100],
      [60, 40],
    ]),
  );
  const read = await readTest("enedis", text);
  expect(read.errors).toEqual([]);
  // 10 + half of 20, the other half + 30; then as they are; then an hour of 40 Wh.
  expect(shown(quartersIn(read))).toEqual([
    "00:00 20",
    "00:15 40",
    "00:30 100",
    "00:45 25",
    "01:00 10",
    "01:15 10",
    "01:30 10",
    "01:45 10",
  ]);
  expect(read.days[0]?.resolutionS).toBe(3600);
});

test("a point that is missing leaves its quarter-hours out, with the line of what was there", async () => {
  const all = points(Date.UTC(2025, 0, 10, 0), [
    [10, 60],
    [10, 120],
    [10, 180],
    [30, 100],
  ]);
  const read = await readTest("enedis", answer(all.toSpliced(1, 1)));
  expect(read.errors).toMatchObject([
    { code: "quarter_incomplete", column: "date", detail: expect.stringContaining("10 minutes") },
    { code: "quarter_incomplete" },
  ]);
  const lines = answer(all.toSpliced(1, 1)).split("\n");
  expect(read.errors.map(({ line }) => lines[line - 1])).toEqual([
    expect.stringContaining(String(all[0]?.date)),
    expect.stringContaining(String(all[2]?.date)),
  ]);
  expect(shown(quartersIn(read))).toEqual(["00:30 25", "00:45 25"]);
});

const HOURS = [
  [10, 10, 10, 10, 10, 10],
  [15, 15, 15, 15],
  [30, 30],
  [60],
  [10, 10, 10, 15, 15],
  [30, 10, 10, 10],
  [15, 15, 10, 10, 10],
];

test("whatever the resolutions, each hour keeps its energy to half a watt-hour, in both nights of the clock", () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom(Date.UTC(2025, 2, 29, 22), Date.UTC(2025, 9, 25, 21), Date.UTC(2025, 5, 1)),
      fc.array(fc.constantFrom(...HOURS), { minLength: 1, maxLength: 8 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 36_000 })),
      async (startMs, hours, watts) => {
        const lengths = hours.map((hour) =>
          hour.map((minutes) => [minutes, watts.next().value ?? 0] as const),
        );
        const text = answer(points(startMs, lengths.flat()));
        const read = await readTest("enedis", text);
        expect(read.errors).toEqual([]);
        const quarters = quartersIn(read);
        expect(quarters).toHaveLength(4 * hours.length);
        for (const [index, hour] of lengths.entries()) {
          const wh = hour.reduce((sum, [minutes, power]) => sum + (power * minutes * MINUTE_MS) / HOUR_MS, 0);
          const own = quarters.slice(4 * index, 4 * index + 4).reduce((sum, one) => sum + one.wh, 0);
          expect(Math.abs(own - wh)).toBeLessThanOrEqual(0.5 + 1e-6);
        }
        const doubled = JSON.parse(text) as { meter_reading: { interval_reading: unknown[] } };
        if (startMs === Date.UTC(2025, 5, 1)) {
          doubled.meter_reading.interval_reading.push(...doubled.meter_reading.interval_reading);
          expect((await readTest("enedis", JSON.stringify(doubled))).days).toEqual(read.days);
        }
      },
    ),
    { numRuns: 60 },
  ));

function daily(days: Readonly<Record<string, string>>): string {
  const interval_reading = Object.entries(days).map(([date, value]) => ({ value, date }));
  const reading_type = { unit: "Wh", measurement_kind: "energy", aggregate: "sum", measuring_period: "P1D" };
  const meter_reading = { usage_point_id: "24115050XXXXXX", quality: "BRUT", reading_type, interval_reading };
  return JSON.stringify({ meter_reading }, null, 2);
}

test("the energy of days is of civil days, spread evenly, and keeps its sum on the nights of the clock", async () => {
  const read = await readTest(
    "enedis",
    daily({ "2025-03-30": "9201", "2025-10-26": "10001", "2025-10-27": "960" }),
  );
  expect(read.errors).toEqual([]);
  const quarters = quartersIn(read);
  for (const [day, count, sum] of [
    ["2025-03-30", 92, 9201],
    ["2025-10-26", 100, 10_001],
    ["2025-10-27", 96, 960],
  ] as const) {
    const own = ofDay(quarters, day, "Europe/Paris");
    expect([own.length, own.reduce((all, { wh }) => all + wh, 0)]).toEqual([count, sum]);
  }
  expect(read.days.every(({ resolutionS }) => resolutionS >= 23 * 3600)).toBe(true);
});

test.each([
  ["time_malformed", "date", { "31 janvier": "5" }],
  ["energy_not_a_number", "value", { "2025-01-31": "beaucoup" }],
])("a day is refused with %s at %s", async (code, column, bad) => {
  const read = await readTest("enedis", daily({ ...bad, "2025-02-01": "960" }));
  expect(read.errors).toMatchObject([{ code, column }]);
  expect(totalsOf(read)).toEqual({ "import measured": [960, 96] });
});

test.each([
  ["json_invalid", '{"meter_reading": {"interval'],
  ["json_invalid", '{"customer": {}}'],
  ["json_invalid", '{"meter_reading": {"reading_type": {"unit": "W"}, "interval_reading": []}}'],
])("a document is refused with %s: %s", async (code, text) => {
  expect((await readTest("enedis", text)).errors).toMatchObject([{ code }]);
});

test.each([
  ["time_malformed", "interval_length", { date: "2025-01-10 00:07:00", minutes: 7, watts: 1 }],
  ["time_malformed", "date", { date: "10 janvier", minutes: 30, watts: 1 }],
  ["time_nonexistent", "date", { date: "2025-03-30 02:30:00", minutes: 30, watts: 1 }],
  ["time_off_quarter_hour", "date", { date: "2025-01-10 00:32:00", minutes: 30, watts: 1 }],
  ["energy_negative", "value", { date: "2025-01-10 00:30:00", minutes: 30, watts: -1 }],
])("a point is refused with %s at %s", async (code, column, bad) => {
  const good = { date: "2025-01-10 12:00:00", minutes: 30, watts: 100 };
  const read = await readTest("enedis", answer([bad, good]));
  expect(read.errors).toMatchObject([{ code, column }]);
  expect(read.errors[0]?.line).toBeGreaterThan(1);
  expect(totalsOf(read)).toEqual({ "import measured": [50, 2] });
});

test("while a year's document is read, everybody else has his turn", async () => {
  const text = answer(
    points(
      Date.UTC(2025, 0, 10),
      Array.from({ length: 30_000 }, () => [10, 100] as const),
    ),
  );
  let turns = 0;
  let isReading = true;
  const count = () => {
    turns++;
    if (isReading) setImmediate(count);
  };
  setImmediate(count);
  expect((await readTest("enedis", text)).errors).toEqual([]);
  isReading = false;
  // Its slices alone give about 200.
  expect(turns).toBeGreaterThan(text.length / (16 * 1024) + 20);
});
