// What a change of contract saved, and what the energy used weighs in CO₂.
import { Type } from "typebox";
import { CARRIERS, DIRECTIONS } from "#devices/vocabulary";
import { LOAD_RESOLUTIONS } from "#analytics";
import { LoadPoint } from "./load.ts";
import { CivilDate, Id, Instant, decimal, named, nullable, oneOf, query, ref } from "./shape.ts";

const Share = Type.Number({ minimum: 0, maximum: 1 });
const Amount = decimal(6, "1234.56");
const Kg = Type.Number({ description: "kg CO₂-equivalent, to the gram." });

const from = Type.String({
  description: "RFC 3339 instant, or a civil date in the building's zone.",
  examples: ["2026-01-01"],
});
const to = Type.String({ description: "Exclusive; same forms as `from`." });
const Currency = Type.String({ pattern: "^[A-Z]{3}$", examples: ["EUR"] });
const carrier = Type.Optional(
  Type.Unsafe<(typeof CARRIERS)[number]>({ ...oneOf(CARRIERS), default: "electricity" }),
);
const resolution = Type.Optional(
  Type.Unsafe<"day" | "month">({ ...oneOf(["day", "month"]), default: "month" }),
);
export const SavingsQuery = query({
  from,
  to,
  currency: Type.Optional({
    ...Currency,
    default: "EUR",
    description: "Contracts in another currency are not in the answer: nothing is converted.",
  }),
});
export const EmissionsQuery = query({ from, to, carrier, resolution });
export const FollowUpQuery = query({
  from: Type.Optional({ ...from, description: "Without it: from the delivery start on." }),
  to: Type.Optional({ ...to, description: "Without it: until today." }),
});

/** One supply point under one awarded contract. */
const SavingItem = Type.Object({
  buildingId: Id,
  supplyPointId: Id,
  tenderId: Id,
  supplier: Type.String(),
  from: CivilDate,
  to: CivilDate,
  energyWh: Type.Integer(),
  coveredShare: Type.Number({
    description: "Share of the quarter-hours with a value; the rest is not counted.",
  }),
  counterfactualCost: decimal(6, "1200.00"),
  actualCost: Amount,
  priceEffect: Amount,
});
const saving = {
  currency: Currency,
  vat: oneOf(["excluded"]),
  from: Type.Unsafe<string>({
    ...Instant,
    description: "Beginning of the first whole civil day that counts.",
  }),
  to: Type.Unsafe<string>({
    ...Instant,
    description:
      "End of the last one: days that the span cuts and days that are not over do not count. The same as `from`: none counts.",
  }),
  asOf: Instant,
  method: Type.String({ description: "How it was computed, in one sentence." }),
  energyWh: Type.Integer(),
  coveredShare: Share,
  counterfactualCost: Amount,
  actualCost: Amount,
  priceEffect: Type.Unsafe<string>({
    ...Amount,
    description:
      "Old tariff minus new one, both on the energy really used and the days of the span. Negative: it costs more.",
  }),
  volumeEffect: nullable(
    Type.Object(
      { value: Amount, low: Amount, high: Amount },
      { description: "null until a baseline is measured." },
    ),
  ),
  co2Location: Type.Number({ description: "kg avoided by using less; a change of price avoids none." }),
  co2Market: nullable(
    Type.Number({
      description: "kg less by the certified mix of the new contract; null: a mix is not known.",
    }),
  ),
  withheld: Type.Integer({
    description:
      "Supply points under a tender's contract in these days of which nothing is counted: no consent, or too few to hide one among them.",
  }),
  items: Type.Array(SavingItem, { description: "Those that the viewer may see." }),
};
export const Savings = named("Savings", saving);

/** `GET /v1/tenders/{id}/follow-up`. */
export const FollowUp = named("FollowUp", {
  ...saving,
  tenderId: Id,
  participants: Type.Integer(),
  promisedAnnualSaving: Type.Unsafe<string>({
    ...Amount,
    description: "What the evaluation said for a year.",
  }),
  promisedToDate: Type.Unsafe<string>({ ...Amount, description: "Of that, by days, the part of the span." }),
  months: Type.Array(
    Type.Object({
      month: Type.String({ examples: ["2026-01"] }),
      energyWh: Type.Integer(),
      counterfactualCost: Amount,
      actualCost: Amount,
      priceEffect: Amount,
    }),
  ),
});

const emission = {
  energyWh: Type.Integer(),
  location: nullable(Kg),
  market: nullable(Kg),
  /** Of the quarter-hours that have a value. */
  coveredShare: Share,
};
export const Emissions = named("Emissions", {
  from: Instant,
  to: Instant,
  asOf: Instant,
  /** The buildings' zone; in a portfolio the one that most of them are in. */
  timezone: Type.String(),
  resolution: oneOf(["day", "month"]),
  carrier: oneOf(CARRIERS),
  factors: Type.Object({
    version: Type.String(),
    zone: nullable(Type.String({ examples: ["BE"], description: "null: several, or none with a factor." })),
    method: Type.String({ examples: ["lifecycle, consumption-based, yearly mean"] }),
    source: Type.String(),
    years: Type.Array(
      Type.Object({
        zone: Type.String({ examples: ["BE"] }),
        year: Type.Integer(),
        gPerKwh: Type.Number(),
        carriedFrom: nullable(
          Type.Integer({ description: "The year whose factor stands in, until this year's exists." }),
        ),
      }),
    ),
    residual: nullable(
      Type.Object(
        { zone: Type.String(), year: Type.Integer(), gPerKwh: Type.Number(), source: Type.String() },
        {
          description:
            "What the part that is not certified green weighs in `market`; null: not known, the location's factor stands in.",
        },
      ),
    ),
  }),
  ...emission,
  marketCoveredShare: Type.Number({
    description: "Share of the energy under a contract whose mix is known.",
  }),
  withheld: Type.Integer({
    description: "Supply points left out: no consent, or too few in a building to hide one among them.",
  }),
  points: Type.Array(Type.Object({ from: Instant, to: Instant, ...emission })),
});

const portfolioResolution = Type.Optional(
  Type.Unsafe<Exclude<(typeof LOAD_RESOLUTIONS)[number], "quarter-hour">>({
    ...oneOf(LOAD_RESOLUTIONS.filter((one) => one !== "quarter-hour")),
    default: "month",
  }),
);
export const PortfolioLoadQuery = query({
  from,
  to,
  carrier,
  direction: Type.Optional(Type.Unsafe<"import" | "export">({ ...oneOf(DIRECTIONS), default: "import" })),
  resolution: portfolioResolution,
});
export const PortfolioLoad = named("PortfolioLoad", {
  carrier: oneOf(CARRIERS),
  direction: oneOf(DIRECTIONS),
  resolution: oneOf(LOAD_RESOLUTIONS.filter((one) => one !== "quarter-hour")),
  quantity: oneOf(["energy", "volume"]),
  unit: oneOf(["Wh", "l"]),
  timezone: Type.String({
    description: "The zone that most of the buildings are in: all of them are cut in it.",
  }),
  buildings: Type.Integer({ description: "With a supply point in the sum." }),
  supplyPoints: Type.Object({
    common: Type.Integer(),
    private: Type.Integer(),
    withheld: Type.Integer({
      description: "Private ones left out: no consent, or too few in a building to hide one among them.",
    }),
  }),
  points: Type.Array(ref(LoadPoint), {
    description: "Sums of what each building shows; the shares are of the supply points' quarter-hours.",
  }),
});
