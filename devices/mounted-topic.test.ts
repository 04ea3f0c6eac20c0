// The mount in a topic: every device has one spelling, and what is in no mount belongs to nobody.
import fc from "fast-check";
import { expect, test } from "vitest";
import { splitMounted } from "./mounted-topic.ts";

const deviceId = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const topic = fc.string({ minLength: 1 });

test("a device's topic is told from its mount, whatever stands in it", () => {
  fc.assert(
    fc.property(deviceId, topic, (id, own) => {
      expect(splitMounted(`d/${id}/${own}`)).toEqual({ deviceId: id, topic: own });
    }),
  );
});

test("another spelling of the identifier, none, or one too large belongs to nobody", () => {
  for (const text of [
    "d/007/x",
    "d/+7/x",
    "d/0/x",
    "d/-1/x",
    "d/1.0/x",
    "d/7",
    "d/7/",
    "d//x",
    "d",
    "D/7/x",
  ]) {
    expect(splitMounted(text)).toBeUndefined();
  }
  for (const id of ["2147483648", "9999999999", "99999999999", "٧"]) {
    expect(splitMounted(`d/${id}/x`)).toBeUndefined();
  }
});
