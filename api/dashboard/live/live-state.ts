// What the live stream adds up to: the latest value of every register, and the power of the last minutes.
import { isMeterPower, powerW, roleOf, type LiveRole, type RegisterInfo } from "./register-role.ts";

/** One event of `GET /v1/buildings/{id}/live`. */
export type LiveReading = {
  readonly registerId: string;
  readonly deviceId: string;
  readonly supplyPointId: string | null;
  readonly name: string;
  readonly quantity: string;
  readonly unit: string;
  readonly value: string;
  readonly observedAt: string;
};

export type LatestValue = {
  readonly registerId: string;
  readonly deviceId: string;
  readonly supplyPointId: string | null;
  readonly name: string;
  readonly role: LiveRole;
  readonly carrier: string | null;
  readonly quantity: string;
  readonly unit: string;
  readonly tariff: string | null;
  /** As received. */
  readonly text: string;
  readonly value: number;
  readonly observedAtMs: number;
};

/** Import minus export at an instant. */
export type PowerSample = { readonly atMs: number; readonly netW: number };

export type LiveState = {
  readonly latest: ReadonlyMap<string, LatestValue>;
  /** Ascending, within the window. */
  readonly samples: readonly PowerSample[];
};

export type GridPower = {
  readonly importW: number;
  readonly exportW: number;
  readonly netW: number;
  readonly observedAtMs: number;
};

export const EMPTY_LIVE_STATE: LiveState = { latest: new Map(), samples: [] };

/** How far the sparkline looks back. */
export const LIVE_WINDOW_MS = 15 * 60_000;

/** A second-rate meter over the window; older samples go first. */
const SAMPLES_MAX = 1000;

/** Events come as one reading or several; anything else is ignored rather than shown wrongly. */
export function parseLiveEvent(data: string): LiveReading[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch {
    return [];
  }
  return (Array.isArray(parsed) ? parsed : [parsed]).filter(isLiveReading);
}

function isLiveReading(candidate: unknown): candidate is LiveReading {
  if (typeof candidate !== "object" || candidate === null) return false;
  const { registerId, name, value, observedAt } = candidate as Partial<Record<keyof LiveReading, unknown>>;
  return (
    typeof registerId === "string" &&
    typeof name === "string" &&
    typeof value === "string" &&
    typeof observedAt === "string" &&
    !Number.isNaN(Date.parse(observedAt))
  );
}

/**
 * The state after some readings. A value older than the one known for its register changes nothing, so neither order
 * nor repetition of events matters.
 */
export function applyReadings(
  state: LiveState,
  readings: readonly LiveReading[],
  registers: ReadonlyMap<string, RegisterInfo>,
  nowMs: number,
): LiveState {
  const latest = new Map(state.latest);
  let powerMoved = false;
  for (const reading of readings) {
    const value = latestValueOf(reading, registers.get(reading.registerId));
    const known = latest.get(reading.registerId);
    if (!Number.isFinite(value.value) || (known !== undefined && known.observedAtMs > value.observedAtMs))
      continue;
    latest.set(reading.registerId, value);
    powerMoved ||= value.role === "grid-import-power" || value.role === "grid-export-power";
  }
  const power = powerMoved ? gridPowerOf(latest) : undefined;
  const samples = power === undefined ? state.samples : addSample(state.samples, power);
  return { latest, samples: samples.filter(({ atMs }) => atMs > nowMs - LIVE_WINDOW_MS).slice(-SAMPLES_MAX) };
}

function latestValueOf(reading: LiveReading, register: RegisterInfo | undefined): LatestValue {
  return {
    registerId: reading.registerId,
    deviceId: reading.deviceId,
    supplyPointId: reading.supplyPointId,
    name: reading.name,
    role: roleOf(register ?? { ...reading, carrier: null, role: null, direction: null, tariff: null }),
    carrier: register?.carrier ?? null,
    quantity: reading.quantity,
    unit: reading.unit,
    tariff: register?.tariff ?? null,
    text: reading.value,
    value: Number(reading.value),
    observedAtMs: Date.parse(reading.observedAt),
  };
}

function addSample(samples: readonly PowerSample[], power: GridPower): PowerSample[] {
  const sample = { atMs: power.observedAtMs, netW: power.netW };
  return [...samples.filter(({ atMs }) => atMs !== sample.atMs), sample].sort((a, b) => a.atMs - b.atMs);
}

/** The same state once the registers are known, which may be after the first readings. */
export function withRegisters(state: LiveState, registers: ReadonlyMap<string, RegisterInfo>): LiveState {
  const latest = new Map<string, LatestValue>();
  for (const [id, value] of state.latest) {
    const register = registers.get(id);
    latest.set(
      id,
      register === undefined
        ? value
        : { ...value, role: roleOf(register), carrier: register.carrier, tariff: register.tariff },
    );
  }
  return { ...state, latest };
}

/** Samples read from the store when the page opens, so that the sparkline does not start empty. */
export function withHistory(state: LiveState, history: readonly PowerSample[]): LiveState {
  const known = new Set(state.samples.map(({ atMs }) => atMs));
  const merged = [...history.filter(({ atMs }) => !known.has(atMs)), ...state.samples];
  return { ...state, samples: merged.sort((a, b) => a.atMs - b.atMs).slice(-SAMPLES_MAX) };
}

/**
 * The building's power at the grid: the sum over its main meters, import and export apart. Where a supply point has a
 * meter that tells its own power, a sensor beside it is not added to it.
 */
export function gridPowerOf(latest: ReadonlyMap<string, LatestValue>): GridPower | undefined {
  const metered = new Set<string | null>();
  for (const { name, supplyPointId } of latest.values()) if (isMeterPower(name)) metered.add(supplyPointId);
  let importW = 0;
  let exportW = 0;
  let observedAtMs = Number.NEGATIVE_INFINITY;
  for (const value of latest.values()) {
    if (metered.has(value.supplyPointId) && !isMeterPower(value.name)) continue;
    if (value.role === "grid-import-power") importW += powerW(value);
    else if (value.role === "grid-export-power") exportW += powerW(value);
    else continue;
    observedAtMs = Math.max(observedAtMs, value.observedAtMs);
  }
  if (observedAtMs === Number.NEGATIVE_INFINITY) return undefined;
  return { importW, exportW, netW: importW - exportW, observedAtMs };
}
