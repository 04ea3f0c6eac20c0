// Identifiers of unclaimed devices come back as they went out, and nothing else is taken for one.
import fc from "fast-check";
import { expect, test } from "vitest";
import { UNCLAIMED_ID_MAX, unclaimedId, unclaimedKey } from "./unclaimed-id.ts";

const name = fc
  .string({ unit: "binary", minLength: 1, maxLength: 128 })
  .map((text) => text.replaceAll("\0", "?"));

test("whatever the gateway calls it, the identifier leads back to it and fits into an address", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_147_483_647 }), name, (gatewayId, externalId) => {
      const id = unclaimedId({ gatewayId, externalId });
      expect(id).toMatch(/^[\w-]+$/);
      expect(id.length).toBeLessThanOrEqual(UNCLAIMED_ID_MAX);
      expect(unclaimedKey(id)).toEqual({ gatewayId, externalId });
    }),
  );
});

test.each([
  ["nothing", ""],
  ["a number", "17"],
  ["no gateway", Buffer.from("12345678/water").toString("base64url")],
  ["no name", Buffer.from("17:").toString("base64url")],
  ["a gateway beyond every identifier", Buffer.from("9999999999:a").toString("base64url")],
  ["a NUL", Buffer.from("17:a\0b").toString("base64url")],
  ["too much", Buffer.from(`17:${"a".repeat(2000)}`).toString("base64url")],
])("%s is no identifier", (_what, id) => {
  expect(unclaimedKey(id)).toBeUndefined();
});
