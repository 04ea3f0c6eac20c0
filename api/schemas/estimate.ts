// What is estimated of a load.
import { Type } from "typebox";
import { ESTIMATE_METHODS } from "#analytics";
import { DIRECTIONS } from "#devices/vocabulary";
import { Id, Instant, named, oneOf, query, ref } from "./shape.ts";

export const Estimate = named("Estimate", {
  registerId: Id,
  from: Instant,
  to: Instant,
  status: oneOf(["profiled", "substituted", "interpolated"]),
  method: oneOf(ESTIMATE_METHODS),
  value: Type.Integer({ description: "Of all of it, in `unit`." }),
});
export const Estimates = named("Estimates", {
  unit: oneOf(["Wh", "l"]),
  items: Type.Array(ref(Estimate)),
});
export const EstimateQuery = query({
  from: Type.String({ description: "RFC 3339 instant, or a civil date in the building's zone." }),
  to: Type.String({ description: "Exclusive; same forms as `from`." }),
  direction: Type.Optional(Type.Unsafe<"import" | "export">({ ...oneOf(DIRECTIONS), default: "import" })),
});
