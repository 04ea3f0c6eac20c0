// What is doubtful about a load.
import { Type } from "typebox";
import { FINDING_UNITS, SEVERITIES, VALIDATION_RULES } from "#analytics";
import { DIRECTIONS } from "#devices/vocabulary";
import { Id, Instant, named, oneOf, query, ref } from "./shape.ts";

export const Finding = named("Finding", {
  rule: oneOf(VALIDATION_RULES),
  from: Instant,
  to: Instant,
  value: Type.Number({ description: "What was found, in `unit`." }),
  limit: Type.Number({ description: "The bound that it passes, in `unit`." }),
  unit: oneOf(FINDING_UNITS),
  severity: oneOf(SEVERITIES),
});
export const Validation = named("Validation", {
  unit: Type.Unsafe<"Wh" | "l">({ ...oneOf(["Wh", "l"]), description: "Of the load." }),
  from: Instant,
  to: Instant,
  findings: Type.Array(ref(Finding)),
});
export const FindingGroup = named("FindingGroup", {
  supplyPointId: Id,
  direction: oneOf(DIRECTIONS),
  rule: oneOf(VALIDATION_RULES),
  severity: Type.Unsafe<(typeof SEVERITIES)[number]>({
    ...oneOf(SEVERITIES),
    description: "The gravest of them.",
  }),
  count: Type.Integer({ description: "How many findings of this rule." }),
  from: Type.String({ ...Instant, description: "Where the first begins." }),
  to: Type.String({ ...Instant, description: "Where the last ends." }),
  /** Of the gravest the latest: an example. */
  latest: ref(Finding),
});
export const BuildingValidation = named("BuildingValidation", {
  from: Instant,
  to: Instant,
  items: Type.Array(ref(FindingGroup)),
  withheld: Type.Integer({
    description:
      "Supply points that I know of, and of which I may not see the load: nothing is said of them.",
  }),
});
export const ValidationQuery = query({
  from: Type.String({ description: "RFC 3339 instant, or a civil date in the building's zone." }),
  to: Type.String({ description: "Exclusive; same forms as `from`." }),
  direction: Type.Optional(Type.Unsafe<"import" | "export">({ ...oneOf(DIRECTIONS), default: "import" })),
});
export const BuildingValidationQuery = query({
  from: ValidationQuery.properties.from,
  to: ValidationQuery.properties.to,
});
