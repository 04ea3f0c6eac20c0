// A device that does everything right beside the attack, and must be served all the time.
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "mqtt";
import { storedValues, type Pool } from "#store";
import type { FuzzDevice } from "./play-session.ts";

export type Neighbour = {
  /** Publishes acknowledged so far, and the longest that one took. */
  readonly served: () => { readonly messages: number; readonly slowestMs: number };
  /** Ends it: the sentences of what was not as it must be. */
  readonly finish: (pool: Pool) => Promise<string[]>;
};

const EVERY_MS = 25;
/** Seconds, not milliseconds: the machine is shared with the attack. */
const SERVED_WITHIN_MS = 20_000;
const FIRST_S = 1_767_225_600;
const REGISTER = { name: "calm", equipmentId: "" };

export async function startNeighbour(port: number, { id, secret }: FuzzDevice): Promise<Neighbour> {
  const client = connect(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 4,
    username: String(id),
    password: secret,
    clientId: "neighbour",
    reconnectPeriod: 0,
  });
  await new Promise<void>((resolve, reject) => {
    client.once("connect", () => resolve());
    client.once("error", reject);
  });
  const faults: string[] = [];
  const seen = { heard: 0, messages: 0, slowestMs: 0, ending: false };
  client.on("message", () => seen.heard++);
  client.on("close", () => {
    if (!seen.ending) faults.push("the well-behaved neighbour was disconnected");
  });
  client.on("error", (error) => faults.push(`the well-behaved neighbour met an error: ${error.message}`));
  await client.subscribeAsync("calm", { qos: 0 });

  const speak = async (): Promise<void> => {
    while (!seen.ending && client.connected) {
      const startedMs = performance.now();
      const payload = `[{"n":"calm","u":"W","v":${seen.messages},"t":${FIRST_S + seen.messages}}]`;
      await client.publishAsync("calm", payload, { qos: 1 });
      seen.messages += 1;
      seen.slowestMs = Math.max(seen.slowestMs, performance.now() - startedMs);
      await sleep(EVERY_MS);
    }
  };
  const speaking = speak().catch(
    (error: unknown) => void faults.push(`the neighbour could not publish: ${String(error)}`),
  );

  return {
    served: () => ({ messages: seen.messages, slowestMs: Math.round(seen.slowestMs) }),
    finish: async (pool) => {
      seen.ending = true;
      await Promise.race([speaking, sleep(SERVED_WITHIN_MS)]);
      for (let waitedMs = 0; seen.heard < seen.messages && waitedMs < SERVED_WITHIN_MS; waitedMs += EVERY_MS)
        await sleep(EVERY_MS);
      await client.endAsync(true);
      if (seen.slowestMs > SERVED_WITHIN_MS)
        faults.push(`the neighbour waited ${Math.round(seen.slowestMs)} ms for a PUBACK`);
      if (seen.heard < seen.messages)
        faults.push(`the neighbour heard ${seen.heard} of its ${seen.messages} messages`);
      return [...faults, ...(await missing(pool, id, seen.messages))];
    },
  };
}

async function missing(pool: Pool, deviceId: number, messages: number): Promise<string[]> {
  const numbers = Array.from({ length: messages }, (_, n) => n);
  const stored = await storedValues(pool, deviceId, new Set(numbers.map((n) => (FIRST_S + n) * 1000)));
  const lost = numbers.filter((n) => !stored.has(REGISTER, (FIRST_S + n) * 1000, String(n)));
  return lost.length === 0 ? [] : [`${lost.length} acknowledged readings of the neighbour are not stored`];
}
