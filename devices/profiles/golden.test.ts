// Each family carries its evidence: golden/<name>.txt is a message as a device sends it, golden/<name>.json what it means.
// To write the JSON anew after a deliberate change: `npx vitest run --project unit devices/profiles/golden -u`, then read the diff.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CLOCK_NAMES, PROFILE_IDS } from "#devices/vocabulary";
import type { DecodeContext, Decoded } from "#devices/reading";
import { decoderFor } from "./index.ts";

const CONTEXT: DecodeContext = {
  topic: "telegram",
  receivedAtMs: Date.UTC(2026, 2, 1, 12),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

describe.each(PROFILE_IDS)("%s", (profile) => {
  const folder = new URL(`./${profile}/golden/`, import.meta.url);
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .map((file) => file.slice(0, -".txt".length));

  test("has golden messages", () => {
    expect(names.length).toBeGreaterThanOrEqual(5);
  });

  test.each(names)("%s means what its JSON says", async (name) => {
    const decoded = decoderFor(profile)?.(readFileSync(new URL(`${name}.txt`, folder)), CONTEXT);
    await expect(shown(decoded)).toMatchFileSnapshot(new URL(`${name}.json`, folder).pathname);
  });
});

function shown(decoded: Decoded | undefined): string {
  const observations = decoded?.observations.map(({ register, value, observedAtMs, clock }) => ({
    ...register,
    value,
    observedAt: observedAtMs === undefined ? null : new Date(observedAtMs).toISOString(),
    clock: CLOCK_NAMES[clock],
  }));
  return `${JSON.stringify({ observations, rejections: decoded?.rejections }, null, 2)}\n`;
}
