// Presence is written in groups and survives an absent store.
import { pino } from "pino";
import { expect, test } from "vitest";
import type { PresenceChange } from "#store";
import { Presence } from "./presence.ts";

function setUp() {
  const written: string[] = [];
  let away = false;
  const write = (what: string, entries: readonly (number | string)[]): void => {
    if (away) throw new Error("connection refused");
    if (entries.length > 0) written.push(`${what} ${entries.join(",")}`);
  };
  const note = (what: string) => async (changes: readonly PresenceChange[]) =>
    write(
      what,
      changes.map(({ deviceId, atMs }) => `${deviceId}@${atMs}`),
    );
  let nowMs = 1;
  const presence = new Presence(
    {
      markConnected: note("on"),
      markDisconnected: note("off"),
      markSeen: async (seenAtMs) => write("seen", [...seenAtMs.keys()]),
    },
    { time: { now: () => nowMs }, log: pino({ level: "silent" }), everyMs: 3_600_000, seenEveryMs: 1000 },
  );
  return {
    presence,
    written,
    storeAway: (value: boolean) => void (away = value),
    wait: (ms: number) => void (nowMs += ms),
    now: () => nowMs,
  };
}

test("many devices are one statement, and only the last change of each is written", async () => {
  const { presence, written, wait } = setUp();
  for (const id of [1, 2, 3]) presence.online(id);
  wait(500);
  presence.offline(2);
  wait(300);
  await presence.flush();
  expect(written).toEqual(["off 2@501", "on 1@1,3@1", "seen 1,2,3"]);
  await presence.close();
});

test("a device that speaks every second is marked once a period", async () => {
  const { presence, written, wait, now } = setUp();
  for (let i = 0; i < 10; i++) {
    presence.seen(7, now());
    wait(250);
    await presence.flush();
  }
  expect(written).toEqual(["seen 7", "seen 7", "seen 7"]);
  await presence.close();
});

test("a clock that is set back makes a mark due, not an hour late", async () => {
  const { presence, written, wait, now } = setUp();
  wait(3_600_000);
  presence.seen(7, now());
  await presence.flush();
  wait(-3_600_000);
  presence.seen(7, now());
  await presence.flush();
  expect(written).toEqual(["seen 7", "seen 7"]);
  await presence.close();
});

test("what could not be written is written later, unless something newer happened", async () => {
  const { presence, written, storeAway } = setUp();
  storeAway(true);
  presence.online(1);
  presence.online(2);
  await presence.flush();
  presence.offline(2);
  storeAway(false);
  await presence.flush();
  expect(written).toEqual(["off 2@1", "on 1@1", "seen 1,2"]);
  await presence.close();
});
