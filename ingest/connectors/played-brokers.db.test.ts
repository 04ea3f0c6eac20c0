// The brokers that are known, played by a Mosquitto with messages as theirs: read under their presets, directly and through a gateway.
import { readFileSync } from "node:fs";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProfileId } from "#devices/vocabulary";
import { listUnclaimed, openPool, scopeOf, type ConnectorKind, type Pool, postgresStore } from "#store";
import { freshDatabase, seedDevice, until, type FreshDatabase } from "#testing";
import { createIngest } from "../ingest.ts";
import { presetTopics } from "./presets.ts";
import { connectTo, disconnect, run } from "./test-connectors.ts";
import { openForeignBroker } from "./test-foreign-broker.ts";

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "played-brokers-test", max: 6 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

type Played = {
  readonly kind: ConnectorKind;
  readonly username: string;
  readonly profile: ProfileId;
  readonly golden: string;
  readonly settings: readonly string[];
};

const PLAYED: readonly Played[] = [
  {
    kind: "the-things-stack",
    username: "made@ttn",
    profile: "tts-v3",
    golden: "room-sensor",
    settings: ["max_qos 0"],
  },
  {
    kind: "chirpstack",
    username: "tenant",
    profile: "chirpstack-v4",
    golden: "water-log-of-a-day",
    settings: [],
  },
  {
    kind: "sinapsi",
    username: "made",
    profile: "chain2-sinapsi",
    golden: "indices-and-tariffs",
    settings: [],
  },
];

test.each(PLAYED)("$kind", async ({ kind, username, profile, golden, settings }) => {
  const broker = await openForeignBroker({ [username]: "their word" }, settings);
  const [meter, gateway] = [
    (await seedDevice(pool, { profile })).context.id,
    (await seedDevice(pool, { profile: "gateway" })).context.id,
  ];
  const topics = presetTopics(kind, username);
  for (const id of [meter, gateway])
    await connectTo(pool, id, { kind, url: broker.url, username, password: "their word", topics });
  const ingest = createIngest({
    store: postgresStore(pool),
    time: { now: () => Date.now() },
    log: pino({ level: "silent" }),
  });
  const connectors = run(pool, { ingest });
  await until(() => connectors.held().connected === 2, "both are connected");

  const messages = messagesOf(profile, golden);
  for (const [topic, payload] of messages)
    await broker.publish(topic, payload, { qos: kind === "the-things-stack" ? 0 : 1 });
  await until(() => connectors.counts.messages === 2 * messages.length, "each has heard all");
  await until(() => connectors.counts.unacknowledged === 0, "all is committed");

  const registers = await pool.query("select 1 from register where device_id = $1", [meter]);
  expect(registers.rows.length).toBeGreaterThan(0);
  const readings = await pool.query("select 1 from reading where device_id = $1", [meter]);
  expect(readings.rows.length).toBeGreaterThan(0);
  const admin = scopeOf({ id: 1, role: "admin", organisationId: 1, unitId: null }, Date.now());
  const { items } = await listUnclaimed(pool, admin, { gatewayId: gateway, after: undefined, limit: 10 });
  expect(items.map((one) => [one.profile, one.externalId === ""])).toEqual([[profile, false]]);

  for (const id of [meter, gateway]) await disconnect(pool, id);
  await connectors.close();
  await ingest.close();
  await broker.close();
});

/** Made by us in the manner of the family, with their topics. */
function messagesOf(profile: ProfileId, golden: string): readonly (readonly [string, string])[] {
  const file = new URL(`../../devices/profiles/${profile}/golden/${golden}.messages.json`, import.meta.url);
  const messages = JSON.parse(readFileSync(file, "utf8")) as readonly (readonly [string, unknown])[];
  return messages.map(([topic, payload]) => [
    topic,
    typeof payload === "string" ? payload : JSON.stringify(payload),
  ]);
}
