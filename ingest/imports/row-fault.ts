// What can be wrong with a file of history: stable codes, and sentences that say the value and what to do.

/** Faults of one row: the others are read. */
export type RowFaultCode =
  | "columns_too_many"
  | "columns_too_few"
  | "code_missing"
  | "code_unknown"
  | "code_contradicts_supply_point"
  | "time_malformed"
  | "time_without_offset"
  | "time_off_quarter_hour"
  | "time_before_2000"
  | "time_in_future"
  | "interval_backwards"
  | "interval_too_long"
  | "energy_missing"
  | "energy_not_a_number"
  | "energy_negative"
  | "energy_too_large"
  | "status_unknown"
  | "register_unknown"
  | "unit_unknown"
  | "calorific_value_unlikely"
  | "time_nonexistent"
  | "time_ambiguous"
  | "quarter_incomplete"
  | "row_contradicts_earlier";

/** Faults of the file: nothing of it is taken. */
export type FileFaultCode =
  | "file_empty"
  | "file_not_utf8"
  | "file_not_csv"
  | "json_invalid"
  | "format_unknown"
  | "supply_point_lost"
  | "format_other"
  | "header_invalid"
  | "csv_broken"
  | "too_many_codes"
  | "too_many_days"
  | "too_many_quarters"
  | "too_many_bad_rows"
  | "no_good_row";

export type Fault<Code extends string> = {
  /** The column's name as in the header of the format; `null`: the row, or the file, as a whole. */
  readonly column: string | null;
  readonly code: Code;
  readonly detail: string;
};

export type RowFault = Fault<RowFaultCode>;

export function rowFault(column: string | null, code: RowFaultCode, detail: string): RowFault {
  return { column, code, detail };
}

/** Ends the reading of a file. */
export class FileFault extends Error {
  readonly code: FileFaultCode;
  /** From 1; 0: the file as a whole. */
  readonly line: number;
  readonly column: string | null;

  constructor(code: FileFaultCode, detail: string, at: { line?: number; column?: string } = {}) {
    super(detail);
    this.name = "FileFault";
    this.code = code;
    this.line = at.line ?? 0;
    this.column = at.column ?? null;
  }
}
