// What a building is as the simulator plans it: what is registered through the API, and which devices tell which truth.
import type { Carrier, Direction, Purpose } from "#devices/vocabulary";
import type { Speech } from "../devices/speech.ts";
import type { BuildingPlan, SimulatedBuilding } from "../world/building.ts";

/** What is decided about a building, besides its physics. */
export type SitePlan = BuildingPlan & {
  readonly name: string;
  readonly address: string;
  readonly postalCode: string;
  readonly region: string;
  readonly heatedAreaM2: number;
  /** So many dwellings have a meter that speaks to us. */
  readonly measuredDwellings: number;
  /** Its co-owners have not decided yet whether to buy as a group. */
  readonly undecided?: boolean;
  /** The main meter is out of reach for some hours a day. */
  readonly weakReception?: boolean;
  /** What goes wrong in one cellar: glitches, a damaged cable, a file of history with faults. */
  readonly badData?: boolean;
  /** The part that takes most has a meter of its own, and so has the water of the first dwelling. */
  readonly subMeters?: boolean;
  /** Its main meter was replaced when `SiteOptions.swapAtMs` says. */
  readonly swappedMeter?: boolean;
};

export type Site = {
  readonly plan: SitePlan;
  readonly building: SimulatedBuilding;
  readonly supplyPoints: readonly SupplyPointPlan[];
  readonly devices: readonly DevicePlan[];
  readonly swap: SwapPlan | undefined;
};

/** The main meter was replaced: what the technician read, in the registers' unit. */
export type SwapPlan = {
  readonly atMs: number;
  readonly indices: ReadonlyMap<string, { readonly closing: string; readonly opening: string }>;
};

export type SupplyPointPlan = {
  /** Within the site. */
  readonly key: string;
  readonly carrier: Carrier;
  readonly direction: "import" | "both";
  /** A private supply point belongs to the unit of this name. */
  readonly unit: string | undefined;
  readonly code: string | undefined;
  readonly connectionKva: number | undefined;
  readonly contract: ContractPlan | undefined;
  readonly consents: readonly Purpose[];
  /** Which device tells its index, and how often a new one: an hourly M-Bus value is repeated in every telegram. */
  readonly toldBy: { readonly device: string; readonly everyMs: number };
  /** The truth: the index at an instant, Wh or litres, all tariffs together. */
  indexAt(direction: Direction, instantMs: number): number;
};

export type ContractPlan = {
  readonly supplier: string;
  readonly pricePerKwh: string;
  readonly annualFee: string;
  /** Certified by guarantees of origin, 0 to 1. */
  readonly greenShare: number;
  readonly start: string;
  readonly noticeDays: number;
};

export type DevicePlan = {
  /** Within the site. */
  readonly key: string;
  readonly name: string;
  readonly expectedIntervalS: number;
  /** Keys of supply points. */
  readonly supplyPoints: Readonly<Partial<Record<Carrier, string>>>;
  readonly speech: Speech;
};

export type SiteOptions = {
  readonly seed: number;
  /** UTC day since 1970 on which all registers were put in. */
  readonly firstDay: number;
  readonly contractStart: string;
  /** When the main meters of plans with `swappedMeter` were replaced; without it they never were. */
  readonly swapAtMs?: number;
};

export const unitName = (number: number) => `App. ${Math.floor(number / 4)}.${(number % 4) + 1}`;

/** What the code of a connection is drawn from. */
export const commonKey = (plan: SitePlan) => `${plan.key} common`;
export const dwellingKey = (plan: SitePlan, number: number) => `${plan.key} dwelling ${number}`;
