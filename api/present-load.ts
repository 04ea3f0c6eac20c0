// Points of a load as the API shows them, and as a table.
import type { LoadPoint } from "#analytics";

export function presentLoadPoint(point: LoadPoint) {
  return {
    from: new Date(point.fromMs).toISOString(),
    to: new Date(point.toMs).toISOString(),
    value: point.value,
    maxPowerW: point.maxPowerW,
    quality: point.quality,
  };
}

export function loadTable(points: readonly LoadPoint[], unit: string) {
  return {
    header: ["from", "to", `value_${unit}`, "maxPower_W", "measured", "estimated", "missing"],
    rows: points.map(({ fromMs, toMs, value, maxPowerW, quality }) => [
      new Date(fromMs).toISOString(),
      new Date(toMs).toISOString(),
      value,
      maxPowerW,
      quality.measured,
      quality.estimated,
      quality.missing,
    ]),
  };
}
