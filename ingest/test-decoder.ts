// Values that several tests of ingest need: a register, a spec, a decoder that reads what the test wrote.
import type { Decoded, Decoder, Observation, RegisterSpec } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import type { StoredRegister } from "#store";

export function registerSpec(over: Partial<RegisterSpec> = {}): RegisterSpec {
  return {
    name: "1-0:1.8.1",
    equipmentId: "",
    carrier: "electricity",
    quantity: "energy",
    unit: "kWh",
    kind: "cumulative",
    tariff: "1",
    direction: "import",
    keepEveryS: 0,
    ...over,
  };
}

export function storedRegister(over: Partial<StoredRegister> = {}): StoredRegister {
  return {
    id: 1,
    deviceId: 7,
    name: "1-0:1.8.1",
    equipmentId: "",
    quantity: "energy",
    unit: "kWh",
    kind: "cumulative",
    keepEveryS: 0,
    interpolateMaxS: 7200,
    supplyPointId: null,
    ...over,
  };
}

export function observation(over: Partial<Observation> = {}): Observation {
  return {
    register: registerSpec(),
    value: "15.758",
    observedAtMs: Date.UTC(2026, 0, 15, 12),
    clock: ClockSource.payloadOffset,
    ...over,
  };
}

const specs = new Map<string, RegisterSpec>();

/** Interned, as decoders do. */
function interned(spec: RegisterSpec): RegisterSpec {
  const key = JSON.stringify(spec);
  const known = specs.get(key);
  if (known === undefined) specs.set(key, spec);
  return known ?? spec;
}

type Written = { spec?: Partial<RegisterSpec>; value: string; atMs?: number };

/** The payload that `jsonDecoder` reads: one entry per observation. */
export function written(...values: readonly Written[]): Buffer {
  return Buffer.from(JSON.stringify(values));
}

/** Reads what `written` wrote; any other payload is malformed. */
export const jsonDecoder: Decoder = (payload): Decoded => {
  try {
    const values = JSON.parse(Buffer.from(payload).toString()) as Written[];
    return {
      observations: values.map(({ spec, value, atMs }) => ({
        register: interned(registerSpec(spec)),
        value,
        observedAtMs: atMs,
        clock: atMs === undefined ? ClockSource.broker : ClockSource.payloadOffset,
      })),
      rejections: [],
    };
  } catch {
    return {
      observations: [],
      rejections: [{ reason: "reading_malformed", detail: "not what a test wrote" }],
    };
  }
};
