// What the product answers about a story, by the code that the API answers with: loads of its series, readings of its registers.
import { loadSeries } from "#analytics";
import { carrierQuantity, type DeviceContext } from "#store";
import { addReadings, judgeReadings, type ReadingVerdict } from "../run/judge-readings.ts";
import type { AnsweredPoint } from "../run/judge.ts";
import type { Delivery, Story } from "../story/story.ts";
import { readingsOf } from "./look-inside.ts";
import type { VirtualProduct } from "./virtual-product.ts";

/** By key of the series: its load, cut and added up as the API does it. */
export function loadsOf(
  { database }: VirtualProduct,
  { series, fromMs, toMs }: Story,
  supplyPoints: ReadonlyMap<string, number>,
  timezone: string,
): Map<string, AnsweredPoint[]> {
  return new Map(
    [...series.values()].map(({ key, supplyPoint, carrier, direction }) => {
      const ids = [supplyPoints.get(supplyPoint) ?? 0];
      const days = database.loadSupplyPointDays(ids, { direction, fromMs, toMs });
      const { quantity } = carrierQuantity(carrier);
      const resolution = "quarter-hour" as const;
      const points = loadSeries({ series: days, fromMs, toMs, resolution, timezone, quantity });
      return [
        key,
        points.map((point) => ({
          from: new Date(point.fromMs).toISOString(),
          value: point.value,
          quality: point.quality,
        })),
      ];
    }),
  );
}

/** Each register that was told, held against what is kept of it. */
export function judgedReadingsOf(
  { database }: VirtualProduct,
  story: Story,
  devices: ReadonlyMap<string, DeviceContext>,
  acknowledged: readonly Delivery[],
  sent: readonly Delivery[],
): ReadingVerdict {
  const verdicts: ReadingVerdict[] = [];
  for (const device of story.devices) {
    const own = (list: readonly Delivery[]) => list.filter((one) => one.device === device.key);
    const [ownAcknowledged, ownSent] = [own(acknowledged), own(sent)];
    const registers = Map.groupBy(
      ownSent.flatMap(({ tells }) => tells),
      ({ series, register }) => `${series}\0${register}`,
    );
    const stored = readingsOf(database, devices.get(device.key)?.id ?? 0);
    for (const [told] of registers.values()) {
      const series = story.series.get(told?.series ?? "");
      if (told === undefined || series === undefined) continue;
      const readings = stored.get(told.register) ?? [];
      const { register } = told;
      verdicts.push(
        judgeReadings({
          device,
          series,
          register,
          acknowledged: ownAcknowledged,
          sent: ownSent,
          readings,
        }),
      );
    }
  }
  return addReadings(verdicts);
}
