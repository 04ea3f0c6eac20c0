// Who and what there is, in memory: buildings, supply points, devices, and their registers, layouts and facts as they are first seen.
import type { Fact, RegisterSpec } from "#devices/reading";
import type { TimeSource } from "#devices/time";
import type { Carrier, Direction, ProfileId, RegisterKind } from "#devices/vocabulary";
import type { Child } from "../readings/children.ts";
import type { DeviceContext } from "../readings/device-context.ts";
import type { StoredFact } from "../readings/device-facts.ts";
import { feedsProfile } from "../readings/profile-quantities.ts";
import type { NeededLayouts, NeededRegisters, StoredLayout, StoredRegister } from "../readings/registers.ts";
import { MemoryFailure, requireStorable } from "./memory-failure.ts";

export type MemorySupplyPoint = {
  readonly id: number;
  readonly carrier: Carrier;
  readonly direction: Direction | "both";
  readonly connectionKva: number | null;
};

export type MemoryDevice = {
  readonly context: DeviceContext;
  readonly country: string;
  readonly externalId: string | null;
  readonly supplyPointIds: readonly number[];
  lastSeenAtMs: number | undefined;
  clockSkew: { readonly aheadMs: number; readonly atMs: number } | undefined;
};

/** As the table `register` has it, with what its device's first message declared. */
export type MemoryRegister = Omit<StoredRegister, "supplyPointId" | "kind"> & {
  readonly kind: RegisterKind;
  readonly carrier: Carrier | null;
  readonly tariff: string | null;
  readonly direction: Direction | null;
  maxPerHour: string | null;
};

export type MemoryAssignment = {
  readonly registerId: number;
  readonly supplyPointId: number;
  role: "main" | "sub" | "production";
  fromMs: number;
  toMs: number;
  /** Nobody said when it begins: with its register's first value. */
  readonly startsWithValues: boolean;
};

/** The default of the column. */
const INTERPOLATE_MAX_S = 7200;
const FACT_KEY_MAX = 256;
const FACT_VALUE_MAX = 16_384;

export class MemoryDirectory {
  readonly #time: TimeSource;
  readonly supplyPoints = new Map<number, MemorySupplyPoint>();
  readonly devices = new Map<number, MemoryDevice>();
  readonly registers = new Map<number, MemoryRegister>();
  readonly assignments: MemoryAssignment[] = [];
  readonly layouts = new Map<number, StoredLayout>();
  readonly facts = new Map<number, Map<string, string>>();

  constructor(time: TimeSource) {
    this.#time = time;
  }

  addSupplyPoint(point: Omit<MemorySupplyPoint, "id">): number {
    const id = this.supplyPoints.size + 1;
    this.supplyPoints.set(id, { id, ...point });
    return id;
  }

  addDevice(device: {
    readonly profile: ProfileId;
    readonly supplyPointIds: readonly number[];
    readonly buildingId?: number;
    readonly timezone?: string;
    readonly country?: string;
    readonly expectedIntervalS?: number;
    readonly parentId?: number;
    readonly externalId?: string;
  }): DeviceContext {
    const { profile, supplyPointIds, buildingId = 1, timezone = "Europe/Brussels", country = "BE" } = device;
    const { expectedIntervalS = null, parentId = null, externalId = null } = device;
    const id = this.devices.size + 1;
    const context = { id, buildingId, profile, expectedIntervalS, timezone, parentId };
    const state = { lastSeenAtMs: undefined, clockSkew: undefined };
    this.devices.set(id, { context, country, externalId, supplyPointIds, ...state });
    return context;
  }

  /** The device's row, which what refers to it needs. */
  requireDevice(deviceId: number): MemoryDevice {
    const device = this.devices.get(deviceId);
    if (device === undefined) throw new MemoryFailure("foreignKey", `there is no device ${deviceId}`);
    return device;
  }

