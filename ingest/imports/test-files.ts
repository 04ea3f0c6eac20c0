// Files for the tests of history: read as whole texts, and their quarter-hours as they are looked at.
import { QUARTERS_PER_UTC_DAY, QUARTER_MS } from "#devices/time";
import { QUARTER_STATUSES, QuarterCode } from "#devices/vocabulary";
import type { ImportTarget } from "./format.ts";
import type { ImportFormat } from "./formats.ts";
import { readHistory, type DecodedFile } from "./read-history.ts";

export const TEST_NOW_MS = Date.UTC(2026, 6, 1);

export function testTarget(fields: Partial<ImportTarget> = {}): ImportTarget {
  return {
    id: 1,
    code: null,
    carrier: "electricity",
    direction: "import",
    timezone: "Europe/Brussels",
    connectionKva: null,
    ...fields,
  };
}

/** @param target The chosen one; `null`: the file's own codes decide. */
export function readTest(
  format: ImportFormat,
  content: string | Uint8Array | readonly Uint8Array[],
  target: ImportTarget | null = testTarget(),
  registered: readonly ImportTarget[] = [],
): Promise<DecodedFile> {
  const chunks =
    typeof content === "string"
      ? [Buffer.from(content)]
      : content instanceof Uint8Array
        ? [content]
        : content;
  return readHistory(() => chunks, {
    format,
    target: target ?? undefined,
    targetsOf: async (codes) => registered.filter(({ code }) => code !== null && codes.includes(code)),
    nowMs: TEST_NOW_MS,
  });
}

export type TestQuarter = {
  readonly supplyPointId: number;
  readonly direction: string;
  readonly at: string;
  readonly wh: number;
  readonly status: string;
};

/** Every quarter-hour that has a value, in order. */
export function quartersIn(file: DecodedFile): TestQuarter[] {
  return file.days.flatMap(({ supplyPointId, direction, day, quarters, statuses }) =>
    [...statuses].flatMap((status, slot) =>
      status === QuarterCode.missing
        ? []
        : [
            {
              supplyPointId,
              direction,
              at: new Date((day * QUARTERS_PER_UTC_DAY + slot) * QUARTER_MS).toISOString().slice(0, 16),
              wh: quarters.readInt32LE(4 * slot),
              status: QUARTER_STATUSES[status] ?? "",
            },
          ],
    ),
  );
}

/** Sums in Wh (l) and counts of quarter-hours, by direction and status. */
export function totalsOf(
  file: DecodedFile,
): Readonly<Record<string, readonly [wh: number, quarters: number]>> {
  const totals: Record<string, [number, number]> = {};
  for (const { direction, status, wh } of quartersIn(file)) {
    const total = (totals[`${direction} ${status}`] ??= [0, 0]);
    total[0] += wh;
    total[1]++;
  }
  return totals;
}

/** Of one civil day: its beginning and end in the zone. */
export function ofDay(quarters: readonly TestQuarter[], day: string, timezone: string): TestQuarter[] {
  const start = Temporal.PlainDate.from(day).toZonedDateTime(timezone);
  const [from, to] = [start, start.add({ days: 1 })].map((one) => one.toInstant().toString().slice(0, 16));
  return quarters.filter(({ at }) => at >= (from ?? "") && at < (to ?? ""));
}
