// The demo's portfolio: 24 buildings in Brussels, Wallonia and Flanders, one in Lille, one in Milan. Towns and postal codes exist, the houses do not.
import type { SitePlan } from "./site-plan.ts";

type Town = Pick<SitePlan, "country" | "region" | "timezone" | "postalCode" | "latitudeDeg" | "longitudeDeg">;

const town =
  (country: SitePlan["country"], region: string, timezone: string) =>
  (postalCode: string, latitudeDeg: number, longitudeDeg: number): Town => ({
    country,
    region,
    timezone,
    postalCode,
    latitudeDeg,
    longitudeDeg,
  });
const brussels = town("BE", "BE-BRU", "Europe/Brussels");
const wallonia = town("BE", "BE-WAL", "Europe/Brussels");
const flanders = town("BE", "BE-VLG", "Europe/Brussels");
const france = town("FR", "FR", "Europe/Paris");
const italy = town("IT", "IT", "Europe/Rome");

type House = Omit<SitePlan, keyof Town>;

/** A Belgian block of the seventies: a lift, a gas boiler, nothing on the roof. */
const block = (
  key: string,
  name: string,
  address: string,
  dwellings: number,
  heatedAreaM2: number,
): House => ({
  key,
  name,
  address,
  dwellings,
  heatedAreaM2,
  lift: true,
  panelsKwp: 0,
  heating: "gas",
  chargers: 0,
  measuredDwellings: 3,
  subMeters: true,
});

export const DEMO_SITES: readonly SitePlan[] = [
  // Brussels
  {
    ...brussels("1030", 50.86, 4.38),
    ...block("platanes", "Résidence des Platanes", "Avenue des Platanes 112", 24, 2040),
    measuredDwellings: 4,
  },
  {
    ...brussels("1050", 50.83, 4.37),
    ...block("tilleuls", "Résidence Les Tilleuls", "Rue du Verger 21", 18, 1620),
    panelsKwp: 14,
    chargers: 2,
  },
  {
    ...brussels("1150", 50.83, 4.43),
    ...block("cerisiers", "Clos des Cerisiers", "Clos des Cerisiers 6", 12, 1150),
    panelsKwp: 22,
    heating: "heat-pump",
    chargers: 1,
  },
  {
    ...brussels("1190", 50.81, 4.33),
    ...block("altitude", "Résidence Altitude", "Avenue du Panorama 47", 48, 3980),
  },
  {
    ...brussels("1060", 50.83, 4.34),
    ...block("parvis", "Le Parvis", "Rue du Lavoir 9", 5, 480),
    lift: false,
    measuredDwellings: 3,
  },
  {
    ...brussels("1080", 50.86, 4.33),
    ...block("ecluse", "Résidence de l'Écluse", "Quai de la Batellerie 30", 60, 4860),
    panelsKwp: 36,
  },
  {
    ...brussels("1180", 50.8, 4.34),
    ...block("etangs", "Les Étangs", "Drève des Saules 15", 30, 3150),
    panelsKwp: 28,
    chargers: 4,
  },
  {
    ...brussels("1020", 50.89, 4.34),
    ...block("esplanade", "Résidence de l'Esplanade", "Avenue des Expositions 201", 120, 9700),
    measuredDwellings: 4,
  },
  // Wallonia
  {
    ...wallonia("4000", 50.64, 5.57),
    ...block("meuse", "Résidence Bord de Meuse", "Quai des Bateliers 45", 40, 3300),
    measuredDwellings: 4,
  },
  {
    ...wallonia("5000", 50.47, 4.87),
    ...block("remparts", "Les Remparts", "Rue des Remparts 60", 15, 1280),
    panelsKwp: 10,
    weakReception: true,
  },
  {
    ...wallonia("6000", 50.41, 4.44),
    ...block("terrils", "Résidence des Terrils", "Boulevard des Mineurs 88", 32, 2700),
    badData: true,
    undecided: true,
  },
  {
    ...wallonia("4020", 50.63, 5.59),
    ...block("coteaux", "Résidence des Coteaux", "Rue des Vignerons 18", 22, 1890),
  },
  {
    ...wallonia("7000", 50.45, 3.95),
    ...block("beffroi", "Résidence du Beffroi", "Rue des Tanneurs 33", 28, 2360),
  },
  {
    ...wallonia("1348", 50.67, 4.61),
    ...block("lac", "Résidence du Lac", "Rue du Lac 4", 36, 2950),
    panelsKwp: 32,
    heating: "heat-pump",
    chargers: 3,
  },
  {
    ...wallonia("4800", 50.59, 5.86),
    ...block("filature", "La Filature", "Rue de la Filature 12", 14, 1420),
    swappedMeter: true,
  },
  {
    ...wallonia("6700", 49.68, 5.82),
    ...block("ardoises", "Les Ardoises", "Rue des Carrières 7", 10, 960),
    lift: false,
    panelsKwp: 15,
    heating: "heat-pump",
  },
  // Flanders
  {
    ...flanders("2000", 51.22, 4.4),
    ...block("schelde", "Residentie Scheldezicht", "Kraanbalkkaai 14", 36, 3050),
    panelsKwp: 30,
    chargers: 4,
  },
  {
    ...flanders("9000", 51.05, 3.72),
    ...block("leie", "Residentie De Leie", "Vlasbloemstraat 24", 20, 1750),
    panelsKwp: 26,
    heating: "heat-pump",
  },
  {
    ...flanders("8400", 51.23, 2.92),
    ...block("zeebries", "Residentie Zeebries", "Duinpad 101", 54, 4100),
  },
  {
    ...flanders("8000", 51.21, 3.22),
    ...block("reien", "Residentie De Reien", "Kantwerkstersstraat 16", 16, 1390),
  },
  {
    ...flanders("3000", 50.88, 4.7),
    ...block("dijlehof", "Dijlehof", "Brouwershof 8", 42, 3520),
    panelsKwp: 38,
    chargers: 6,
  },
  {
    ...flanders("2800", 51.03, 4.48),
    ...block("beiaard", "Residentie De Beiaard", "Klokkengieterspad 5", 12, 1080),
    panelsKwp: 8,
  },
  {
    ...flanders("3500", 50.93, 5.34),
    ...block("boomgaard", "Residentie De Boomgaard", "Kersenlaan 62", 26, 2310),
    panelsKwp: 24,
    heating: "heat-pump",
    chargers: 2,
  },
  {
    ...flanders("8500", 50.83, 3.26),
    ...block("vlasakker", "Residentie Vlasakker", "Vlasakkerlaan 27", 33, 2760),
  },
  // Abroad
  {
    ...france("59000", 50.63, 3.06),
    ...block("moulin", "Résidence du Vieux Moulin", "Rue du Vieux Moulin 38", 34, 2640),
    panelsKwp: 20,
    heating: "heat-pump",
  },
  {
    ...italy("20143", 45.45, 9.17),
    ...block("naviglio", "Residenza Naviglio", "Via delle Chiuse 11", 45, 3400),
    panelsKwp: 34,
    heating: "heat-pump",
    chargers: 2,
  },
];
