// What is registered of a site agrees with what stands there.
import { expect, test } from "vitest";
import { DEMO_SITES } from "./demo-sites.ts";
import { drawSites } from "./drawn-sites.ts";
import { createSite } from "./site.ts";

test("the connection of the common parts carries what the roof delivers", () => {
  for (const plan of [...DEMO_SITES, ...drawSites(200, 3, "roofs")]) {
    const { supplyPoints } = createSite(plan, { seed: 3, firstDay: 20_454, contractStart: "2026-01-01" });
    const common = supplyPoints.find(({ key }) => key === "electricity");
    expect(common?.connectionKva, plan.name).toBeGreaterThanOrEqual(plan.panelsKwp);
  }
});
