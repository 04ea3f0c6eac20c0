// Writes a message as the Sinapsi Alfa does, for the simulator and for round trips.
import type { Decimal } from "#devices/decimal";

export type SinapsiReading = {
  /** Whole seconds are all that the format holds. */
  readonly observedAtMs: number;
  /** By OBIS code without the last part: `1-0:1.8.0` in Wh, `1-0:1.7.0` in W. */
  readonly values: ReadonlyMap<string, Decimal>;
};

export type SinapsiFields = {
  /** Fabrication number of the reader. */
  readonly du: string;
  readonly pod: string;
  readonly readings: readonly SinapsiReading[];
};

/** The JSON text as bytes; values keep their digits. */
export function encodeSinapsi({ du, pod, readings }: SinapsiFields): Buffer {
  const data = readings.map(({ observedAtMs, values }) => {
    const fields = [...values].map(([code, value]) => [`${code}.255_3,0_2`, value]);
    return Object.fromEntries([["ts", String(Math.trunc(observedAtMs / 1000))], ...fields]) as object;
  });
  return Buffer.from(JSON.stringify([{ du, pod, data }]));
}
