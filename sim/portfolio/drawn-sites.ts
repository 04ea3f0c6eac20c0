// As many different buildings as a run asks for, drawn from its seed.
import { createRandom, derive } from "../world/random.ts";
import type { SitePlan } from "./site-plan.ts";

/** In Belgium: what is run and judged has a P1 port. */
const HOMES = [
  { postalCode: "1000", region: "BE-BRU", latitudeDeg: 50.85, longitudeDeg: 4.35 },
  { postalCode: "4000", region: "BE-WAL", latitudeDeg: 50.64, longitudeDeg: 5.57 },
  { postalCode: "6700", region: "BE-WAL", latitudeDeg: 49.68, longitudeDeg: 5.82 },
  { postalCode: "8400", region: "BE-VLG", latitudeDeg: 51.23, longitudeDeg: 2.92 },
  { postalCode: "9000", region: "BE-VLG", latitudeDeg: 51.05, longitudeDeg: 3.72 },
] as const;

/** `label` tells the runs apart: the same label and seed are the same buildings. */
export function drawSites(count: number, seed: number, label: string): SitePlan[] {
  return Array.from({ length: count }, (_, number) => {
    const random = createRandom(derive(seed, `site ${number}`));
    // Small ones are the most; the largest have 150 dwellings.
    const dwellings = 5 + Math.floor(146 * random.next() ** 2.5);
    const home = HOMES[random.below(HOMES.length)] ?? HOMES[0];
    const sunny = random.next() < 0.5;
    return {
      key: `${label} ${number}`,
      name: `Simulation ${label} ${number + 1}`,
      address: `Rue des Essais ${number + 1}`,
      country: "BE",
      timezone: "Europe/Brussels",
      ...home,
      dwellings,
      heatedAreaM2: dwellings * 85,
      lift: random.next() < 0.8,
      panelsKwp: sunny ? 8 + random.below(30) : 0,
      heating: random.next() < 0.75 ? "gas" : "heat-pump",
      chargers: random.below(4),
      measuredDwellings: 1,
    };
  });
}
