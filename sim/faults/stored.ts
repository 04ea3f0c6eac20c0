// What the product has of a device after a schedule: asked of the API, and of the store for what the API would tidy up.
import { DAY_MS } from "#devices/time";
import { forgetProfiles, hurryJournal, listReadings, profileLines } from "#store";
import type { FaultBed } from "./bed.ts";
import { DAYS_MAX } from "./known-messages.ts";
import type { Stored } from "./verdict.ts";

/** A device as registered, with the supply point that is its alone. */
export type RegisteredDevice = {
  readonly id: string;
  readonly secret: string;
  readonly supplyPointId: string;
};

type Register = { readonly id: string; readonly name: string };
type Quarantined = { readonly payload: string };
type Load = { readonly points: readonly { readonly from: string; readonly value: number | null }[] };

const READINGS_MAX = 1_000_000;
const ALL_TIME = { fromMs: Date.UTC(2000, 0, 1), toMs: Date.UTC(2100, 0, 1) };
const DRAINED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** A building with as many devices, each with a supply point of its own. */
export async function registerDevices(
  { api }: FaultBed,
  name: string,
  count: number,
): Promise<RegisteredDevice[]> {
  const building = await api.send<{ id: string }>("POST", "/v1/buildings", {
    name,
    address: "Rue des Pannes 1",
    postalCode: "1000",
    country: "BE",
    region: "BE-BRU",
    timezone: "Europe/Brussels",
    dwellings: 4,
  });
  const path = `/v1/buildings/${building.id}`;
  const devices: RegisteredDevice[] = [];
  for (let nth = 0; nth < count; nth++) {
    const point = { carrier: "electricity", direction: "both", scope: "common", vatRate: 0.06 };
    const { id: supplyPointId } = await api.send<{ id: string }>("POST", `${path}/supply-points`, point);
    const body = { name: `meter ${nth}`, profile: "senml", supplyPoints: { electricity: supplyPointId } };
    const { id, secret } = await api.send<{ id: string; secret: string }>("POST", `${path}/devices`, body);
    devices.push({ id, secret, supplyPointId });
  }
  return devices;
}

/** Their registers' numbers; a device that never got a message through has none. */
export async function registersOf(
  { api }: FaultBed,
  devices: readonly { readonly id: string }[],
): Promise<number[]> {
  const lists = await Promise.all(devices.map(({ id }) => api.list<Register>(`/v1/devices/${id}/registers`)));
  return lists.flat().map(({ id }) => Number(id));
}

export async function storedOf(bed: FaultBed, device: RegisteredDevice, firstMs: number): Promise<Stored> {
  const registers = await bed.api.list<Register>(`/v1/devices/${device.id}/registers`);
  const readings: string[] = [];
  for (const { id, name } of registers) {
    const { items } = await listReadings(bed.pool, Number(id), { ...ALL_TIME, limit: READINGS_MAX });
    for (const { observedAtMs, value } of items) readings.push(`${name} ${observedAtMs} ${value}`);
  }
  const rows = await bed.api.list<Quarantined>(`/v1/quarantine?deviceId=${device.id}`);
  const quarantined = rows.map(({ payload }) => Buffer.from(payload, "base64").toString());
  return { readings, quarantined, quarters: await quartersOf(bed, device, firstMs) };
}

async function quartersOf(
  { api }: FaultBed,
  { supplyPointId }: RegisteredDevice,
  firstMs: number,
): Promise<Map<number, number>> {
  const from = new Date(firstMs).toISOString();
  const to = new Date(firstMs + DAYS_MAX * DAY_MS).toISOString();
  const query = new URLSearchParams({ from, to, direction: "import", resolution: "quarter-hour" });
  const { points } = await api.get<Load>(`/v1/supply-points/${supplyPointId}/load?${query}`);
  return new Map(
    points.flatMap(({ from: at, value }) => (value === null ? [] : [[Date.parse(at), value] as const])),
  );
}

/** Waits until the worker has computed everything that waits for these registers, without the times between two rewrites. */
export async function drained(bed: FaultBed, registerIds: readonly number[]): Promise<boolean> {
  const startedMs = performance.now();
  while ((await hurryJournal(bed.pool, registerIds)) > 0) {
    if (performance.now() - startedMs > DRAINED_WITHIN_MS) return false;
    bed.wake();
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return true;
}

/**
 * I3: the profiles kept through the faults, against those that the worker computes from the raw readings alone. Returns
 * the lines of which the other side has none.
 */
export async function profileDifferences(
  bed: FaultBed,
  registerIds: readonly number[],
): Promise<{ readonly lines: number; readonly differences: readonly string[] }> {
  const kept = await profileLines(bed.pool, registerIds);
  await forgetProfiles(bed.pool, registerIds);
  if (!(await drained(bed, registerIds))) {
    return { lines: kept.length, differences: ["the journal was not drained"] };
  }
  const computed = await profileLines(bed.pool, registerIds);
  const keptOnly = kept.filter((line) => !computed.includes(line));
  const computedOnly = computed.filter((line) => !kept.includes(line));
  return {
    lines: kept.length,
    differences: [
      ...keptOnly.map((line) => `kept, but not computed from raw: ${line}`),
      ...computedOnly.map((line) => `computed from raw, but not kept: ${line}`),
    ],
  };
}
