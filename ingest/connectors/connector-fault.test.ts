// Why a connector does not get through: every way of failing has a code, and no text that a database cannot keep.
import fc from "fast-check";
import { expect, test } from "vitest";
import { CONNECTOR_FAULTS, connectorFault } from "./connector-fault.ts";

const failed = (code: unknown, message = "it failed") => Object.assign(new Error(message), { code });
const codeOf = (error: Error | undefined, { refused = false, subscription = false, before = false } = {}) =>
  connectorFault({ refused, error, subscription }, before).code;

test.each([
  [failed(5), "credentials_refused"],
  [failed(4), "credentials_refused"],
  [failed(3), "other"],
  [failed("ENOTFOUND"), "name_not_found"],
  [failed("ECONNREFUSED"), "connection_refused"],
  [new AggregateError([failed("ECONNREFUSED"), failed("ENETUNREACH")]), "connection_refused"],
  [new Error("connack timeout"), "timed_out"],
  [failed("DEPTH_ZERO_SELF_SIGNED_CERT"), "certificate_untrusted"],
  [failed("CERT_HAS_EXPIRED"), "certificate_untrusted"],
  [failed("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "certificate_untrusted"],
  [failed("ERR_TLS_CERT_ALTNAME_INVALID"), "certificate_untrusted"],
  [failed("ERR_SSL_WRONG_VERSION_NUMBER"), "protocol_broken"],
  [failed("ADDRESS_FORBIDDEN"), "address_forbidden"],
  [failed("ECONNRESET"), "closed_at_once"],
  [undefined, "closed_at_once"],
])("%s is %s", (error, code) => {
  expect(codeOf(error)).toBe(code);
});

test("what was open is lost, and a subscription that is refused is named as such", () => {
  expect(codeOf(undefined, { before: true })).toBe("connection_lost");
  expect(codeOf(failed("ECONNRESET"), { before: true })).toBe("connection_lost");
  expect(codeOf(failed(128), { refused: true, subscription: true })).toBe("subscription_refused");
});

test("only what a person has to mend is tried slowly", () => {
  expect(connectorFault({ refused: true, error: failed(5) }, false).needsPerson).toBe(true);
  expect(connectorFault({ refused: false, error: failed("ECONNREFUSED") }, false).needsPerson).toBe(false);
});

test("whatever the broker says, there is a code, and a sentence that can be stored", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.anything({ withNullPrototype: true }),
      fc.boolean(),
      (message, code, before) => {
        const fault = connectorFault({ refused: before, error: failed(code, message) }, before);
        expect(CONNECTOR_FAULTS).toContain(fault.code);
        expect(fault.detail.length).toBeLessThanOrEqual(300);
        expect(fault.detail.isWellFormed() && !fault.detail.includes("\0")).toBe(true);
      },
    ),
  );
});
