// The browser's own check of a dossier agrees with the code that publishes it, and a changed byte is noticed.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  canonicalHash,
  canonicalJson as published,
  profileCsv as publishedCsv,
  type CanonicalValue,
} from "#analytics";
import { browserSha256 } from "../tender/verify-log.ts";
import { canonicalJson, type Json } from "./canonical-json.ts";
import { groupLoadOf } from "./profile.ts";
import { profileCsv, verifyDossier, verifyProfile } from "./verify.ts";

const json = fc
  .jsonValue({ maxDepth: 4 })
  .map((value) => JSON.parse(JSON.stringify(value)) as CanonicalValue & Json);

const sha256 = browserSha256();

/** What the publishing side has no canonical form for is never published. */
function isPublishable(value: CanonicalValue): boolean {
  try {
    return published(value) !== "";
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

test("the canonical text is that of the publishing side", () => {
  fc.assert(
    fc.property(json.filter(isPublishable), (value) => {
      expect(canonicalJson(value)).toBe(published(value));
    }),
  );
});

test("the hash is that of the publishing side", async () => {
  await fc.assert(
    fc.asyncProperty(json.filter(isPublishable), async (value) => {
      expect(await sha256?.(canonicalJson(value))).toBe(canonicalHash(value));
    }),
    { numRuns: 40 },
  );
});

const shown = {
  publishedAt: "2026-11-28T12:00:00Z",
  lots: [{ carrier: "electricity", annualWh: 12_345_678 }],
};
const text = published({ ...shown, hash: canonicalHash(shown) });

test("a dossier is verified from its text, and a changed figure is different", async () => {
  expect(await verifyDossier(text, sha256)).toBe("verified");
  expect(await verifyDossier(text.replace("12345678", "12345679"), sha256)).toBe("different");
  expect(await verifyDossier(JSON.stringify(JSON.parse(text), null, 2), sha256)).toBe("verified");
});

test("without crypto.subtle nothing is claimed", async () => {
  const load = groupLoadOf({ from: "2026-01-01T00:00:00Z", timezone: "UTC", unit: "Wh", quarters: [1] });
  expect(await verifyDossier(text, undefined)).toBe("unknown");
  expect(await verifyProfile(load, "0".repeat(64), undefined)).toBe("unknown");
  expect(await verifyProfile(load, "0".repeat(64), sha256)).toBe("different");
});

test("the curve's numbers give the published CSV byte for byte, gaps included", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 1e9 })), { maxLength: 300 }), (quarters) => {
      const fromMs = Date.parse("2026-10-24T22:00:00Z");
      const load = groupLoadOf({
        from: "2026-10-24T22:00:00.000Z",
        timezone: "Europe/Brussels",
        unit: "Wh",
        quarters,
      });
      const csv = publishedCsv({
        fromMs,
        energies: Float64Array.from(quarters, (value) => value ?? 0),
        participants: Uint32Array.from(quarters, (value) => (value === null ? 0 : 12)),
        withheldQuarters: 0,
      });
      expect(profileCsv(load)).toBe(csv);
    }),
  );
});
