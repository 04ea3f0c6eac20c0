// Writes an uplink as ChirpStack v4 does, for the simulator and for round trips.
import type { Decimal } from "#devices/decimal";

export type ChirpstackFields = {
  /** Sixteen hexadecimal digits. */
  readonly devEui: string;
  /** When the network server heard it. */
  readonly observedAtMs: number;
  /** 0 is omitted, as protobuf does. */
  readonly fCnt?: number;
  /** What the codec made of the payload, by field name. */
  readonly object: ReadonlyMap<string, Decimal>;
};

/** The JSON text as bytes; values keep their digits. The topic is `application/<id>/device/<devEui>/event/up`. */
export function encodeChirpstack({ devEui, observedAtMs, fCnt = 0, object }: ChirpstackFields): Buffer {
  const time = new Date(observedAtMs).toISOString().replace("Z", "000000+00:00");
  const fields = [...object].map(([name, value]) => `${JSON.stringify(name)}:${value}`);
  const counter = fCnt === 0 ? "" : `"fCnt":${fCnt},`;
  return Buffer.from(
    `{"time":"${time}","deviceInfo":{"devEui":"${devEui.toLowerCase()}"},${counter}"object":{${fields.join(",")}}}`,
  );
}
