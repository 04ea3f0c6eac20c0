// A building's card in the list: its day so far and whether it speaks; asked for when the card comes into view.
import { windowsOf, type FacadeWindow } from "../facade/windows.ts";
import { askUntilMs, barsOf, summarise, type Bar } from "../energy/bars.ts";
import { SERIES } from "../energy/series.ts";
import { periodAt, spanOf } from "../time/period.ts";
import { listDevices, readLoad, type Building, type Device } from "./api.ts";

export type BuildingToday = {
  readonly devices: readonly Device[];
  readonly quarters: readonly Bar[];
  /** One per quarter-hour, in the same order. */
  readonly windows: readonly FacadeWindow[];
  /** Electricity imported since midnight; `null` before the first settled quarter-hour. */
  readonly energyWh: number | null;
  readonly elapsed: number;
  readonly measured: number;
};

const ELECTRICITY_IMPORT = SERIES[0];

/** The quarter-hours of the building's today, as its façade. */
export async function readToday(
  building: Building,
  nowMs: number,
  signal: AbortSignal,
): Promise<BuildingToday> {
  const [day, devices] = await Promise.all([
    readDay(building, nowMs, signal),
    listDevices(building.id, signal),
  ]);
  return { ...day, devices };
}

/** The same without the devices, for a page that has them already. */
export async function readDay(
  building: Building,
  nowMs: number,
  signal: AbortSignal,
): Promise<Omit<BuildingToday, "devices">> {
  const zone = building.timezone;
  const span = spanOf(periodAt("day", nowMs, zone), zone);
  const untilMs = askUntilMs(span, nowMs);
  const points =
    untilMs > span.fromMs
      ? (await readLoad(building.id, ELECTRICITY_IMPORT, { ...span, toMs: untilMs }, "quarter-hour", signal))
          .points
      : [];
  const quarters = barsOf(points, span, "quarter-hour", zone, nowMs);
  return {
    quarters,
    windows: windowsOf(quarters),
    energyWh: summarise(points, "Wh").total,
    elapsed: points.length,
    measured: points.filter(({ value }) => value !== null).length,
  };
}
