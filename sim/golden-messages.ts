// The golden messages of a family, as a device would send them: what benchmarks decode and the fuzz damages.
import { readFileSync, readdirSync } from "node:fs";
import { spokenMessages, type SpokenMessage } from "#devices/profiles/play-messages";
import type { ProfileId } from "#devices/vocabulary";

export type Golden = {
  readonly name: string;
  /** In the order in which they come. */
  readonly messages: readonly SpokenMessage[];
};

const SEQUENCE = ".messages.json";
const SINGLE = ".txt";
/** Of a message whose topic says nothing, as in the golden test. */
const TOPIC = "telegram";

/** By name. Empty for a family that has none. */
export function readGolden(profile: ProfileId): Golden[] {
  const folder = new URL(`../devices/profiles/${profile}/golden/`, import.meta.url);
  return readdirSync(folder)
    .sort()
    .flatMap((file): Golden[] => {
      const content = (): Buffer => readFileSync(new URL(file, folder));
      if (file.endsWith(SEQUENCE)) {
        return [{ name: file.slice(0, -SEQUENCE.length), messages: spokenMessages(content().toString()) }];
      }
      if (!file.endsWith(SINGLE)) return [];
      return [{ name: file.slice(0, -SINGLE.length), messages: [{ topic: TOPIC, payload: content() }] }];
    });
}
