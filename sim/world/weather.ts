// The sky over a building: outside temperature, the sun's height and the yield of its roof, by place, season and passing fronts.
import { CLOCK_SLOTS, type WallTime } from "./calendar.ts";
import { climateOf, type Place } from "./climate.ts";
import { derive, drift } from "./random.ts";

export type Weather = {
  /** Degrees Celsius outside. */
  outsideC(quarter: number, wall: WallTime): number;
  /** Sine of the sun's elevation in the middle of the quarter-hour; below 0 it is night. */
  sunHeight(quarter: number): number;
  /** Mean power of a kilowatt-peak of panels under a sun of that height, W. */
  panelW(quarter: number, height: number): number;
};

const DAYS_PER_YEAR = 365.2425;
const RADIAN = Math.PI / 180;

/** Warmest at half past three in the afternoon: 1 then, -1 twelve hours off. */
const HOURS_WARMTH = Float64Array.from({ length: CLOCK_SLOTS }, (_, slot) =>
  Math.cos((2 * Math.PI * ((slot / CLOCK_SLOTS) * 24 - 15.5)) / 24),
);
/** The difference between day and night is half as large in winter and half as large again in summer. */
const SWING_SEASON = 0.5;
/** Fronts of some days. */
const FRONTS_C = 11;

/** Panels face south, tilted, and yield near 950 kWh a year per kilowatt-peak in Brussels. Neighbours share their fronts. */
export function createWeather(seed: number, place: Place): Weather {
  const climate = climateOf(place);
  const fronts = derive(seed, `fronts ${climate.air}`);
  const clouds = derive(seed, `clouds ${climate.air}`);
  return {
    outsideC: (quarter, { civil, slot }) => {
      const season = -Math.cos(2 * Math.PI * (civil.yearShare - 0.055));
      const swingC = climate.daySwingC * (1 + SWING_SEASON * season);
      const front = drift(fronts, quarter / CLOCK_SLOTS / 3) - 0.5;
      return climate.meanC + climate.seasonC * season + swingC * (HOURS_WARMTH[slot] ?? 0) + FRONTS_C * front;
    },
    sunHeight: (quarter) => sunHeight(quarter, place),
    panelW: (quarter, height) => {
      if (height <= 0.02) return 0;
      const days = quarter / CLOCK_SLOTS;
      const cover = climate.cloud * (0.5 * drift(clouds, days / 2) + 0.5 * drift(clouds ^ 1, days * 4));
      return PANEL_SHARE * clearSkyWm2(height) * (1 - 0.75 * Math.min(1, 1.35 * cover) ** 3.4);
    },
  };
}

/** Tilt, inverter and wiring against the horizontal irradiance at 1 kW/m2. */
const PANEL_SHARE = 0.74;

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
