// Writes a device's state as Zigbee2MQTT does, for the simulator and for round trips.
import type { Decimal } from "#devices/decimal";

export type ZigbeeFields = {
  /** By property: `energy` in kWh, `power` in W. */
  readonly properties: ReadonlyMap<string, Decimal>;
  readonly linkQuality: number;
  /** Only where `last_seen` is switched on. */
  readonly lastSeenMs?: number;
};

/** The JSON text as bytes; values keep their digits. Published on `zigbee2mqtt/<friendly name>`. */
export function encodeZigbee({ properties, linkQuality, lastSeenMs }: ZigbeeFields): Buffer {
  const members = [
    ...[...properties].map(([name, value]) => `${JSON.stringify(name)}:${value}`),
    `"linkquality":${linkQuality}`,
    ...(lastSeenMs === undefined ? [] : [`"last_seen":"${new Date(lastSeenMs).toISOString()}"`]),
  ];
  return Buffer.from(`{${members.join(",")}}`);
}
