// One row of an interval file: from texts to an interval with its energy, or what is wrong with it.
import { quoted } from "#devices/quote";
import { MOST_PER_HOUR } from "#devices/carrier-rates";
import { DAY_MS, HOUR_MS, OLDEST_INSTANT_MS, QUARTER_MS } from "#devices/time";
import { toMilli } from "#devices/units";
import { CARRIERS, QUARTER_STATUSES, QuarterCode, type Carrier } from "#devices/vocabulary";
import { instantOf } from "./instant.ts";
import { rowFault, type RowFault } from "./row-fault.ts";

/** [fromMs, toMs) on quarter-hours; whole Wh (or l), not negative; `status` a `QuarterCode`. */
export type Interval = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly energyWh: number;
  readonly status: number;
};

/** The texts of a row's columns, trimmed. An absent column is empty. */
export type RowTexts = {
  readonly from: string;
  readonly to: string;
  readonly energyWh: string;
  readonly status: string;
};

export type RowBounds = {
  /** Nothing that ends later is history. */
  readonly nowMs: number;
  readonly carrier: Carrier;
  /** Of the supply point's connection; `null`: not known, or not electricity. */
  readonly connectionKva: number | null;
  readonly decimalComma: boolean;
};

/** The longest civil month has 31 days and, on a night of the clock, one hour more. */
export const INTERVAL_MAX_MS = 32 * DAY_MS;
const INT32_MAX = 2 ** 31 - 1;
/** A connection stands a little more than its nominal power for a quarter-hour. */
const CONNECTION_MARGIN = 1.1;
const WH_PER_KVA_HOUR = 1000;
/** A grid operator's history is believed further than a meter's jump: to the quadruple of the largest connection. */
const UNDECLARED_MARGIN = 4;
const MILLI = 1000;

export function intervalOf(texts: RowTexts, bounds: RowBounds): Interval | RowFault {
  const fromMs = boundaryOf("from", texts.from);
  if (typeof fromMs !== "number") return fromMs;
  const toMs = boundaryOf("to", texts.to);
  if (typeof toMs !== "number") return toMs;
  const span = spanFault({ ...texts, fromMs, toMs }, bounds.nowMs);
  if (span !== undefined) return span;
  const status = statusOf(texts.status);
  if (typeof status !== "number") return status;
  // What is missing has no value, whatever stands beside it.
  if (status === QuarterCode.missing) return { fromMs, toMs, energyWh: 0, status };
  const energyWh = energyOf(texts.energyWh, bounds.decimalComma);
  if (typeof energyWh !== "number") return energyWh;
  const { carrier, connectionKva } = bounds;
  const written = { carrier, connectionKva, column: "energyWh", text: texts.energyWh };
  const fault = tooLarge(energyWh, toMs - fromMs, written);
  return fault ?? { fromMs, toMs, energyWh, status };
}

export function isFault(result: object): result is RowFault {
  return "detail" in result;
}

const LOCAL_TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?$/;

function boundaryOf(column: "from" | "to", text: string): number | RowFault {
  const atMs = instantOf(text);
  if (atMs === undefined) {
    return LOCAL_TIME.test(text)
      ? rowFault(
          column,
          "time_without_offset",
          `${quoted(text)} does not say its distance from UTC, so the nights of the clock cannot be told apart: write 2026-01-31T00:00:00+01:00.`,
        )
      : rowFault(
          column,
          "time_malformed",
          `${quoted(text)} is not an instant of RFC 3339: write 2026-01-31T00:00:00+01:00 or 2026-01-30T23:00:00Z.`,
        );
  }
  if (atMs % QUARTER_MS !== 0) {
    return rowFault(
      column,
      "time_off_quarter_hour",
      `${quoted(text)} is not on a quarter-hour: intervals begin and end at minute 00, 15, 30 or 45.`,
    );
  }
  return atMs;
}

/** A span as the file writes it, for sentences. */
export type Span = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly from: string;
  readonly to: string;
  readonly columns?: { readonly from: string; readonly to: string };
};

export function spanFault(span: Span, nowMs: number): RowFault | undefined {
  const { fromMs, toMs, columns } = span;
  const texts = span;
  if (fromMs < OLDEST_INSTANT_MS) {
    return rowFault(
      columns?.from ?? "from",
      "time_before_2000",
      `${quoted(texts.from)} is before the year 2000: correct it.`,
    );
  }
  if (toMs > nowMs) {
    return rowFault(
      columns?.to ?? "to",
      "time_in_future",
      `${quoted(texts.to)} is not over yet: history ends before now. Correct it, or leave the row out.`,
    );
  }
  if (toMs <= fromMs) {
    return rowFault(
      columns?.to ?? "to",
      "interval_backwards",
      `${quoted(texts.to)} is not after ${quoted(texts.from)}: an interval is from its beginning to its end, the end not included.`,
    );
  }
  if (toMs - fromMs > INTERVAL_MAX_MS) {
    const days = Math.round((toMs - fromMs) / DAY_MS);
    return rowFault(
      columns?.to ?? "to",
      "interval_too_long",
      `The interval has ${days} days; at most ${INTERVAL_MAX_MS / DAY_MS} can be spread over quarter-hours. Use monthly values or finer.`,
    );
  }
  return undefined;
}

