// A site's story over a span: its meters equipped, their voices merged, with all that goes wrong on the way.
import { derive } from "../world/random.ts";
import type { Site } from "../portfolio/site.ts";
import { equipSite, type EquipOptions } from "./equip-site.ts";
import { mergeDeliveries } from "./merge-deliveries.ts";
import type { Story } from "./story.ts";
import { isToldApart } from "./told-apart.ts";
import { withWayFaults } from "./way.ts";

/** Both ends are told: what leaves at `toMs` belongs to the story. */
export function createStory(site: Site, options: EquipOptions): Story {
  const { fromMs, toMs, rates } = options;
  const equipment = equipSite(site, options);
  return {
    fromMs,
    toMs,
    devices: equipment.map(({ device }) => device),
    series: new Map(equipment.flatMap(({ series }) => series.map((one) => [one.key, one]))),
    voices: new Map(equipment.map(({ device, voice }) => [device.key, voice])),
    mishaps: equipment.flatMap(({ mishaps }) => mishaps),
    deliveries: () =>
      mergeDeliveries(
        equipment.map(({ voice, traits, seed }) => {
          const deliveries = withWayFaults(voice.deliveries(fromMs, toMs + 1), {
            fromMs,
            toMs,
            rates,
            seed: derive(seed, "way"),
            keeps: traits.keeps,
            timed: traits.time !== "none",
          });
          return traits.time === "local"
            ? deliveries.filter((one) => isToldApart(one, site.plan.timezone))
            : deliveries;
        }),
      ),
  };
}
