// Writes an uplink as The Things Stack v3 does, for the simulator and for round trips.
import type { Decimal } from "#devices/decimal";

export type TtsFields = {
  readonly deviceId: string;
  /** Sixteen hexadecimal digits. */
  readonly devEui: string;
  /** When the network server heard it. */
  readonly observedAtMs: number;
  /** 0 is omitted. */
  readonly frameCount?: number;
  /** What the codec made of the payload, by field name. */
  readonly decodedPayload: ReadonlyMap<string, Decimal>;
};

/** The JSON text as bytes; values keep their digits. The topic is `v3/<application>@<tenant>/devices/<device>/up`. */
export function encodeTts({
  deviceId,
  devEui,
  observedAtMs,
  frameCount = 0,
  decodedPayload,
}: TtsFields): Buffer {
  const time = JSON.stringify(new Date(observedAtMs).toISOString().replace("Z", "000000Z"));
  const ids = `{"device_id":${JSON.stringify(deviceId)},"dev_eui":"${devEui.toUpperCase()}"}`;
  const fields = [...decodedPayload].map(([name, value]) => `${JSON.stringify(name)}:${value}`);
  const counter = frameCount === 0 ? "" : `"f_cnt":${frameCount},`;
  const uplink = `{${counter}"decoded_payload":{${fields.join(",")}},"received_at":${time}}`;
  return Buffer.from(`{"end_device_ids":${ids},"received_at":${time},"uplink_message":${uplink}}`);
}
