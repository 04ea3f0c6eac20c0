// Whatever the reading of a file can say is said in three languages: every fault by its code, every note by its sentence.
import { expect, test } from "vitest";
import { readHistory, type DecodedFile, type ImportFormat, type ImportTarget } from "#ingest";
import { IMPORT_FORMATS } from "../../schemas/index.ts";
import english from "../messages/en.json" with { type: "json" };
import french from "../messages/fr.json" with { type: "json" };
import dutch from "../messages/nl.json" with { type: "json" };
import { placeholdersOf } from "../text/messages.ts";
import { faultKey, faultValue } from "./fault-text.ts";
import { FORMATS } from "./import-view.ts";
import { noteOf } from "./note-text.ts";

const FILES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["fr", french],
  ["nl", dutch],
  ["en", english],
];

/** The compiler keeps it complete: a code more or less in the reading is an error here. */
const CODES: Record<DecodedFile["errors"][number]["code"], true> = {
  columns_too_many: true,
  columns_too_few: true,
  code_missing: true,
  code_unknown: true,
  code_contradicts_supply_point: true,
  time_malformed: true,
  time_without_offset: true,
  time_off_quarter_hour: true,
  time_before_2000: true,
  time_in_future: true,
  interval_backwards: true,
  interval_too_long: true,
  energy_missing: true,
  energy_not_a_number: true,
  energy_negative: true,
  energy_too_large: true,
  status_unknown: true,
  register_unknown: true,
  unit_unknown: true,
  calorific_value_unlikely: true,
  time_nonexistent: true,
  time_ambiguous: true,
  quarter_incomplete: true,
  row_contradicts_earlier: true,
  file_empty: true,
  file_not_utf8: true,
  file_not_csv: true,
  json_invalid: true,
  format_unknown: true,
  supply_point_lost: true,
  format_other: true,
  header_invalid: true,
  csv_broken: true,
  too_many_codes: true,
  too_many_days: true,
  too_many_quarters: true,
  too_many_bad_rows: true,
  no_good_row: true,
};

const SHORTENED = faultKey({ code: "code_unknown", detail: '"5,41E+17" was shortened by a spreadsheet.' });

test.each(FILES)("%s has words for every fault, and for no other", (_, messages) => {
  const given = Object.keys(messages).filter((key) => key.startsWith("imports.fault."));
  expect(given.toSorted()).toEqual(
    [...Object.keys(CODES).map((code) => faultKey({ code, detail: "" })), SHORTENED].toSorted(),
  );
});

test("every format that the API reads can be chosen", () => {
  expect([...FORMATS].toSorted()).toEqual([...IMPORT_FORMATS].toSorted());
});

test("the value of a fault is what its sentence begins with", () => {
  expect(faultValue({ detail: '"31/13/2026" is not a date: write 31/01/2026.' })).toBe("31/13/2026");
  expect(faultValue({ detail: '"he said "no"" is not a number: correct it.' })).toBe('he said "no"');
  expect(faultValue({ detail: '"" is not a number: correct it.' })).toBeUndefined();
  expect(faultValue({ detail: 'There is no code: write "EAN".' })).toBeUndefined();
});

const TARGET: ImportTarget = {
  id: 1,
  code: null,
  carrier: "electricity",
  direction: "import",
  timezone: "Europe/Brussels",
  connectionKva: null,
};

function readOf(format: ImportFormat, content: string | Buffer, target: Partial<ImportTarget> = {}) {
  return readHistory(() => [Buffer.from(content)], {
    format,
    target: { ...TARGET, ...target },
    targetsOf: async () => [],
    nowMs: Date.UTC(2026, 6, 1),
  });
}

const FLUVIUS =
  "Van datum;Van tijdstip;Tot datum;Tot tijdstip;EAN-code;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus;Calorische Bovenwaarde";
const hourOfGas = (value: string, unit: string) =>
  `10-01-2022;07:00:00;10-01-2022;08:00:00;="123456789123456789";7FLO;Digitale Meter;Afname;${value};${unit};Gevalideerd;`;
