// Each family carries its evidence: what a device sends, and beside it what that means.
//
//   golden/<name>.txt             one message, whose topic says nothing
//   golden/<name>.messages.json   [[topic, payload], …] in the order in which they come (`spokenMessages`)
//   golden/<name>.json            what it means
// To write the latter anew after a deliberate change: `npx vitest run --project unit devices/profiles/golden -u`, then read the diff.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CLOCK_NAMES, PROFILE_IDS } from "#devices/vocabulary";
import type { DecodeContext, Decoded } from "#devices/reading";
import { FAMILIES } from "./families.ts";
import { playMessages, spokenMessages } from "./play-messages.ts";

const CONTEXT: DecodeContext = {
  topic: "telegram",
  receivedAtMs: Date.UTC(2026, 2, 1, 12),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};
const KINDS = /\.(?:txt|messages\.json)$/;

describe.each(PROFILE_IDS)("%s", (profile) => {
  const folder = new URL(`./${profile}/golden/`, import.meta.url);
  const files = readdirSync(folder).filter((file) => KINDS.test(file));

  test("has golden messages", () => {
    expect(files.length).toBeGreaterThanOrEqual(5);
  });

  test.each(files)("%s means what its JSON says", async (file) => {
    const content = readFileSync(new URL(file, folder));
    const { decode } = FAMILIES[profile];
    const text = file.endsWith(".txt")
      ? shown(decode(content, CONTEXT))
      : playMessages(decode, spokenMessages(content.toString()), CONTEXT).map(shown);
    const snapshot = `${JSON.stringify(text, null, 2)}\n`;
    await expect(snapshot).toMatchFileSnapshot(new URL(file.replace(KINDS, ".json"), folder).pathname);
  });
});

function shown({ observations, rejections, facts, requests }: Decoded): unknown {
  return {
    observations: observations.map(({ register, value, observedAtMs, clock }) => ({
      ...register,
      value,
      observedAt: observedAtMs === undefined ? null : new Date(observedAtMs).toISOString(),
      clock: CLOCK_NAMES[clock],
    })),
    rejections,
    facts,
    requests: requests?.map(({ topic, payload }) => ({
      topic,
      payload: Buffer.from(payload).toString("hex"),
    })),
  };
}
