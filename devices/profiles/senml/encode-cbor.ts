// Writes a SenML pack in CBOR (RFC 8428 §6): labels as integers, values with their digits.
import { addExtension, Encoder } from "cbor-x";
import { mantissaOf, type Decimal } from "#devices/decimal";
import type { SenmlFields } from "./encode.ts";
import { KEYS } from "./labels.ts";

/** RFC 8949 §3.4.4: a value with digits after the point, told as [exponent, mantissa]. */
class DecimalFraction {
  readonly parts: readonly [exponent: number, mantissa: number | bigint];
  constructor(exponent: number, mantissa: number | bigint) {
    this.parts = [exponent, mantissa];
  }
}

addExtension<DecimalFraction, DecimalFraction["parts"]>({
  Class: DecimalFraction,
  tag: 4,
  encode: ({ parts }, encodeParts) => encodeParts(parts),
  decode: ([exponent, mantissa]) => new DecimalFraction(exponent, mantissa),
});

const encoder = new Encoder({ useRecords: false, mapsAsObjects: false, tagUint8Array: false });

/** The same pack as `encodeSenml` writes as text. */
export function encodeSenmlCbor({ baseName, observedAtMs, records }: SenmlFields): Buffer {
  const base: (readonly [label: string, value: unknown])[] = [
    ...(baseName === undefined ? [] : [["bn", baseName] as const]),
    ...(observedAtMs === undefined ? [] : [["bt", observedAtMs / 1000] as const]),
  ];
  const maps = records.map(({ name, unit, value, sum = false }, index) => {
    const own = [["n", name] as const, ["u", unit] as const, [sum ? "s" : "v", numberOf(value)] as const];
    return new Map([...(index === 0 ? base : []), ...own].map(([label, field]) => [KEYS[label], field]));
  });
  return encoder.encode(maps);
}

function numberOf(value: Decimal): number | bigint | DecimalFraction {
  const { mantissa, scale } = mantissaOf(value);
  const small = Number(mantissa);
  const whole = Number.isSafeInteger(small) ? small : mantissa;
  return scale === 0 ? whole : new DecimalFraction(-scale, whole);
}
