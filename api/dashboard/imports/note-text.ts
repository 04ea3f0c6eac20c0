// What was decided for a file as a whole, in the reader's language. The API says it in English sentences: each is known here by
// its form, and the numbers and names in it are taken over.

type NoteForm = { readonly key: string; readonly form: RegExp };

/** The named groups are the placeholders of the text. */
const FORMS: readonly NoteForm[] = [
  {
    key: "recognised",
    form: /^The format was recognised by the beginning of the file: (?<format>[\w-]+)\.$/,
  },
  { key: "windows1252", form: /^The file is not UTF-8; it was read as Windows-1252/ },
  {
    key: "alias",
    form: /^The file calls the supply point "(?<name>.*)"; it was taken for the one that was chosen/s,
  },
  {
    key: "gasCompared",
    form: /^Gas is kept in litres: (?<m3>\d+) values in m³ were taken, and (?<kwh>\d+) in kWh/,
  },
  { key: "gasInKwh", form: /^Gas is kept in litres, and the file has (?<kwh>\d+) values in kWh alone/ },
  { key: "endOfHalfHour", form: /^The first reading is at 00:30,/ },
  { key: "beginningOfHalfHour", form: /^The first reading is at 00:00,/ },
  { key: "hourTwice", form: /^(?<count>\d+) values are of an hour that comes twice/ },
  { key: "leftOut", form: /^(?<count>\d+) values of (?<carrier>\w+) were left out/ },
];

export type Note = { readonly key: string; readonly values: Readonly<Record<string, string>> };

/** `undefined`: a sentence of a kind that is new here; it is shown as it came. */
export function noteOf(sentence: string): Note | undefined {
  for (const { key, form } of FORMS) {
    const found = form.exec(sentence);
    if (found !== null) return { key: `imports.note.${key}`, values: { ...found.groups } };
  }
  return undefined;
}
