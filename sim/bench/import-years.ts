// import.ten_years: ten years of quarter-hours in a file, read into packed days, beside csv-parse alone over the same bytes.
import { parse } from "csv-parse";
import { QUARTER_MS } from "#devices/time";
import { readHistory, type DecodedFile, type ImportFormat, type ImportTarget } from "#ingest";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";

const ZONE = "Europe/Brussels";
const CODE = "541448860018322037";
const FROM_MS = Date.UTC(2015, 11, 31, 23);
const YEARS_TO_MS = Date.UTC(2025, 11, 31, 23);
const QUARTERS = (YEARS_TO_MS - FROM_MS) / QUARTER_MS;
const PIECE_BYTES = 1024 * 1024;
const SLICE_BYTES = 16 * 1024;
const ROUNDS = 3;

const TARGET: ImportTarget = {
  id: 1,
  code: CODE,
  carrier: "electricity",
  direction: "import",
  timezone: ZONE,
  connectionKva: 40,
};

const FILES: readonly { readonly format: ImportFormat; readonly head: string; readonly row: Row }[] = [
  { format: "interval-csv", head: "code,from,to,energyWh", row: intervalRow },
  {
    format: "fluvius",
    head: "Van datum;Van tijdstip;Tot datum;Tot tijdstip;EAN;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus",
    row: fluviusRow,
  },
];

type Row = (fromMs: number, toMs: number, wh: number) => string;
type Timed<Result> = { readonly seconds: number; readonly result: Result };

/** One line a format: the quickest of three rounds of each, in turn. */
export async function benchImportYears(): Promise<readonly BenchLine[]> {
  const lines: BenchLine[] = [];
  for (const { format, head, row } of FILES) {
    progress(`import: ${QUARTERS} quarter-hours as ${format}`);
    const bytes = fileOf(head, row);
    const rounds: { ours: Timed<Read>; alone: Timed<number> }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({
        ours: await timed(() => read(format, bytes)),
        alone: await timed(() => parseAlone(bytes)),
      });
    }
    const ours = quickest(rounds.map((round) => round.ours));
    const alone = quickest(rounds.map((round) => round.alone));
    mustBeAll(ours.result.file);
    lines.push(
      benchLine({
        name: "import.ten_years",
        value: QUARTERS / ours.seconds,
        unit: "rows/s",
        reference: "csv-parse alone over the same slices, rows dropped",
        referenceValue: alone.result / alone.seconds,
        context: {
          format,
          rows: QUARTERS,
          fileBytes: bytes.length,
          seconds: significant(ours.seconds),
          referenceSeconds: significant(alone.seconds),
          progressCalls: ours.result.progressCalls,
          days: ours.result.file.days.length,
        },
      }),
    );
  }
  return lines;
}

type Read = { readonly file: DecodedFile; readonly progressCalls: number };

async function read(format: ImportFormat, bytes: Buffer): Promise<Read> {
  let progressCalls = 0;
  const file = await readHistory(() => slicesOf(bytes, PIECE_BYTES), {
    format,
    target: TARGET,
    targetsOf: async () => [],
    nowMs: YEARS_TO_MS,
    onProgress: () => void progressCalls++,
  });
  return { file, progressCalls };
}

async function parseAlone(bytes: Buffer): Promise<number> {
  let rows = 0;
  const parser = parse({
    delimiter: bytes.includes(";") ? ";" : ",",
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    trim: true,
    on_record: () => {
      rows++;
      return null;
    },
  });
  for (const slice of slicesOf(bytes, SLICE_BYTES)) parser.write(slice.toString("utf8"));
  await new Promise((resolve) => {
    parser.once("close", () => resolve(undefined));
    parser.resume();
    parser.end();
  });
  return rows;
}

function* slicesOf(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function mustBeAll({ rowsRead, rowsRefused, days, errors }: DecodedFile): void {
  if (rowsRead === QUARTERS && rowsRefused === 0 && days.length > 0) return;
  throw new Error(
    `of ${QUARTERS} rows ${rowsRead} were read, ${rowsRefused} refused: ${errors[0]?.detail ?? ""}`,
  );
}

function quickest<Result>(rounds: readonly Timed<Result>[]): Timed<Result> {
  return rounds.reduce((best, one) => (one.seconds < best.seconds ? one : best));
}

async function timed<Result>(work: () => Promise<Result>): Promise<Timed<Result>> {
  const startedMs = performance.now();
  const result = await work();
  return { seconds: (performance.now() - startedMs) / 1000, result };
}

function fileOf(head: string, row: Row): Buffer {
  const lines = [head];
  for (let index = 0; index < QUARTERS; index++) {
    const fromMs = FROM_MS + index * QUARTER_MS;
    lines.push(row(fromMs, fromMs + QUARTER_MS, index % 997));
  }
  return Buffer.from(`${lines.join("\r\n")}\r\n`);
}

function intervalRow(fromMs: number, toMs: number, wh: number): string {
  return `${CODE},${new Date(fromMs).toISOString()},${new Date(toMs).toISOString()},${wh}`;
}

/** As the grid operator writes local time, folds included: consecutive in time, so the second hour comes after the first. */
function fluviusRow(fromMs: number, toMs: number, wh: number): string {
  const shown = (atMs: number) => {
    const at = localOf(atMs);
    const two = (value: number) => String(value).padStart(2, "0");
    return `${two(at.getUTCDate())}-${two(at.getUTCMonth() + 1)}-${at.getUTCFullYear()};${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:00`;
  };
  const volume = `0,${String(wh).padStart(3, "0")}`;
  return `${shown(fromMs)};${shown(toMs)};="${CODE}";1SAG1234567890;Digitale Meter;Afname Dag;${volume};kWh;Uitgelezen`;
}

const offsets = new Map<number, number>();

/** The wall clock as if it were UTC. */
function localOf(atMs: number): Date {
  const hour = Math.floor(atMs / (4 * QUARTER_MS));
  let offsetMs = offsets.get(hour);
  if (offsetMs === undefined) {
    offsetMs = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(ZONE).offsetNanoseconds / 1e6;
    offsets.set(hour, offsetMs);
  }
  return new Date(atMs + offsetMs);
}
