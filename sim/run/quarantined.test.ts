// What is in quarantine told nothing; a message that can be read does not belong there.
import { expect, test } from "vitest";
import type { FaultKind } from "../story/fault-kinds.ts";
import type { Delivery } from "../story/story.ts";
import { quarantineKey, splitQuarantined, withoutUnintroduced } from "./quarantined.ts";

const deliveryOf = (text: string, ...marks: FaultKind[]): Delivery => ({
  device: "d",
  topic: "t",
  payload: Buffer.from(text),
  qos: 1,
  retain: false,
  dup: false,
  leavesAtMs: 0,
  tells: [],
  marks,
});
const keyOf = ({ device, payload }: Delivery) => quarantineKey(device, payload);

test("what is not in quarantine is readable, and of another device is not its", () => {
  const one = deliveryOf("one");
  expect(splitQuarantined([one], new Set([quarantineKey("other", one.payload)]))).toEqual({
    readable: [one],
    refused: [],
  });
});

test("a damaged message belongs into quarantine; one that is whole, sent twice or by a wrong clock, does not", () => {
  const damaged = deliveryOf("damaged", "corruption", "step");
  const whole = [deliveryOf("plain"), deliveryOf("again", "duplicates"), deliveryOf("early", "step")];
  const kept = new Set([damaged, ...whole].map(keyOf));
  expect(splitQuarantined([damaged, ...whole], kept)).toEqual({ readable: [], refused: whole });
});

test("with QoS 0 a birth may be lost: what follows it cannot be read, until one arrives", () => {
  const say = (text: string, more: Partial<Delivery> = {}): Delivery => ({
    ...deliveryOf(text),
    qos: 0,
    ...more,
  });
  const birth = say("birth", { introduces: true });
  const again = say("born again", { introduces: true });
  const [first, second] = [say("first"), say("second")];
  const sent = [birth, first, again, second];
  const refused = [first, second];
  expect(withoutUnintroduced(refused, sent, new Set())).toEqual([]);
  expect(withoutUnintroduced(refused, sent, new Set([again]))).toEqual([second]);
  expect(withoutUnintroduced(refused, sent, new Set([birth]))).toEqual(refused);
  expect(
    withoutUnintroduced(refused, sent, new Set([say("another's", { introduces: true, device: "e" })])),
  ).toEqual([]);
  const acknowledged = say("acknowledged", { qos: 1 });
  expect(withoutUnintroduced([acknowledged], [acknowledged], new Set())).toEqual([acknowledged]);
});
