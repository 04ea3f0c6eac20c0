// Writes discovery messages and states as devices do for Home Assistant, for the simulator and for round trips.
import type { Decimal } from "#devices/decimal";

export type HomeAssistantSensor = {
  /** Letters, digits, `_` and `-`. */
  readonly object: string;
  /** The key in the state's JSON. */
  readonly field: string;
  readonly unit: string;
  /** `energy`, `power`, `water`… */
  readonly deviceClass: string;
  readonly stateClass: "measurement" | "total" | "total_increasing";
};

export type HomeAssistantMessage = { readonly topic: string; readonly payload: Buffer };

/** One message a sensor, on the usual prefix; they go before the first state. */
export function encodeDiscovery(
  device: string,
  stateTopic: string,
  sensors: readonly HomeAssistantSensor[],
): HomeAssistantMessage[] {
  return sensors.map(({ object, field, unit, deviceClass, stateClass }) => {
    const config = {
      name: object,
      unique_id: `${device}_${object}`,
      state_topic: stateTopic,
      value_template: `{{ value_json['${field}'] }}`,
      unit_of_measurement: unit,
      device_class: deviceClass,
      state_class: stateClass,
      device: { identifiers: [device], name: device },
    };
    return {
      topic: `homeassistant/sensor/${device}/${object}/config`,
      payload: Buffer.from(JSON.stringify(config)),
    };
  });
}

/** All values of a device in one JSON object; they keep their digits. */
export function encodeState(stateTopic: string, values: ReadonlyMap<string, Decimal>): HomeAssistantMessage {
  const members = [...values].map(([field, value]) => `${JSON.stringify(field)}:${value}`);
  return { topic: stateTopic, payload: Buffer.from(`{${members.join(",")}}`) };
}
