// A broker looks after the dead only when it was itself alive for long enough to tell.
import { pino } from "pino";
import { expect, test } from "vitest";
import { Pulse } from "./pulse.ts";

const SILENT_MS = 30_000;

function setUp() {
  const done: string[] = [];
  let nowMs = 1_000_000;
  let known = true;
  let away = false;
  const pulse = new Pulse(
    {
      markHeard: async () => {
        if (away) throw new Error("connection refused");
        return known;
      },
      markStillConnected: async (ids) => void done.push(`still ${ids.join(",")}`),
      forgetSilent: async () => {
        done.push("forget");
        return [];
      },
      expireCommands: async () => 0,
      forgetThis: async () => void done.push("end"),
    },
    {
      time: { now: () => nowMs },
      log: pino({ level: "silent" }),
      everyMs: 3_600_000,
      silentMs: SILENT_MS,
      connected: () => [1, 2],
    },
  );
  const beats = async (forMs: number): Promise<void> => {
    for (let ms = 0; ms < forMs; ms += 5000) {
      nowMs += 5000;
      await pulse.beat();
    }
  };
  return {
    pulse,
    done,
    beats,
    sleepFor: (ms: number) => void (nowMs += ms),
    set: (state: { known?: boolean; away?: boolean }) => {
      known = state.known ?? known;
      away = state.away ?? away;
    },
  };
}

test("it looks around once it was heard for the whole time, then at each beat; its own devices it tells seldom", async () => {
  const { pulse, done, beats } = setUp();
  await pulse.start();
  await beats(SILENT_MS - 5000);
  expect(done).toEqual([]);
  await beats(5000);
  expect(done).toEqual(["forget", "still 1,2"]);
  await beats(SILENT_MS);
  expect(done.filter((what) => what === "forget")).toHaveLength(7);
  expect(done.filter((what) => what === "still 1,2")).toHaveLength(2);
  await pulse.close();
  expect(done.at(-1)).toBe("end");
});

test("after an outage of the store, or its own sleep, nobody counts as dead yet", async () => {
  const { pulse, done, beats, set, sleepFor } = setUp();
  await pulse.start();
  set({ away: true });
  await beats(2 * SILENT_MS);
  set({ away: false });
  await beats(SILENT_MS - 5000);
  expect(done).toEqual([]);
  sleepFor(10 * SILENT_MS);
  await beats(SILENT_MS - 5000);
  expect(done).toEqual([]);
  await beats(10_000);
  expect(done.slice(0, 2)).toEqual(["forget", "still 1,2"]);
});

test("one that was taken for dead says at once who is connected to it", async () => {
  const { pulse, done, beats, set } = setUp();
  await pulse.start();
  set({ known: false });
  await beats(5000);
  expect(done).toEqual(["still 1,2"]);
});
