// Writes a SenML pack (RFC 8428): for the simulator, for devices that speak our own format, and for round trips.
import type { Decimal } from "#devices/decimal";

export type SenmlFields = {
  /** Precedes every name, with its own separator at the end: `urn:dev:mac:0024befffe804ff1:`. */
  readonly baseName?: string;
  /** `undefined`: the moment of arrival. */
  readonly observedAtMs?: number;
  readonly records: readonly SenmlValue[];
};

export type SenmlValue = {
  readonly name: string;
  readonly unit: string;
  readonly value: Decimal;
  /** True puts the value into `s`, as meters do with an index. */
  readonly sum?: boolean;
};

/** The JSON text as bytes; values keep their digits. */
export function encodeSenml({ baseName, observedAtMs, records }: SenmlFields): Buffer {
  const base = [
    ...(baseName === undefined ? [] : [`"bn":${JSON.stringify(baseName)}`]),
    ...(observedAtMs === undefined ? [] : [`"bt":${observedAtMs / 1000}`]),
  ];
  const texts = records.map(({ name, unit, value, sum = false }, index) => {
    const own = [
      `"n":${JSON.stringify(name)}`,
      `"u":${JSON.stringify(unit)}`,
      `"${sum ? "s" : "v"}":${value}`,
    ];
    return `{${[...(index === 0 ? base : []), ...own].join(",")}}`;
  });
  return Buffer.from(`[${texts.join(",")}]`);
}
