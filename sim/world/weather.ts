// The sky over a building: outside temperature and the yield of its roof, by season, hour and passing fronts.
import { derive, drift } from "./random.ts";
import type { WallTime } from "./calendar.ts";
import { CLOCK_SLOTS } from "./calendar.ts";

export type Weather = {
  /** Degrees Celsius outside. */
  outsideC(quarter: number, wall: WallTime): number;
  /** Mean power of a kilowatt-peak of panels, W. */
  panelW(quarter: number): number;
};

export type Place = { readonly latitudeDeg: number; readonly longitudeDeg: number };

const DAYS_PER_YEAR = 365.2425;
const RADIAN = Math.PI / 180;

/**
 * Belgian climate: yearly mean 10.8 °C, January 3, July 18; fronts of some days. Panels face south, tilted, and
 * yield near 950 kWh a year per kilowatt-peak.
 */
export function createWeather(seed: number, place: Place): Weather {
  const fronts = derive(seed, "fronts");
  const clouds = derive(seed, "clouds");
  return {
    outsideC: (quarter, wall) => {
      const season = -Math.cos(2 * Math.PI * (wall.yearShare - 0.055));
      const dailyC = 2.6 + 1.6 * season;
      const hour = (wall.slot / CLOCK_SLOTS) * 24;
      const days = quarter / CLOCK_SLOTS;
      return (
        10.8 +
        7.4 * season +
        dailyC * Math.cos((2 * Math.PI * (hour - 15.5)) / 24) +
        11 * (drift(fronts, days / 3) - 0.5)
      );
    },
    panelW: (quarter) => {
      const height = sunHeight(quarter, place);
      if (height <= 0.02) return 0;
      const days = quarter / CLOCK_SLOTS;
      const cover = 0.5 * drift(clouds, days / 2) + 0.5 * drift(clouds ^ 1, days * 4);
      return PANEL_SHARE * clearSkyWm2(height) * (1 - 0.75 * Math.min(1, 1.35 * cover) ** 3.4);
    },
  };
}

/** Tilt, inverter and wiring against the horizontal irradiance at 1 kW/m2. */
const PANEL_SHARE = 0.74;

/** Sine of the sun's elevation in the middle of the quarter-hour. */
function sunHeight(quarter: number, place: Place): number {
  const days = (quarter + 0.5) / CLOCK_SLOTS;
  const declination =
    23.44 * RADIAN * Math.sin((2 * Math.PI * ((days % DAYS_PER_YEAR) + 284)) / DAYS_PER_YEAR);
  const hourAngle = 2 * Math.PI * ((days % 1) - 0.5) + place.longitudeDeg * RADIAN;
  const latitude = place.latitudeDeg * RADIAN;
  return (
    Math.sin(latitude) * Math.sin(declination) +
    Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle)
  );
}

/** Haurwitz (1945): global irradiance under a clear sky. */
function clearSkyWm2(height: number): number {
  return 1098 * height * Math.exp(-0.057 / height);
}
