// Writes what a device of Homie 5 publishes, for the simulator and for round trips.
import type { Decimal } from "#devices/decimal";

export type HomieProperty = {
  readonly node: string;
  readonly property: string;
  readonly unit: string;
  readonly value: Decimal;
};

export type HomieMessage = { readonly topic: string; readonly payload: Buffer };

/** The description, which goes first. Ids are of a-z, 0-9 and the hyphen. */
export function encodeHomieDescription(
  device: string,
  version: number,
  properties: readonly HomieProperty[],
): HomieMessage {
  // From entries: an id may be called like something that every object has.
  const nodes = Object.fromEntries(
    [...Map.groupBy(properties, ({ node }) => node)].map(([node, own]) => {
      const fields = own.map(({ property, unit }): [string, object] => [
        property,
        { name: property, datatype: "float", unit, settable: false, retained: true },
      ]);
      return [node, { name: node, properties: Object.fromEntries(fields) }];
    }),
  );
  const description = { homie: "5.0", version, name: device, nodes };
  return { topic: `homie/5/${device}/$description`, payload: Buffer.from(JSON.stringify(description)) };
}

/** One message a property; values keep their digits. */
export function encodeHomieValues(device: string, properties: readonly HomieProperty[]): HomieMessage[] {
  return properties.map(({ node, property, value }) => ({
    topic: `homie/5/${device}/${node}/${property}`,
    payload: Buffer.from(value),
  }));
}
