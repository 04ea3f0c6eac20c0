// What a publish is counted as and what it keeps: the same for both ways of a publish.
import { expect, test } from "vitest";
import { TraceNumbers } from "#devices/trace";
import { Counts } from "./counts.ts";
import { PublishIntake } from "./publish-intake.ts";
import type { Session } from "./session.ts";

const KIB = 1024;
const SESSION = { device: { id: 1, buildingId: 1 }, clientId: "meter" } as unknown as Session;

/** What an intake makes of this payload, and what it took from the rate. */
function received(payload: Buffer): { payload: Buffer; taken: number } {
  let taken = 0;
  const intake = new PublishIntake({
    ingest: { accept: () => undefined },
    counts: new Counts(),
    time: { now: () => 0 },
    backlog: { bytes: 0 },
    gate: { isPressed: () => false },
    rates: { take: (_session, count) => void (taken += count) },
    traces: new TraceNumbers(),
    instance: "test",
    log: { debug: () => undefined, isLevelEnabled: () => false },
    heard: () => undefined,
  });
  return { payload: intake.receive(SESSION, "t", payload, 1, false, 0).payload, taken };
}

test("a payload does not keep the chunk it came in, unless it is an eighth of it", () => {
  const chunk = Buffer.alloc(64 * KIB, "x");
  for (const size of [0, 1, 60, KIB, 8 * KIB - 1]) {
    const { payload } = received(chunk.subarray(100, 100 + size));
    expect(payload.equals(chunk.subarray(0, size)), `${size} bytes`).toBe(true);
    expect(payload.buffer, `${size} bytes`).not.toBe(chunk.buffer);
  }
  for (const size of [8 * KIB, 60 * KIB]) {
    expect(received(chunk.subarray(100, 100 + size)).payload.buffer).toBe(chunk.buffer);
  }
});

test("each 4 KiB of a payload count like one more message", () => {
  expect(received(Buffer.alloc(0)).taken).toBe(1);
  expect(received(Buffer.alloc(2 * KIB)).taken).toBe(1.5);
  expect(received(Buffer.alloc(256 * KIB)).taken).toBe(65);
});
