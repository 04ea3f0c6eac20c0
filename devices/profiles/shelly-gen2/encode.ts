// Writes a notification as a Shelly does, for the simulator and for round trips.
import type { Decimal } from "#devices/decimal";
import { SECOND_MS } from "#devices/time";

export type ShellyFields = {
  readonly source: string;
  readonly observedAtMs: number;
  /** By component, by field: `switch:0`, `aenergy.total`. What did not change may be left out. */
  readonly components: ReadonlyMap<string, ReadonlyMap<string, Decimal>>;
};

/** The JSON text as bytes; values keep their digits. Published on `<prefix>/events/rpc`. */
export function encodeShelly({ source, observedAtMs, components }: ShellyFields): Buffer {
  const statuses = [...components].map(([component, values]) => {
    const nested = Map.groupBy(values, ([name]) => (name.includes(".") ? (name.split(".")[0] ?? "") : ""));
    const members = [...nested].flatMap(([group, entries]) => {
      const texts = entries.map(([name, value]) => `${JSON.stringify(name.split(".").at(-1))}:${value}`);
      return group === "" ? texts : [`${JSON.stringify(group)}:{${texts.join(",")}}`];
    });
    const id = component.split(":")[1] ?? "0";
    return `${JSON.stringify(component)}:{${[`"id":${Number(id)}`, ...members].join(",")}}`;
  });
  const params = [`"ts":${observedAtMs / SECOND_MS}`, ...statuses].join(",");
  return Buffer.from(
    `{"src":${JSON.stringify(source)},"dst":"${source}/events","method":"NotifyStatus","params":{${params}}}`,
  );
}
