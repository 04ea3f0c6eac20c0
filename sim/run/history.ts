// The messages behind what is not right: when each left, what it told, whether it was acknowledged, and what befell it. Pure.
import { MINUTE_MS } from "#devices/time";
import type { Delivery } from "../story/story.ts";

export type HistoryLine = {
  readonly leavesAt: string;
  /** `undefined`, with the register and the value: nothing can be read from it. */
  readonly observedAt?: string;
  readonly register?: string;
  readonly value?: string;
  readonly acknowledged: boolean;
  readonly marks: readonly string[];
};

export type Sought = {
  readonly series: string;
  /** One register of the series alone. */
  readonly register?: string;
  readonly fromMs: number;
  readonly toMs: number;
};

const HISTORY_MAX = 16;
const AROUND_MS = 2 * MINUTE_MS;

/** Those whose readings lie in the span or shortly around it, and damaged ones that left then, in the order of `sent`. */
export function historyOf(
  { series, register, fromMs, toMs }: Sought,
  sent: readonly Delivery[],
  acknowledged: ReadonlySet<Delivery>,
): HistoryLine[] {
  const isNear = (atMs: number) => atMs >= fromMs - AROUND_MS && atMs <= toMs + AROUND_MS;
  const devices = new Set(
    sent.flatMap(({ device, tells }) => (tells.some((one) => one.series === series) ? [device] : [])),
  );
  const lines: HistoryLine[] = [];
  for (const delivery of sent) {
    const line = {
      leavesAt: new Date(delivery.leavesAtMs).toISOString(),
      acknowledged: acknowledged.has(delivery),
      marks: delivery.marks,
    };
    for (const told of delivery.tells) {
      const isSought = told.series === series && (register === undefined || told.register === register);
      if (!isSought || !isNear(told.observedAtMs)) continue;
      const observedAt = new Date(told.observedAtMs).toISOString();
      lines.push({ ...line, observedAt, register: told.register, value: told.value });
    }
    const isDamaged = delivery.marks.includes("corruption") && devices.has(delivery.device);
    if (isDamaged && isNear(delivery.leavesAtMs)) lines.push(line);
  }
  const half = HISTORY_MAX / 2;
  return lines.length <= HISTORY_MAX ? lines : [...lines.slice(0, half), ...lines.slice(-half)];
}