const ENGIE = "Datum,EAN,Verbruik,Type,Piek\n2025-05-01T00:00:00+02:00,1,0.25,Elektriciteit,false\n";
const HALF_HOURS = "MPR,ReadDatetime,kWh,ReadType\n";
const QUARTERS = Array.from({ length: 96 }, (_, slot) => {
  const time = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  return `${time(15 * slot)}-${time(15 * (slot + 1))}`;
});

/** What each file is taken for is told by the reading itself, so that a sentence that changes there fails here. */
const NOTED: readonly (readonly [
  key: string,
  format: ImportFormat,
  content: string | Buffer,
  target: Partial<ImportTarget>,
])[] = [
  ["windows1252", "engie", Buffer.from(ENGIE.replace(",1,", ",Cit\u00e9,"), "latin1"), {}],
  ["alias", "engie", ENGIE.replace(",1,", ",SITE 7,"), {}],
  [
    "gasCompared",
    "fluvius",
    [FLUVIUS, hourOfGas("5,445", "kWh"), hourOfGas("0,495", "m³")].join("\n"),
    { carrier: "gas" },
  ],
  ["endOfHalfHour", "amr", `${HALF_HOURS}1,03 Dec 2019 00:30:00,1,Actual\n`, { timezone: "Europe/London" }],
  [
    "beginningOfHalfHour",
    "amr",
    `${HALF_HOURS}1,03 Dec 2019 00:00:00,1,Actual\n`,
    { timezone: "Europe/London" },
  ],
  [
    "hourTwice",
    "e-distribuzione",
    `Giorno;${QUARTERS.join(";")}\n"26/10/2025";${QUARTERS.map(() => '"0,1"').join(";")}\n`,
    { timezone: "Europe/Rome" },
  ],
  ["leftOut", "engie", `${ENGIE}2025-05-01T00:00:00+02:00,1,0.1,Gas,false\n`, {}],
];

test.each(NOTED)("what was decided is known by its sentence: %s", async (key, format, content, target) => {
  const { notes: sentences } = await readOf(format, content, target);
  const known = sentences.map((sentence) => noteOf(sentence));
  expect(
    known.map((note) => note?.key),
    sentences.join(" "),
  ).toContain(`imports.note.${key}`);
  expect(known).not.toContain(undefined);
});

test("why no row of a file is good is known by its note", async () => {
  const onlyKwh = [FLUVIUS, hourOfGas("5,445", "kWh")].join("\n");
  const onlyGas = ENGIE.replace("Elektriciteit", "Gas");
  const files = [
    ["gasInKwh", "fluvius", onlyKwh, "gas"],
    ["leftOut", "engie", onlyGas, "electricity"],
  ] as const;
  for (const [key, format, content, carrier] of files) {
    const [fault] = (await readOf(format, content, { carrier })).errors;
    expect(fault?.code).toBe("no_good_row");
    expect(noteOf(fault?.detail ?? "")?.key, fault?.detail).toBe(`imports.note.${key}`);
  }
});

test("the API's own note is known as well, and what is new is left as it came", () => {
  expect(noteOf("The format was recognised by the beginning of the file: e-distribuzione.")).toEqual({
    key: "imports.note.recognised",
    values: { format: "e-distribuzione" },
  });
  expect(noteOf("Something else was decided.")).toBeUndefined();
});

test("a note's text has the places for what its sentence says", () => {
  const sentences = [
    'The file calls the supply point "SITE 7"; it was taken for the one that was chosen, because nothing speaks against it.',
    "Gas is kept in litres: 3 values in m³ were taken, and 4 in kWh, which say the same with the calorific value, were compared with them.",
    "Gas is kept in litres, and the file has 4 values in kWh alone, without the calorific value: export it with the volume in m³.",
    "12 values of gas were left out, because the supply point is of another carrier: send the file again for that one.",
  ];
  for (const sentence of sentences) {
    const { key = "", values = {} } = noteOf(sentence) ?? {};
    const messages: Readonly<Record<string, string>> = french;
    expect(placeholdersOf(messages[key] ?? ""), sentence).toEqual(Object.keys(values).toSorted());
  }
});
