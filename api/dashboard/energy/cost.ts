// What energy cost at the price of a contract: exact integers, rounded once to the micro-unit, VAT taken out.
import { NANO_PLACES, parseFixed } from "../../money.ts";
import { startOfDayMs, type CivilDate } from "../time/civil.ts";
import type { Span } from "../time/period.ts";
import type { Bar, LoadPoint, Quality } from "./bars.ts";

/** A contract and its supply point, as the API gives them. */
type Terms = {
  readonly pricePerKwh: string;
  readonly vat: "included" | "excluded";
  readonly start: string;
  readonly end: string | null;
};

export type FlatPrice = {
  /** Nano-units of the currency per kWh, as the contract says it. */
  readonly nanoPerKwh: bigint;
  /** VAT that the price contains, in millionths; 0 where it is without. */
  readonly vatMillionths: number;
};

/** The points of one supply point while its contract was in force. */
export type PricedLoad = { readonly points: readonly LoadPoint[]; readonly price: FlatPrice };

export type Cost = {
  /** Energy used under the contracts, Wh. */
  readonly energyWh: number;
  readonly micro: bigint;
  /** Same grid as the slots; `value` in units of the currency. */
  readonly bars: readonly Bar[];
};

const MILLION = 1_000_000n;
/** nano × Wh per micro × kWh. */
const NANO_WH_PER_MICRO_KWH = 1_000_000n;

/** `undefined` where the price is not a decimal that nano-units can hold. `vatRate` is the supply point's. */
export function flatPrice({ pricePerKwh, vat }: Terms, vatRate: number): FlatPrice | undefined {
  const nanoPerKwh = parseFixed(pricePerKwh, NANO_PLACES);
  if (nanoPerKwh === undefined) return undefined;
  return { nanoPerKwh, vatMillionths: vat === "included" ? Math.round(vatRate * 1e6) : 0 };
}

/** Micro-units of the currency, without VAT; halves are rounded up, as on the API's bills. */
export function energyCostMicro(energyWh: number, { nanoPerKwh, vatMillionths }: FlatPrice): bigint {
  const divisor = NANO_WH_PER_MICRO_KWH * (MILLION + BigInt(vatMillionths));
  return (BigInt(energyWh) * nanoPerKwh * MILLION + divisor / 2n) / divisor;
}

/** The price without VAT in nano-units, for showing. */
export function netNanoPerKwh({ nanoPerKwh, vatMillionths }: FlatPrice): bigint {
  const gross = MILLION + BigInt(vatMillionths);
  return (nanoPerKwh * MILLION + gross / 2n) / gross;
}

/** The part of a span in which a contract was in force; `undefined` where it was not. */
export function contractSpan(span: Span, { start, end }: Terms, zone: string): Span | undefined {
  const fromMs = Math.max(span.fromMs, startOfDayMs(start as CivilDate, zone));
  const toMs = end === null ? span.toMs : Math.min(span.toMs, startOfDayMs(end as CivilDate, zone));
  return fromMs < toMs ? { fromMs, toMs } : undefined;
}

/**
 * The cost of several supply points on the slots of `grid`, whose phases are kept. Each supply point's total is rounded once;
 * a bar's own rounding is below what is shown. `untilMs`: what was asked for; time before it without a price is missing.
 */
export function costOf(loads: readonly PricedLoad[], grid: readonly Bar[], untilMs: number): Cost {
  const slots = grid.map(() => ({ micro: 0n, priced: false, measuredMs: 0, estimatedMs: 0 }));
  let energyWh = 0;
  let micro = 0n;
  for (const { points, price } of loads) {
    let pointWh = 0;
    for (const { from, to, value, quality } of points) {
      const fromMs = Date.parse(from);
      const slot = slots[slotAt(grid, fromMs)];
      if (slot === undefined) continue;
      const lengthMs = Date.parse(to) - fromMs;
      slot.measuredMs += quality.measured * lengthMs;
      slot.estimatedMs += quality.estimated * lengthMs;
      if (value === null) continue;
      slot.micro += energyCostMicro(value, price);
      slot.priced = true;
      pointWh += value;
    }
    energyWh += pointWh;
    micro += energyCostMicro(pointWh, price);
  }
  const bars = grid.map((slot, index): Bar => {
    const { micro: cost = 0n, priced = false, measuredMs = 0, estimatedMs = 0 } = slots[index] ?? {};
    const askedMs = (Math.min(slot.toMs, untilMs) - slot.fromMs) * loads.length;
    const quality = slot.phase === "past" ? sharesOf(measuredMs, estimatedMs, askedMs) : slot.quality;
    return { ...slot, value: priced ? Number(cost) / 1e6 : null, maxPowerW: null, quality };
  });
  return { energyWh, micro, bars };
}

function sharesOf(measuredMs: number, estimatedMs: number, askedMs: number): Quality {
  if (askedMs <= 0) return { measured: 0, estimated: 0, missing: 1 };
  const measured = measuredMs / askedMs;
  const estimated = estimatedMs / askedMs;
  return { measured, estimated, missing: Math.max(0, 1 - measured - estimated) };
}

/** The index of the slot that holds an instant; -1 outside. A contract may begin in the middle of a month's bar. */
function slotAt(grid: readonly Span[], instantMs: number): number {
  let first = 0;
  let last = grid.length - 1;
  while (first <= last) {
    const middle = (first + last) >> 1;
    const slot = grid[middle];
    if (slot === undefined) return -1;
    if (instantMs < slot.fromMs) last = middle - 1;
    else if (instantMs >= slot.toMs) first = middle + 1;
    else return middle;
  }
  return -1;
}
