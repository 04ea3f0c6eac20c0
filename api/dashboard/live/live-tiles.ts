// What the live page shows as tiles: the grid, what is produced, the meters of gas, water and heat, and the sensors.
import { unitSign, type Formats, type Measure } from "../text/formats.ts";
import type { MessageKey } from "../text/messages.ts";
import { gridPowerOf, type LatestValue, type LiveState } from "./live-state.ts";
import { powerW } from "./register-role.ts";

export type LiveTile = {
  readonly id: string;
  /** The text that names it, or `undefined` where the device's own name says it best. */
  readonly key: MessageKey | undefined;
  readonly deviceId: string | undefined;
  /** Shown below, such as which quantity of a sensor. */
  readonly quantity: string | undefined;
  /** The device's own word for it, where that says more than the quantity: `outside`. */
  readonly detail: string | undefined;
  /** A carrier, or a quantity of a sensor. */
  readonly icon: string;
  /** A custom property. */
  readonly colour: string;
  readonly measure: Measure;
  readonly observedAtMs: number;
};

/** Tiles in the order of the page. Of powers at the grid there is one each way: the sum that the large figure shows. */
export function tilesOf(state: LiveState, formats: Formats): LiveTile[] {
  const values = [...state.latest.values()].sort(byName);
  return [
    ...gridTiles(state, formats),
    ...values.flatMap((value) => (value.role === "production-power" ? [productionTile(value, formats)] : [])),
    ...values.flatMap((value) => (value.role === "sub-power" ? [subTile(value, formats)] : [])),
    ...values.flatMap((value) => indexTile(value, formats)),
    ...values.flatMap((value) => (isSensor(value) ? [sensorTile(value, formats)] : [])),
  ];
}

function gridTiles({ latest }: LiveState, formats: Formats): LiveTile[] {
  const power = gridPowerOf(latest);
  if (power === undefined) return [];
  const tile = {
    deviceId: undefined,
    quantity: undefined,
    detail: undefined,
    icon: "electricity",
    observedAtMs: power.observedAtMs,
  };
  return [
    {
      ...tile,
      id: "import",
      key: "live.import",
      colour: "--electricity-import",
      measure: formats.power(power.importW),
    },
    {
      ...tile,
      id: "export",
      key: "live.export",
      colour: "--electricity-export",
      measure: formats.power(power.exportW),
    },
  ];
}

function productionTile(value: LatestValue, formats: Formats): LiveTile {
  return {
    ...tileOf(value, formats),
    key: "live.production",
    icon: "electricity",
    colour: "--electricity-export",
  };
}

function subTile(value: LatestValue, formats: Formats): LiveTile {
  return { ...tileOf(value, formats), icon: "electricity", colour: "--electricity-import" };
}

/** Gas, water and heat meters tell their index; an electricity index is in the list of all values. */
function indexTile(value: LatestValue, formats: Formats): LiveTile[] {
  const { carrier } = value;
  if (carrier !== "gas" && carrier !== "water" && carrier !== "heat") return [];
  if (value.role !== "volume-index" && value.role !== "electricity-index") return [];
  return [
    { ...tileOf(value, formats), key: `carrier.${carrier}`, icon: carrier, colour: `--${carrier}-import` },
  ];
}

/** What belongs to no energy is a sensor; a meter's voltages, tariffs and demands are in the list of all values. */
function isSensor({ role, carrier }: LatestValue): boolean {
  return role === "sensor" && carrier === null;
}

function sensorTile(value: LatestValue, formats: Formats): LiveTile {
  const { quantity } = value;
  const colour = { temperature: "--heat-import", humidity: "--water-import" }[quantity] ?? "--ink-soft";
  const own = value.name.split(/[:/]/).at(-1);
  const detail = own === quantity ? undefined : own;
  return { ...tileOf(value, formats), quantity, detail, icon: quantity, colour };
}

function tileOf(value: LatestValue, formats: Formats): LiveTile {
  return {
    id: value.registerId,
    key: undefined,
    deviceId: value.deviceId,
    quantity: undefined,
    detail: undefined,
    icon: "sensor",
    colour: "--ink-soft",
    measure: measureOf(value, formats),
    observedAtMs: value.observedAtMs,
  };
}

/** Powers change their unit with their size; an index keeps the digits that its meter counts in. */
export function measureOf(value: LatestValue, formats: Formats): Measure {
  if (value.quantity === "power") return formats.power(powerW(value));
  const unit = unitSign(value.unit);
  return { number: formats.decimal(value.value, DIGITS[value.quantity] ?? 1), unit };
}

function byName(a: LatestValue, b: LatestValue): number {
  return a.name.localeCompare(b.name, undefined, { numeric: true });
}

const DIGITS: Readonly<Record<string, number>> = { volume: 2, energy: 1, humidity: 0 };
