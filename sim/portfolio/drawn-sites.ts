// As many different buildings as a run asks for, drawn from its seed.
import { createRandom, derive } from "../world/random.ts";
import type { SitePlan } from "./site-plan.ts";

const BELGIUM = { country: "BE", timezone: "Europe/Brussels", street: "Rue des Essais" } as const;
const FRANCE = { country: "FR", timezone: "Europe/Paris", street: "Rue des Essais" } as const;
const ITALY = { country: "IT", timezone: "Europe/Rome", street: "Via delle Prove" } as const;

/** Half of them in Belgium. */
const HOMES = [
  { ...BELGIUM, postalCode: "1000", region: "BE-BRU", latitudeDeg: 50.85, longitudeDeg: 4.35 },
  { ...BELGIUM, postalCode: "4000", region: "BE-WAL", latitudeDeg: 50.64, longitudeDeg: 5.57 },
  { ...BELGIUM, postalCode: "6700", region: "BE-WAL", latitudeDeg: 49.68, longitudeDeg: 5.82 },
  { ...BELGIUM, postalCode: "8400", region: "BE-VLG", latitudeDeg: 51.23, longitudeDeg: 2.92 },
  { ...BELGIUM, postalCode: "9000", region: "BE-VLG", latitudeDeg: 51.05, longitudeDeg: 3.72 },
  { ...FRANCE, postalCode: "59000", region: "FR", latitudeDeg: 50.63, longitudeDeg: 3.06 },
  { ...FRANCE, postalCode: "75011", region: "FR", latitudeDeg: 48.86, longitudeDeg: 2.38 },
  { ...FRANCE, postalCode: "69003", region: "FR", latitudeDeg: 45.76, longitudeDeg: 4.85 },
  { ...ITALY, postalCode: "20131", region: "IT", latitudeDeg: 45.48, longitudeDeg: 9.22 },
  { ...ITALY, postalCode: "10122", region: "IT", latitudeDeg: 45.07, longitudeDeg: 7.68 },
] as const;

/** `label` tells the runs apart: the same label and seed are the same buildings. */
export function drawSites(count: number, seed: number, label: string): SitePlan[] {
  return Array.from({ length: count }, (_, number) => {
    const random = createRandom(derive(seed, `site ${number}`));
    // Small ones are the most; the largest have 150 dwellings.
    const dwellings = 5 + Math.floor(146 * random.next() ** 2.5);
    const { street, ...home } = HOMES[random.below(HOMES.length)] ?? HOMES[0];
    const sunny = random.next() < 0.5;
    return {
      key: `${label} ${number}`,
      name: `Simulation ${label} ${number + 1}`,
      address: `${street} ${number + 1}`,
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
