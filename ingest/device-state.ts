// What ingest remembers of one device: its registers, its layouts, what was kept last, which old days it touched.
import type { Decimal } from "#devices/decimal";
import type { Fact, Rejection, RegisterSpec } from "#devices/reading";
import { feedsProfile, type StoredLayout, type StoredRegister } from "#store";
import type { Carriage } from "./carriage.ts";
import type { SkewState } from "./clock-skews.ts";
import { DoorCache } from "./door-cache.ts";

/** A layout's registers in the order in which messages bring them, and the way from there to the layout's order. */
export type Shape = {
  readonly registers: readonly StoredRegister[];
  /** `order[i]` is where the layout's i-th value stands in the message; undefined where it is the same order. */
  readonly order: readonly number[] | undefined;
  readonly layout: LayoutState;
};

export type LayoutState = {
  readonly id: number;
  readonly registers: readonly StoredRegister[];
  /** The densest policy of its registers. */
  readonly keepEveryS: number;
  /** Those that feed a profile, whose days a row makes stale. */
  readonly journalled: readonly number[];
  readonly interpolateMaxMs: number;
  /** Among its registers is one of values of the moment. */
  readonly ofTheMoment: boolean;
  readonly door: DoorCache<Carriage>;
  lastKeptMs: number | undefined;
  lastKeptBy: Carriage | undefined;
  /** The journal entry made last: the next row of the same batch and day needs none. */
  touchedBy: Carriage | undefined;
  touchedRowDay: number;
  touchedFromDay: number;
  touchedToDay: number;
  touchedLate: boolean;
};

export type LastChange = { readonly value: Decimal; readonly carriage: Carriage };

const NO_FACTS: ReadonlyMap<string, string> = new Map();

/**
 * Specs remembered beside one for each register: where a decoder makes them anew for each message, more would keep a message's
 * worth of memory for each message.
 */
const SPECS_SPARE = 64;
const SHAPES_MAX = 512;

export class DeviceState {
  readonly id: number;
  lastUsedMs: number;
  /** Its registers and layouts are known. */
  loaded = false;
  registerCount = 0;
  layoutCount = 0;
  /** Old days touched since `pastDaysSinceMs`. */
  pastDays: Set<number> | undefined;
  pastDaysSinceMs = 0;
  /** What it said about messages to come; replaced as a whole, so that a decoder can keep what it made of it. */
  facts: ReadonlyMap<string, string> = NO_FACTS;
  /** Its family's hints from message to message. */
  readonly recent = new Map<string, unknown>();
  /** The value stored last, of registers that are read only when they change; made when one is met. */
  lastChanges: Map<number, LastChange> | undefined;
  /** How far its clock is off. */
  skew: SkewState | undefined;
  /** When it was asked for something last, by topic. */
  requestedAtMs: Map<string, number> | undefined;
  readonly #bySpec = new Map<RegisterSpec, StoredRegister | Rejection>();
  readonly #byName = new Map<string, StoredRegister>();
  readonly #byId = new Map<number, StoredRegister>();
  readonly #byRegisterIds = new Map<string, LayoutState>();
  readonly #shapesByFirst = new Map<number, Shape[]>();
  #shapeCount = 0;

  constructor(id: number, nowMs: number) {
    this.id = id;
    this.lastUsedMs = nowMs;
  }

  /** Adds what the store knows, new or not. */
  learnRegisters(registers: readonly StoredRegister[]): void {
    for (const register of registers) {
      if (this.#byId.has(register.id)) continue;
      this.#byId.set(register.id, register);
      this.#byName.set(nameKey(register), register);
      this.registerCount += 1;
    }
    // A refusal may have been for want of what is known now.
    this.#bySpec.clear();
  }

  learnFacts(facts: readonly Fact[]): void {
    if (facts.length === 0 && this.facts.size === 0) return;
    this.facts = new Map(facts.map(({ key, value }) => [key, value]));
  }

  learnLayouts(layouts: readonly StoredLayout[]): void {
    for (const layout of layouts) {
      const key = layout.registerIds.join();
      if (this.#byRegisterIds.has(key)) continue;
      const registers = layout.registerIds.flatMap((id) => this.#byId.get(id) ?? []);
      // A layout of a register that is not loaded yet is met again when it is.
      if (registers.length < layout.registerIds.length) continue;
      this.#byRegisterIds.set(key, layoutState(layout.id, registers));
      this.layoutCount += 1;
    }
  }

  known(spec: RegisterSpec): StoredRegister | Rejection | undefined {
    return this.#bySpec.get(spec);
  }

  named(spec: RegisterSpec): StoredRegister | undefined {
    return this.#byName.get(nameKey(spec));
  }

  remember(spec: RegisterSpec, outcome: StoredRegister | Rejection): void {
    if (this.#bySpec.size >= this.registerCount + SPECS_SPARE) this.#bySpec.clear();
    this.#bySpec.set(spec, outcome);
  }

  /** The shape of these registers, in a message's order; undefined where no such layout is known. */
  shapeOf(registers: readonly StoredRegister[]): Shape | undefined {
    const first = registers[0]?.id ?? 0;
    const shapes = this.#shapesByFirst.get(first);
    const found = shapes?.find((shape) => sameRegisters(shape.registers, registers));
    if (found !== undefined) return found;
    const positions = registers.map((_, position) => position);
    const order = positions.toSorted((a, b) => (registers[a]?.id ?? 0) - (registers[b]?.id ?? 0));
    const layout = this.#byRegisterIds.get(order.map((position) => registers[position]?.id).join());
    if (layout === undefined) return undefined;
    const sorted = order.every((position, place) => position === place);
    const shape = { registers, order: sorted ? undefined : order, layout };
    // Orders are bounded: a device that shuffles its records is served, only not remembered.
    if (this.#shapeCount < SHAPES_MAX) {
      this.#shapeCount += 1;
      if (shapes === undefined) this.#shapesByFirst.set(first, [shape]);
      else shapes.push(shape);
    }
    return shape;
  }

  /** Forgets which rows passed: the next copy of any of them goes to the store. */
  forgetRows(): void {
    this.lastChanges?.clear();
    for (const layout of this.#byRegisterIds.values()) {
      layout.door.clear();
      layout.lastKeptMs = undefined;
      layout.lastKeptBy = undefined;
    }
  }
}

function nameKey(register: { readonly name: string; readonly equipmentId: string }): string {
  return `${register.name}\0${register.equipmentId}`;
}

function sameRegisters(a: readonly StoredRegister[], b: readonly StoredRegister[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function layoutState(id: number, registers: readonly StoredRegister[]): LayoutState {
  const journalled = registers.filter(feedsProfile);
  return {
    id,
    registers,
    keepEveryS: Math.min(...registers.map((register) => register.keepEveryS)),
    journalled: journalled.map((register) => register.id),
    ofTheMoment: registers.some((register) => register.kind === "instantaneous"),
    interpolateMaxMs: 1000 * Math.max(0, ...journalled.map((register) => register.interpolateMaxS)),
    door: new DoorCache(),
    lastKeptMs: undefined,
    lastKeptBy: undefined,
    touchedBy: undefined,
    touchedRowDay: 0,
    touchedFromDay: 0,
    touchedToDay: 0,
    touchedLate: false,
  };
}
