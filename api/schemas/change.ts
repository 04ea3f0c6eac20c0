// Numbers that changed: what a quarter-hour was, what it is, and why.
import { Type } from "typebox";
import { CARRIERS, DIRECTIONS, QUARTER_STATUSES } from "#devices/vocabulary";
import { Id, Instant, PAGE, named, nullable, oneOf, query, ref } from "./shape.ts";

const QuarterValue = Type.Object({
  value: nullable(Type.Integer()),
  status: oneOf(QUARTER_STATUSES),
});

export const LoadChange = named("LoadChange", {
  from: Instant,
  to: Instant,
  at: Instant,
  layer: oneOf(["measured", "estimated", "imported"]),
  cause: oneOf(["readings", "rule_changed", "ruling", "estimate", "import"]),
  revision: Type.Unsafe<number | null>({
    ...nullable(Type.Integer()),
    description: "Of the day after the change; null: recorded before revisions were kept.",
  }),
  registerId: nullable(Id),
  importId: nullable(Id),
  before: QuarterValue,
  after: QuarterValue,
});
export const LoadChangeList = named("LoadChangeList", {
  unit: oneOf(["Wh", "l"]),
  items: Type.Array(ref(LoadChange)),
  nextCursor: nullable(Type.String()),
});
export const BuildingLoadChange = named("BuildingLoadChange", {
  supplyPointId: Id,
  ...LoadChange.properties,
});
export const BuildingLoadChangeList = named("BuildingLoadChangeList", {
  unit: oneOf(["Wh", "l"]),
  items: Type.Array(ref(BuildingLoadChange)),
  nextCursor: nullable(Type.String()),
});
export const LoadChangeQuery = query({
  ...PAGE,
  from: Type.String({ description: "RFC 3339 instant, or a civil date in the building's zone." }),
  to: Type.String({ description: "Exclusive; same forms as `from`." }),
  direction: Type.Optional(Type.Unsafe<"import" | "export">({ ...oneOf(DIRECTIONS), default: "import" })),
});
export const BuildingLoadChangeQuery = query({
  ...LoadChangeQuery.properties,
  carrier: Type.Optional(
    Type.Unsafe<(typeof CARRIERS)[number]>({ ...oneOf(CARRIERS), default: "electricity" }),
  ),
});
