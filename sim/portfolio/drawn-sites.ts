// As many different buildings as a run asks for, drawn from its seed.
import { createRandom, derive } from "../world/random.ts";
import type { SitePlan } from "./site.ts";

/** `label` tells the runs apart: the same label and seed are the same buildings. */
export function drawSites(count: number, seed: number, label: string): SitePlan[] {
  return Array.from({ length: count }, (_, number) => {
    const random = createRandom(derive(seed, `site ${number}`));
    const dwellings = 6 + random.below(35);
    const sunny = random.next() < 0.5;
    return {
      key: `${label} ${number}`,
      name: `Simulation ${label} ${number + 1}`,
      address: `Rue des Essais ${number + 1}`,
      postalCode: "1000",
      country: "BE",
      region: "BE-BRU",
      timezone: "Europe/Brussels",
      latitudeDeg: 50.85,
      longitudeDeg: 4.35,
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
