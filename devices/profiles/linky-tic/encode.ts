// Writes a frame as teleinfo2mqtt does, for the simulator and for round trips.
import type { Decimal } from "#devices/decimal";

export type TicEntry = {
  readonly label: string;
  /** Whole number, as the meter sends it. */
  readonly value: Decimal;
  /** The horodate of its own, for labels that have one. */
  readonly observedAtMs?: number;
};

export type TicFields = {
  readonly mode: "history" | "standard";
  /** The meter's address, twelve digits. */
  readonly meter: string;
  /** Of the whole frame; history mode has no place for it. */
  readonly observedAtMs?: number;
  readonly entries: readonly TicEntry[];
};

/** The JSON text as bytes. France's legal time: both instants of the hour that autumn repeats are told apart by `dst`. */
export function encodeTic({ mode, meter, observedAtMs, entries }: TicFields): Buffer {
  const frame: Record<string, unknown> = {
    [mode === "history" ? "ADCO" : "ADSC"]: { raw: meter, value: Number(meter) },
  };
  if (mode === "standard" && observedAtMs !== undefined) {
    frame["DATE"] = { raw: "", value: "", timestamp: horodate(observedAtMs) };
  }
  for (const { label, value, observedAtMs: ownMs } of entries) {
    const entry = { raw: value.padStart(widthOf(label), "0"), value: Number(value) };
    frame[label] = ownMs === undefined ? entry : { ...entry, timestamp: horodate(ownMs) };
  }
  return Buffer.from(JSON.stringify(frame));
}

/** Indices have nine digits, powers five, the rest three. */
function widthOf(label: string): number {
  if (/^(?:BASE|HC|EJP|BBR|EA|ERQ)/.test(label)) return 9;
  return /^(?:PAPP|SINST|SMAX|CCA|P)/.test(label) ? 5 : 3;
}

function horodate(instantMs: number): { readonly dst: string; readonly date: string } {
  const local = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO("Europe/Paris");
  const summer = local.offset === "+02:00";
  const wall = local.toPlainDateTime().toString({ fractionalSecondDigits: 3 });
  return { dst: summer ? "summer" : "winter", date: `${wall}Z` };
}