const CODES: ReadonlyMap<string, number> = new Map<string, number>([
  ["", QuarterCode.measured],
  ...QUARTER_STATUSES.map((status) => [status, QuarterCode[status]] as const),
]);

function statusOf(text: string): number | RowFault {
  return (
    CODES.get(text) ??
    CODES.get(text.toLowerCase()) ??
    rowFault(
      "status",
      "status_unknown",
      `${quoted(text)} is not a status: write one of ${QUARTER_STATUSES.join(", ")}, or nothing for measured.`,
    )
  );
}

const NUMBER = /^-?\d+(?:\.\d+)?$/;

/**
 * Whole Wh. Decimals are accepted and each row rounded by itself, half up: then the interval shows what its row says, in
 * whatever order rows come and whichever files they come in. A running sum would keep the total of one file exact and change
 * values by 1 Wh with the row that the file happens to begin with.
 */
function energyOf(text: string, decimalComma: boolean): number | RowFault {
  if (text === "") {
    return rowFault(
      "energyWh",
      "energy_missing",
      "There is no energy: write whole Wh, or the status missing when there is no value.",
    );
  }
  const plain = decimalComma ? text.replace(",", ".") : text;
  if (!NUMBER.test(plain)) {
    return rowFault(
      "energyWh",
      "energy_not_a_number",
      `${quoted(text)} is not a number: write Wh with digits alone, such as 1250, without unit, exponent or thousands separator.`,
    );
  }
  const energy = Number(plain);
  if (energy < 0) {
    return rowFault(
      "energyWh",
      "energy_negative",
      `${quoted(text)} is negative: what is fed in is a supply point of direction export, with positive values.`,
    );
  }
  return Math.round(energy);
}

export function tooLarge(
  energyWh: number,
  durationMs: number,
  bounds: {
    readonly carrier: Carrier;
    readonly connectionKva: number | null;
    readonly column: string;
    /** As the file has it. */
    readonly text: string | undefined;
  },
): RowFault | undefined {
  const perQuarter = (energyWh * QUARTER_MS) / durationMs;
  if (perQuarter > INT32_MAX) {
    return rowFault(
      bounds.column,
      "energy_too_large",
      `${quoted(bounds.text ?? String(energyWh))} is more than can be kept (${INT32_MAX} Wh in a quarter-hour): check the unit.`,
    );
  }
  const { carrier, connectionKva } = bounds;
  if (connectionKva === null) return tooFast(energyWh, durationMs, carrier, bounds.column);
  const mostWh = Math.round((connectionKva * WH_PER_KVA_HOUR * CONNECTION_MARGIN * durationMs) / HOUR_MS);
  if (energyWh <= mostWh) return undefined;
  return rowFault(
    bounds.column,
    "energy_too_large",
    `${energyWh} Wh is more than the connection of ${connectionKva} kVA can carry in this interval (${mostWh} Wh): check the unit, or the supply point's connection.`,
  );
}

const VOLUMES: ReadonlySet<Carrier> = new Set(["gas", "water"]);
/** Wh or l in an hour. */
const UNDECLARED_MOST: ReadonlyMap<Carrier, number> = new Map(
  CARRIERS.map((carrier) => {
    const { value, unit } = MOST_PER_HOUR[carrier];
    return [carrier, (Number(toMilli(value, unit)) / MILLI) * UNDECLARED_MARGIN];
  }),
);

/** Where nobody declared the connection: a counter's overflow or a slipped digit is more than any can carry. */
function tooFast(energy: number, durationMs: number, carrier: Carrier, column: string): RowFault | undefined {
  const most = Math.round(((UNDECLARED_MOST.get(carrier) ?? 0) * durationMs) / HOUR_MS);
  if (energy <= most) return undefined;
  const unit = VOLUMES.has(carrier) ? "l" : "Wh";
  const remedy =
    carrier === "electricity" ? "check the unit, or state the supply point's connection" : "check the unit";
  const detail = `${energy} ${unit} is more than a building's connection can carry in this interval (${most} ${unit}): ${remedy}.`;
  return rowFault(column, "energy_too_large", detail);
}
