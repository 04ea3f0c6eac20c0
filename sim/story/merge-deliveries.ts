// Streams of deliveries, each in the order in which it leaves, as one in that order.
import type { Delivery } from "./story.ts";

type Head = { readonly delivery: Delivery; readonly rest: Iterator<Delivery> };

/** Of deliveries that leave at the same instant, those of the earlier stream come first. */
export function* mergeDeliveries(streams: readonly Iterable<Delivery>[]): Generator<Delivery> {
  const heads = streams.map((stream) => headOf(stream[Symbol.iterator]()));
  for (;;) {
    let first = -1;
    for (const [place, head] of heads.entries()) {
      if (head === undefined) continue;
      const best = heads[first];
      if (best === undefined || head.delivery.leavesAtMs < best.delivery.leavesAtMs) first = place;
    }
    const head = heads[first];
    if (head === undefined) return;
    yield head.delivery;
    heads[first] = headOf(head.rest);
  }
}

function headOf(rest: Iterator<Delivery>): Head | undefined {
  const next = rest.next();
  return next.done === true ? undefined : { delivery: next.value, rest };
}
