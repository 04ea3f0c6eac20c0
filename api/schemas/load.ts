// Load profiles over civil time, of a supply point or a building.
import { Type } from "typebox";
import { CARRIERS, DIRECTIONS } from "#devices/vocabulary";
import { LOAD_RESOLUTIONS } from "#analytics";
import { CivilDate, Instant, named, nullable, oneOf, query, ref } from "./shape.ts";

const Share = Type.Number({ minimum: 0, maximum: 1 });

export const LoadPoint = named("LoadPoint", {
  from: Instant,
  to: Instant,
  value: nullable(Type.Integer({ description: "In `unit`; null when every quarter-hour is missing." })),
  maxPowerW: nullable(Type.Integer({ description: "Highest quarter-hour average." })),
  quality: Type.Object(
    { measured: Share, estimated: Share, missing: Share },
    { description: "Shares of the quarter-hours; their sum is 1." },
  ),
});

const series = {
  carrier: oneOf(CARRIERS),
  direction: oneOf(DIRECTIONS),
  resolution: oneOf(LOAD_RESOLUTIONS),
  quantity: oneOf(["energy", "volume"]),
  unit: oneOf(["Wh", "l"]),
  timezone: Type.String({ description: "IANA zone in which hours, days and months are cut." }),
  resolutionS: Type.Integer({
    minimum: 900,
    description:
      "Seconds. More than 900: imported history of these days has intervals as long as that, which were spread evenly over their quarter-hours.",
  }),
  calorificValues: Type.Optional(
    Type.Array(
      Type.Object({
        zone: Type.String(),
        from: CivilDate,
        version: Type.Integer(),
        kwhPerM3: Type.String({ examples: ["11.63000"] }),
      }),
      { description: "Of gas shown as energy: the gross calorific values by which litres became Wh." },
    ),
  ),
  points: Type.Array(ref(LoadPoint)),
};
export const Load = named("Load", series);
export const BuildingLoad = named("BuildingLoad", {
  ...series,
  supplyPoints: Type.Object(
    {
      common: Type.Integer(),
      private: Type.Integer(),
      withheld: Type.Integer({
        description: "Private ones left out: no consent, or too few to hide one among them.",
      }),
    },
    { description: "How many supply points of this carrier the sum is made of." },
  ),
});

const span = {
  from: Type.String({
    description: "RFC 3339 instant, or a civil date in the building's zone.",
    examples: ["2026-01-01"],
  }),
  to: Type.String({ description: "Exclusive; same forms as `from`." }),
  direction: Type.Optional(Type.Unsafe<"import" | "export">({ ...oneOf(DIRECTIONS), default: "import" })),
  resolution: Type.Optional(
    Type.Unsafe<(typeof LOAD_RESOLUTIONS)[number]>({ ...oneOf(LOAD_RESOLUTIONS), default: "quarter-hour" }),
  ),
  quantity: Type.Optional(
    Type.Unsafe<"energy" | "volume">({
      ...oneOf(["energy", "volume"]),
      description:
        "Of gas: `energy` (Wh) by the calorific values recorded for the building, `volume` (l) as metered. Without it, energy where every day has a calorific value, else volume. Other carriers have one quantity.",
    }),
  ),
};
export const LoadQuery = query(span);
export const BuildingLoadQuery = query({
  ...span,
  carrier: Type.Optional(
    Type.Unsafe<(typeof CARRIERS)[number]>({ ...oneOf(CARRIERS), default: "electricity" }),
  ),
});
