// Imports of history: staged, previewed, committed.
import { Type } from "typebox";
import { CivilDate, Id, Instant, body, listOf, named, nullable, oneOf } from "./shape.ts";

export const IMPORT_STATES = ["staged", "previewed", "committing", "committed", "failed"] as const;
export const IMPORT_FORMATS = [
  "interval-csv",
  "fluvius",
  "enedis",
  "e-distribuzione",
  "engie",
  "liander",
  "mijn-aansluiting",
  "dsmr-reader",
  "amr",
] as const;

const RowError = Type.Object({
  line: Type.Integer({ description: "From 1, the header counted; 0: the file as a whole." }),
  column: nullable(Type.String()),
  code: Type.String({ description: "Stable." }),
  detail: Type.String({ description: "What is wrong with it, with the value, and what to do." }),
});

/** What would change, by supply point and direction. */
const Change = Type.Object({
  supplyPointId: Id,
  code: nullable(Type.String()),
  direction: oneOf(["import", "export"]),
  from: Instant,
  to: Instant,
  resolutionS: Type.Integer({
    description: "The longest interval; what is longer than a quarter-hour is spread evenly.",
  }),
  energyWh: Type.Integer({ description: "In the file; litres for gas and water." }),
  days: Type.Array(
    Type.Object({
      day: CivilDate,
      energyWh: Type.Integer(),
      added: Type.Integer({ description: "Quarter-hours that were missing." }),
      replaced: Type.Integer({
        description: "Quarter-hours of the same or a worse status with another value.",
      }),
      unchanged: Type.Integer(),
      kept: Type.Integer({ description: "Quarter-hours that keep a better value than the file's." }),
    }),
    { description: "UTC days, at most the first 400; `truncated` says whether there are more." },
  ),
  truncated: Type.Boolean(),
  withheld: Type.Boolean({
    description:
      "The viewer may not see this supply point's load: only what the file says is shown, `days` is empty and the counts are null. The import does what it would do otherwise.",
  }),
  added: nullable(Type.Integer()),
  replaced: nullable(Type.Integer()),
  unchanged: nullable(Type.Integer()),
  kept: nullable(Type.Integer()),
});

export const Import = named("Import", {
  id: Id,
  format: oneOf(IMPORT_FORMATS),
  fileName: Type.String(),
  fileSha256: Type.String(),
  supplyPointId: nullable(Id),
  state: oneOf(IMPORT_STATES),
  createdAt: Instant,
  committedAt: nullable(Instant),
  rowsRead: Type.Integer(),
  rowsRefused: Type.Integer(),
  progress: Type.Object({
    bytesTotal: Type.Integer(),
    bytesRead: Type.Integer({
      description:
        "How far the file is read while `state` is staged; `rowsRead` and `rowsRefused` grow with it.",
    }),
  }),
  errors: Type.Array(RowError, { description: "The first hundred." }),
  notes: Type.Array(Type.String(), {
    description:
      "What was decided for the file as a whole: which format it is, its encoding, what was left out.",
  }),
  preview: Type.Array(Change),
});
export const ImportList = listOf(Import);

/** The form of an upload. Its order does not matter. */
export const ImportFile = body("ImportFile", {
  file: Type.String({ format: "binary", description: "At most 64 MB." }),
  format: Type.Optional(oneOf(["auto", ...IMPORT_FORMATS])),
  supplyPointId: Type.Optional(Id),
});
