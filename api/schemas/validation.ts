// What is doubtful about a load.
import { Type } from "typebox";
import { SEVERITIES, VALIDATION_RULES } from "#analytics";
import { DIRECTIONS } from "#devices/vocabulary";
import { Instant, named, oneOf, query, ref } from "./shape.ts";

export const Finding = named("Finding", {
  rule: oneOf(VALIDATION_RULES),
  from: Instant,
  to: Instant,
  value: Type.Number({
    description: "What was found: in `unit`, or quarter-hours where the rule counts them.",
  }),
  limit: Type.Number({ description: "The bound that it passes, in the same unit." }),
  severity: oneOf(SEVERITIES),
});
export const Validation = named("Validation", {
  unit: oneOf(["Wh", "l"]),
  from: Instant,
  to: Instant,
  findings: Type.Array(ref(Finding)),
});
export const ValidationQuery = query({
  from: Type.String({ description: "RFC 3339 instant, or a civil date in the building's zone." }),
  to: Type.String({ description: "Exclusive; same forms as `from`." }),
  direction: Type.Optional(Type.Unsafe<"import" | "export">({ ...oneOf(DIRECTIONS), default: "import" })),
});
