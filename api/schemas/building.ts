// Organisations, buildings and their units.
import { Type } from "typebox";
import { Id, Instant, body, listOf, named, nullable, oneOf, text } from "./shape.ts";

const OrganisationKind = oneOf(["association", "coordinator", "syndic", "supplier"]);

export const Organisation = named("Organisation", {
  id: Id,
  name: Type.String(),
  kind: OrganisationKind,
  createdAt: Instant,
});
export const OrganisationList = listOf(Organisation);
export const NewOrganisation = body("NewOrganisation", {
  name: text(200),
  kind: Type.Optional(OrganisationKind),
});

const Country = Type.String({ pattern: "^[A-Z]{2}$", description: "ISO 3166-1.", examples: ["BE"] });
const Region = Type.String({
  pattern: "^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
  description: "ISO 3166-2, or the country where rules do not differ by region.",
  examples: ["BE-BRU", "BE-VLG", "BE-WAL", "FR", "IT"],
});
const Timezone = Type.String({
  maxLength: 64,
  pattern: "^[A-Za-z0-9_+/-]+$",
  description: "IANA name; civil days are cut in it. Default: the country's, for BE, FR, IT, LU and NL.",
  examples: ["Europe/Brussels"],
});
const GasZone = Type.String({
  pattern: "^[A-Z0-9-]{2,32}$",
  description:
    "Zone of the gas network, by which its calorific values are known; null: region, then country.",
});
const Dwellings = Type.Integer({ minimum: 0, maximum: 100_000 });
const Area = Type.Number({ exclusiveMinimum: 0, maximum: 9_999_999 });

export const Building = named("Building", {
  id: Id,
  organisationId: Id,
  name: Type.String(),
  address: Type.String(),
  postalCode: Type.String(),
  country: Country,
  region: Region,
  timezone: Timezone,
  dwellings: Dwellings,
  heatedAreaM2: nullable(Area),
  gasZone: nullable(GasZone),
});
export const BuildingList = listOf(Building);

const writable = {
  name: text(200),
  address: text(300),
  postalCode: text(20),
  country: Country,
  region: Region,
  dwellings: Dwellings,
};
export const NewBuilding = body("NewBuilding", {
  ...writable,
  organisationId: Type.Optional(Id),
  timezone: Type.Optional(Timezone),
  heatedAreaM2: Type.Optional(nullable(Area)),
  gasZone: Type.Optional(nullable(GasZone)),
});
export const BuildingPatch = body(
  "BuildingPatch",
  {
    name: Type.Optional(writable.name),
    address: Type.Optional(writable.address),
    postalCode: Type.Optional(writable.postalCode),
    country: Type.Optional(Country),
    region: Type.Optional(Region),
    timezone: Type.Optional(Timezone),
    dwellings: Type.Optional(Dwellings),
    heatedAreaM2: Type.Optional(nullable(Area)),
    gasZone: Type.Optional(nullable(GasZone)),
  },
  { minProperties: 1 },
);

const UnitKind = oneOf(["dwelling", "common", "other"]);
export const Unit = named("Unit", { id: Id, buildingId: Id, name: Type.String(), kind: UnitKind });
export const UnitList = listOf(Unit);
export const NewUnit = body("NewUnit", { name: text(100), kind: Type.Optional(UnitKind) });