  childrenOf(gatewayIds: readonly number[]): Child[] {
    return [...this.devices.values()].flatMap(({ context, externalId }) =>
      externalId !== null && context.parentId !== null && gatewayIds.includes(context.parentId)
        ? [{ externalId, device: context }]
        : [],
    );
  }

  registersOf(deviceIds: readonly number[]): StoredRegister[] {
    const nowMs = this.#time.now();
    return this.#ofDevices(this.registers, deviceIds).map((register) => ({
      id: register.id,
      deviceId: register.deviceId,
      name: register.name,
      equipmentId: register.equipmentId,
      quantity: register.quantity,
      unit: register.unit,
      kind: register.kind,
      keepEveryS: register.keepEveryS,
      interpolateMaxS: register.interpolateMaxS,
      supplyPointId:
        this.assignments.find(
          ({ registerId, fromMs, toMs }) => registerId === register.id && fromMs <= nowMs && toMs > nowMs,
        )?.supplyPointId ?? null,
    }));
  }

  /** All or nothing, as everything here: what can be refused is looked at first. */
  createRegisters(needs: readonly NeededRegisters[], registersMax: number): StoredRegister[] {
    for (const { deviceId, specs } of needs) {
      if (specs.length > 0) this.requireDevice(deviceId);
      for (const { name, equipmentId, quantity, unit, tariff } of specs)
        requireStorable(name, equipmentId, quantity, unit, tariff);
    }
    for (const need of needs) this.#createRegistersOf(need, registersMax);
    return this.registersOf(needs.map(({ deviceId }) => deviceId));
  }

  layoutsOf(deviceIds: readonly number[]): StoredLayout[] {
    return this.#ofDevices(this.layouts, deviceIds);
  }

  createLayouts(needs: readonly NeededLayouts[], layoutsMax: number): StoredLayout[] {
    const wanted = needs.flatMap(({ deviceId, layouts }) =>
      layouts.map((registerIds) => ({ deviceId, registerIds })),
    );
    for (const { deviceId, registerIds } of wanted) {
      this.requireDevice(deviceId);
      if (registerIds.length === 0) throw new MemoryFailure("check", "a layout without registers");
    }
    for (const { deviceId, registerIds } of wanted) {
      const known = this.layoutsOf([deviceId]);
      if (known.length >= layoutsMax || known.some((one) => one.registerIds.join() === registerIds.join()))
        continue;
      const id = this.layouts.size + 1;
      this.layouts.set(id, { id, deviceId, registerIds: [...registerIds] });
    }
    return this.layoutsOf(needs.map(({ deviceId }) => deviceId));
  }

  factsOf(deviceIds: readonly number[]): StoredFact[] {
    return deviceIds
      .flatMap((deviceId) =>
        [...(this.facts.get(deviceId) ?? [])].map(([key, value]) => ({ deviceId, key, value })),
      )
      .sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  /** All or nothing, as everything here. */
  saveFacts(deviceId: number, facts: readonly Fact[], factsMax: number): StoredFact[] {
    const known = new Map(this.facts.get(deviceId));
    for (const { key, value } of facts) {
      requireStorable(key, value);
      if (value === "") {
        known.delete(key);
        continue;
      }
      if (!known.has(key) && known.size >= factsMax) continue;
      this.requireDevice(deviceId);
      if (key.length < 1 || key.length > FACT_KEY_MAX || value.length > FACT_VALUE_MAX)
        throw new MemoryFailure("check", `the fact ${key} has no size that is kept`);
      known.set(key, value);
    }
    this.facts.set(deviceId, known);
    return this.factsOf([deviceId]);
  }

  #createRegistersOf({ deviceId, specs }: NeededRegisters, registersMax: number): void {
    const known = this.#ofDevices(this.registers, [deviceId]);
    const isKnown = ({ name, equipmentId }: RegisterSpec, among: readonly MemoryRegister[]) =>
      among.some((one) => one.name === name && one.equipmentId === equipmentId);
    const fresh = specs
      .filter((spec) => !isKnown(spec, known))
      .slice(0, Math.max(0, registersMax - known.length));
    const created: MemoryRegister[] = [];
    for (const spec of fresh) {
      if (isKnown(spec, created)) continue;
      const { name, equipmentId, carrier, quantity, unit, kind, tariff, direction, keepEveryS } = spec;
      const id = this.registers.size + 1;
      const rules = { keepEveryS, interpolateMaxS: INTERPOLATE_MAX_S, maxPerHour: null };
      const register = { id, deviceId, name, equipmentId, carrier, quantity, unit, kind, tariff, direction };
      created.push({ ...register, ...rules });
      this.registers.set(id, { ...register, ...rules });
    }
    for (const register of created)
      this.#assign(
        register,
        known.some((one) => isElder(one, register)),
      );
    if (created.some(({ tariff }) => tariff !== null)) this.#demoteTotals(deviceId, created);
  }

  /** Of the device's supply points of its carrier the one that has its direction, else the oldest. */
  #assign(register: MemoryRegister, startsWithValues: boolean): void {
    const points = (this.devices.get(register.deviceId)?.supplyPointIds ?? [])
      .flatMap((id) => this.supplyPoints.get(id) ?? [])
      .filter(({ carrier }) => carrier === register.carrier)
      .sort((one, other) => one.id - other.id);
    const { direction } = register;
    const fits = (point: MemorySupplyPoint) =>
      direction === null || point.direction === "both" || point.direction === direction;
    const point = points.find(fits) ?? points[0];
    if (point === undefined) return;
    const isTotal = feedsProfile(register) && register.tariff === null && this.#partsOf(register).length > 0;
    const role = isTotal ? "sub" : "main";
    const fromMs = startsWithValues ? this.#time.now() : -Infinity;
    const assigned = { registerId: register.id, supplyPointId: point.id, role } as const;
    this.assignments.push({ ...assigned, fromMs, toMs: Infinity, startsWithValues });
  }

  /** A value of this quarter-hour is there: what starts with values is assigned from then on at the latest. */
  valuedFrom(registerId: number, fromMs: number): void {
    for (const assignment of this.assignments)
      if (assignment.registerId === registerId && assignment.startsWithValues)
        assignment.fromMs = Math.min(assignment.fromMs, fromMs);
  }

  /** A total that was seen before its parts per tariff counted alone until now. */
  #demoteTotals(deviceId: number, created: readonly MemoryRegister[]): void {
    for (const assignment of this.assignments) {
      const total = this.registers.get(assignment.registerId);
      if (total?.deviceId !== deviceId || !feedsProfile(total) || total.tariff !== null) continue;
      if (assignment.role !== "main" || assignment.toMs !== Infinity) continue;
      const parts = this.#partsOf(total);
      if (created.some(({ id }) => parts.some((part) => part.id === id))) assignment.role = "sub";
    }
  }

  #partsOf(total: MemoryRegister): MemoryRegister[] {
    return this.#ofDevices(this.registers, [total.deviceId]).filter(
      (part) =>
        part.tariff !== null &&
        part.equipmentId === total.equipmentId &&
        part.carrier === total.carrier &&
        part.carrier !== null &&
        part.quantity === total.quantity &&
        part.kind === total.kind &&
        part.direction === total.direction,
    );
  }

  #ofDevices<Row extends { readonly deviceId: number }>(
    rows: ReadonlyMap<number, Row>,
    deviceIds: readonly number[],
  ): Row[] {
    return [...rows.values()].filter(({ deviceId }) => deviceIds.includes(deviceId));
  }
}

/** Another meter's under the same name of the device. */
function isElder(elder: MemoryRegister, register: MemoryRegister): boolean {
  return (
    elder.deviceId === register.deviceId &&
    elder.name === register.name &&
    elder.equipmentId !== register.equipmentId &&
    elder.quantity === register.quantity &&
    elder.kind === register.kind &&
    elder.carrier === register.carrier &&
    elder.direction === register.direction &&
    elder.tariff === register.tariff
  );
}
