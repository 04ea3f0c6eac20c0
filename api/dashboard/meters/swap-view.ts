// Swaps as people know them: a meter that went and one that came, with everything that they count. Pure.
import type { Swap } from "../data/meters.ts";
import type { MessageKey } from "../text/messages.ts";

/** One meter for another: the API's swaps of its registers together. */
export type MeterSwap = {
  readonly key: string;
  /** Suspected: by what the API knows it; several where a meter tells its values one by one. */
  readonly keys: readonly string[];
  readonly supplyPointId: string;
  readonly state: Swap["state"];
  readonly atMs: number;
  /** Suspected: the last word of the old meter, `atMs` being the first of the new one. */
  readonly sinceMs: number | undefined;
  readonly oldSerial: string;
  readonly newSerial: string;
  /** `fall`: an index fell within one register, of which nobody knows whether it is another meter. */
  readonly kind: "serials" | "fall";
  /** By name. */
  readonly registers: readonly Swap[];
};

/** A meter that tells its values one by one tells them within minutes. */
const TOGETHER_MS = 900_000;

/** What is to be looked at first; of each the latest first. */
export function meterSwaps(swaps: readonly Swap[]): MeterSwap[] {
  const groups: Swap[][] = [];
  for (const swap of swaps.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))) {
    const own = groups.find(([first]) => first !== undefined && isSameMeter(first, swap));
    if (own === undefined) groups.push([swap]);
    else own.push(swap);
  }
  return groups
    .flatMap(meterSwap)
    .toSorted(
      (one, other) =>
        Number(other.state === "suspected") - Number(one.state === "suspected") || other.atMs - one.atMs,
    );
}

function isSameMeter(one: Swap, other: Swap): boolean {
  return (
    one.supplyPointId === other.supplyPointId &&
    one.state === other.state &&
    one.oldEquipmentId === other.oldEquipmentId &&
    one.newEquipmentId === other.newEquipmentId &&
    isFall(one) === isFall(other) &&
    Date.parse(other.at) - Date.parse(one.at) <= TOGETHER_MS
  );
}

function meterSwap(group: readonly Swap[]): MeterSwap[] {
  const [first] = group;
  if (first === undefined) return [];
  const { supplyPointId, state, at, oldEquipmentId, newEquipmentId } = first;
  const since = group.flatMap((swap) => (swap.since === null ? [] : [Date.parse(swap.since)]));
  return [
    {
      key: [state, at, first.oldRegisterId, first.newRegisterId].join(" "),
      keys: [...new Set(group.flatMap(({ key }) => key ?? []))],
      supplyPointId,
      state,
      atMs: Date.parse(at),
      sinceMs: since.length === 0 ? undefined : Math.max(...since),
      oldSerial: oldEquipmentId,
      newSerial: newEquipmentId,
      kind: isFall(first) ? "fall" : "serials",
      registers: group.toSorted((one, other) => one.name.localeCompare(other.name)),
    },
  ];
}

function isFall({ oldRegisterId, newRegisterId }: Swap): boolean {
  return oldRegisterId === newRegisterId;
}

/** Why the API would not have it. */
export const REFUSAL_TEXTS: Readonly<Record<string, MessageKey>> = {
  old_register_unknown: "meters.refusedOldUnknown",
  new_register_unknown: "meters.refusedNewUnknown",
  old_not_in_force: "meters.refusedNotInForce",
  registers_differ: "meters.refusedDiffer",
  closing_behind_reading: "meters.refusedClosing",
  opening_ahead_of_reading: "meters.refusedOpening",
  swap_too_close: "meters.refusedTooClose",
  not_suspected: "meters.refusedNotSuspected",
  registers_are_one: "meters.refusedOne",
  ruling_of_swap: "meters.refusedOfSwap",
};
