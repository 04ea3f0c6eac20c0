// The climates that the world knows: yearly mean, seasons and sky of cities, after the normals of 1991 to 2020.

export type Place = { readonly latitudeDeg: number; readonly longitudeDeg: number };

export type Climate = Place & {
  readonly name: string;
  /** Mean of the year, and how far July and January are from it, degrees Celsius. */
  readonly meanC: number;
  readonly seasonC: number;
  /** How far afternoon and early morning are from the mean of the day: yearly mean, degrees Celsius. */
  readonly daySwingC: number;
  /** How much of the time the sky is covered, against Brussels. */
  readonly cloud: number;
  /** Who shares this shares its fronts. */
  readonly air: "north sea" | "alps";
};

/** Rounded; of the Po valley with its clear summers and damp winters. */
const CLIMATES: readonly Climate[] = [
  north("Brussels", 50.85, 4.35, 11.0, 7.5),
  north("Ghent", 51.05, 3.72, 11.1, 7.3),
  north("Antwerp", 51.22, 4.4, 11.2, 7.5),
  north("Ostend", 51.23, 2.92, 10.9, 6.7),
  north("Liège", 50.64, 5.57, 10.5, 7.6),
  north("Namur", 50.47, 4.87, 10.4, 7.6),
  north("Charleroi", 50.41, 4.44, 10.5, 7.5),
  north("Arlon", 49.68, 5.82, 9.4, 8.0),
  north("Lille", 50.63, 3.06, 11.2, 7.3),
  { ...north("Paris", 48.86, 2.35, 12.6, 7.9), cloud: 0.96 },
  {
    name: "Lyon",
    latitudeDeg: 45.76,
    longitudeDeg: 4.84,
    meanC: 13.1,
    seasonC: 9.2,
    daySwingC: 4.4,
    cloud: 0.86,
    air: "alps",
  },
  {
    name: "Turin",
    latitudeDeg: 45.07,
    longitudeDeg: 7.69,
    meanC: 13.2,
    seasonC: 10.6,
    daySwingC: 4.4,
    cloud: 0.86,
    air: "alps",
  },
  {
    name: "Milan",
    latitudeDeg: 45.46,
    longitudeDeg: 9.19,
    meanC: 14.2,
    seasonC: 10.8,
    daySwingC: 4.2,
    cloud: 0.88,
    air: "alps",
  },
];

function north(
  name: string,
  latitudeDeg: number,
  longitudeDeg: number,
  meanC: number,
  seasonC: number,
): Climate {
  return { name, latitudeDeg, longitudeDeg, meanC, seasonC, daySwingC: 3.2, cloud: 1, air: "north sea" };
}

/** Of the nearest city. */
export function climateOf({ latitudeDeg, longitudeDeg }: Place): Climate {
  const shrink = Math.cos((latitudeDeg * Math.PI) / 180);
  const farness = (one: Climate) =>
    (one.latitudeDeg - latitudeDeg) ** 2 + ((one.longitudeDeg - longitudeDeg) * shrink) ** 2;
  return CLIMATES.reduce((near, one) => (farness(one) < farness(near) ? one : near));
}
