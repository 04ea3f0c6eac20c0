// What a format of history is: how it is known by its first line, and how a row of it becomes intervals.
import type { Carrier, Direction } from "#devices/vocabulary";
import type { Interval } from "./interval-row.ts";
import type { LocalClock } from "./local-clock.ts";
import type { RowFault } from "./row-fault.ts";

/** What a code stands for. */
export type ImportTarget = {
  readonly id: number;
  readonly code: string | null;
  readonly carrier: Carrier;
  /** What history without a direction of its own is of: `export` for what only feeds in, else `import`. */
  readonly direction: Direction | "both";
  /** IANA zone of the building. */
  readonly timezone: string;
  /** Bound of its quarter-hours; `null`: not known, or not electricity. */
  readonly connectionKva: number | null;
};

/** One interval of a row. */
export type Entry = Interval & {
  /** `undefined`: the supply point's. Of another carrier than it has, the entry is left out. */
  readonly carrier?: Carrier | undefined;
  readonly direction?: Direction | undefined;
  /** Registers of one series that are added up: day and night. Of the same part, two values contradict each other. */
  readonly part?: string | undefined;
  /** The part is what the others add up to: it counts where none of them has a value. */
  readonly isTotal?: boolean | undefined;
  /** The column of its value; absent: that of the reader. */
  readonly column?: string | undefined;
  /** How long the interval was that the value comes from, s; absent: the interval itself. */
  readonly resolutionS?: number | undefined;
};

/** What a row says: nothing for one without a value. */
export type RowResult = readonly Entry[] | RowFault;

/** A row that could only be understood at the end of the file. */
export type LateRow = { readonly line: number; readonly code: string; readonly result: RowResult };

export type RowContext = {
  readonly line: number;
  readonly target: ImportTarget;
  readonly nowMs: number;
};

export type FormatReader = {
  /** The code in a row, as it stands there; "" where there is none. Asked of every row before it is read. */
  readonly codeOf: (fields: readonly string[]) => string;
  /** Of which carrier a row is, where it says so. With a chosen supply point, rows of another one are not looked at. */
  readonly carrierOf?: (fields: readonly string[]) => Carrier | undefined;
  readonly read: (fields: readonly string[], context: RowContext) => RowResult;
  /** Rows whose meaning needed the whole file. */
  readonly end?: () => Iterable<LateRow>;
  /** How the columns are called in a sentence. */
  readonly columns: {
    readonly code: string;
    readonly from: string;
    readonly to: string;
    readonly value: string;
  };
  /** The first line is a row already. */
  readonly headless?: boolean;
  /** How many fields a row may have; `undefined`: it says itself what it misses. */
  readonly fieldCount?: { readonly min: number; readonly max: number; readonly names: string };
  /** Sentences on what was decided for the whole file. Asked at its end. */
  readonly notes?: () => readonly string[];
};

export type OpenOptions = {
  /** Without a chosen supply point every row needs a code. */
  readonly codeNeeded: boolean;
  readonly separator: Separator;
  readonly clockOf: (timezone: string) => LocalClock;
};

export type Separator = "," | ";" | "\t";

export type FormatId = (typeof FORMAT_IDS)[number];
export const FORMAT_IDS = [
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

export type CsvFormat = {
  readonly id: FormatId;
  /** Whose export it is, in words. */
  readonly title: string;
  /** Its first line, for a sentence. */
  readonly example: string;
  /** Whether the first line is of this format and of no other. */
  readonly recognises: (names: readonly string[]) => boolean;
  /** @throws FileFault for a first line that is not of this format. */
  readonly open: (names: readonly string[], options: OpenOptions) => FormatReader;
  /** Only UTF-8 is taken. */
  readonly strictUtf8?: true;
  /** Only rows with a code that is the chosen supply point's are taken, whatever the code looks like. */
  readonly strictCode?: true;
};
