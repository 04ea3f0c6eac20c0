// Whether the process lives, and what it lacks to do its work.
import { Type } from "typebox";
import { named, oneOf } from "./shape.ts";

export const Alive = named("Alive", { status: oneOf(["alive"]) });

export const Readiness = named("Readiness", {
  status: oneOf(["ready", "degraded"]),
  missing: Type.Array(oneOf(["postgresql", "redis"]), {
    description:
      "Without PostgreSQL nothing can be answered (503); without Redis only the live stream stands still.",
  }),
});
