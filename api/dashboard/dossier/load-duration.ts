// The load duration curve: for what share of the time the group draws at least so much.
import { powerOf, type GroupLoad } from "./profile.ts";

/** More points than a wide screen has pixels for the curve. */
const POINTS_MAX = 1001;

export type LoadDuration = {
  /** Powers in falling order, evenly spread over the known time: the first is the maximum, the last the minimum. */
  readonly powers: Float64Array;
  /** Quarter-hours with a value. */
  readonly quarters: number;
};

export function loadDuration({ energies }: GroupLoad): LoadDuration {
  const known = energies.filter((energy) => !Number.isNaN(energy)).sort();
  const quarters = known.length;
  const count = Math.min(quarters, POINTS_MAX);
  const powers = new Float64Array(count);
  for (let point = 0; point < count; point += 1) {
    const rank = count === 1 ? 0 : Math.round((point * (quarters - 1)) / (count - 1));
    powers[point] = powerOf(known[quarters - 1 - rank] ?? Number.NaN);
  }
  return { powers, quarters };
}

/** The share of the known time, 0 to 1, that a point of the curve stands at. */
export function shareAt({ powers }: LoadDuration, point: number): number {
  return powers.length < 2 ? 0 : point / (powers.length - 1);
}
