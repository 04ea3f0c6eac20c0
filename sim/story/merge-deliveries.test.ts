// Merging keeps every delivery, the order of each stream and the order of time.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeDeliveries } from "./merge-deliveries.ts";
import type { Delivery } from "./story.ts";

const deliveryAt = (device: string, leavesAtMs: number): Delivery => ({
  device,
  topic: "t",
  payload: Buffer.alloc(0),
  qos: 1,
  retain: false,
  dup: false,
  leavesAtMs,
  tells: [],
  marks: [],
});
const stream = (device: string) =>
  fc
    .array(fc.nat(50), { maxLength: 20 })
    .map((instants) => instants.toSorted((a, b) => a - b).map((at) => deliveryAt(device, at)));

test("merged streams are in the order of time, and what leaves together in the order of the streams", () => {
  fc.assert(
    fc.property(fc.tuple(stream("a"), stream("b"), stream("c")), (streams) => {
      const all = streams.flat();
      expect([...mergeDeliveries(streams)]).toEqual(all.toSorted((a, b) => a.leavesAtMs - b.leavesAtMs));
    }),
  );
});
