// Findings are counted once each, and what is grave comes first.
import fc from "fast-check";
import { expect, test } from "vitest";
import { SEVERITIES, VALIDATION_RULES } from "#analytics";
import { DIRECTIONS } from "#devices/vocabulary";
import { findingGroups } from "./finding-groups.ts";

const finding = fc
  .record({
    rule: fc.constantFrom(...VALIDATION_RULES),
    severity: fc.constantFrom(...SEVERITIES),
    fromMs: fc.integer({ min: 0, max: 1000 }),
    lengthMs: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ rule, severity, fromMs, lengthMs }) => ({
    rule,
    severity,
    fromMs,
    toMs: fromMs + lengthMs,
    value: 0,
    limit: 0,
    unit: "Wh" as const,
  }));
const point = fc.record({
  supplyPointId: fc.integer({ min: 1, max: 4 }),
  direction: fc.constantFrom(...DIRECTIONS),
  findings: fc.array(finding),
});
const points = fc.uniqueArray(point, {
  selector: ({ supplyPointId, direction }) => `${supplyPointId} ${direction}`,
});

test("every finding is in one group, which spans it and is as grave", () => {
  fc.assert(
    fc.property(points, (given) => {
      const groups = findingGroups(given);
      const names = groups.map((group) => `${group.supplyPointId} ${group.direction} ${group.rule}`);
      expect(new Set(names).size).toBe(names.length);
      for (const { supplyPointId, direction, findings } of given) {
        for (const group of groups) {
          if (group.supplyPointId !== supplyPointId || group.direction !== direction) continue;
          const its = findings.filter(({ rule }) => rule === group.rule);
          expect(group.count).toBe(its.length);
          expect(its).toContain(group.latest);
          expect(group.latest.severity).toBe(group.severity);
          for (const { fromMs, toMs, severity } of its) {
            if (severity === group.severity) expect(group.latest.toMs).toBeGreaterThanOrEqual(toMs);
            expect(group.fromMs).toBeLessThanOrEqual(fromMs);
            expect(group.toMs).toBeGreaterThanOrEqual(toMs);
            expect(SEVERITIES.indexOf(group.severity)).toBeGreaterThanOrEqual(SEVERITIES.indexOf(severity));
          }
        }
      }
      const counted = groups.reduce((sum, { count }) => sum + count, 0);
      expect(counted).toBe(given.reduce((sum, { findings }) => sum + findings.length, 0));
    }),
  );
});

test("no group follows one that is less grave", () => {
  fc.assert(
    fc.property(points, (given) => {
      const weights = findingGroups(given).map(({ severity }) => SEVERITIES.indexOf(severity));
      expect(weights).toEqual(weights.toSorted((one, other) => other - one));
    }),
  );
});
