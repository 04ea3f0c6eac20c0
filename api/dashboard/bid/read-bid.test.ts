// What is typed becomes the bid that the API takes, or names the fields that cannot be read.
import { expect, test } from "vitest";
import { fieldOf, readBid } from "./read-bid.ts";

const CALL = { currency: "EUR", termMonths: 24, timezone: "Europe/Brussels" };

test("a bid repeats the call's terms and binds to the end of the day typed", () => {
  const read = readBid({ price: "0,1234", fee: "60", green: "35,5", validUntil: "2027-03-28" }, CALL);
  expect(read).toEqual({
    ok: true,
    bid: {
      pricePerKwh: "0.123400",
      annualFee: "60.00",
      currency: "EUR",
      vat: "excluded",
      termMonths: 24,
      greenShare: 0.355,
      // The clocks change on that day: its end is 22:00 in UTC, not 23:00.
      validUntil: "2027-03-28T22:00:00.000Z",
    },
  });
});

test("every field that cannot be read is named, in the order of the form", () => {
  const read = readBid({ price: "twelve", fee: "60", green: "", validUntil: "2027-02-31" }, CALL);
  expect(read).toEqual({ ok: false, faults: ["price", "green", "validUntil"] });
});

test("a negative price is readable: refusing it is the API's word", () => {
  const read = readBid({ price: "-0,1", fee: "-1", green: "120", validUntil: "2027-01-01" }, CALL);
  expect(read.ok && [read.bid.pricePerKwh, read.bid.annualFee, read.bid.greenShare]).toEqual([
    "-0.100000",
    "-1.00",
    1.2,
  ]);
});

test("a refusal is shown at the field that it is about", () => {
  expect(fieldOf("bid_price_absurd")).toBe("price");
  expect(fieldOf("bid_fee_negative")).toBe("fee");
  expect(fieldOf("bid_green_share_impossible")).toBe("green");
  expect(fieldOf("bid_validity_too_short")).toBe("validUntil");
  expect(fieldOf("bid_too_late")).toBeUndefined();
  expect(fieldOf("bid_term_other")).toBeUndefined();
});
