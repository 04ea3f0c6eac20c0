// A route that forgets to say who may use it does not start; one that slips through answers nobody.
import Fastify, { type FastifyBaseLogger } from "fastify";
import pino from "pino";
import { expect, test } from "vitest";
import { createReplayer } from "#ingest";
import { openPool } from "#store";
import { guard, type Access } from "./access.ts";
import { createLiveHub } from "./live-hub.ts";
import type { Api } from "./services.ts";

function guardedApp(): Api {
  const log = pino({ level: "silent" });
  const loggerInstance: FastifyBaseLogger = log;
  const app: Api = Fastify({ loggerInstance });
  // Never connected: a refusal must come before the database is asked.
  const pool = openPool("postgres://nobody@127.0.0.1:1/none", { applicationName: "koprogo-api-test" });
  const time = { now: () => 0 };
  guard(app, {
    pool,
    time,
    desk: { pool, time, cohortMin: 3 },
    log,
    config: { KOPROGO_COHORT_MIN: 3 },
    live: createLiveHub(undefined, log),
    replayer: createReplayer({ pool, time, log }),
    connectors: { secrets: undefined, allowPrivate: false },
    recheckMs: 1000,
    uploadIdleMs: 1000,
  });
  return app;
}

const route = (app: Api, url: string, access?: Access) =>
  app.get(url, access === undefined ? {} : { config: { access } }, async () => "secret");

test("a route without a declaration keeps the process from starting", async () => {
  const app = guardedApp();
  route(app, "/v1/forgotten");
  await expect(app.ready()).rejects.toThrow("GET /v1/forgotten does not declare who may use it");
});

test("a route about something must say about what, by a parameter that it has", async () => {
  const vague = guardedApp();
  route(vague, "/v1/buildings/:id", { roles: ["admin"] });
  await expect(vague.ready()).rejects.toThrow("does not declare what it is about");
  const wrong = guardedApp();
  route(wrong, "/v1/buildings/:id", { roles: ["admin"], sees: ["building", "buildingId"] });
  await expect(wrong.ready()).rejects.toThrow("has no parameter buildingId");
});

test("a plugin's route in an inner context is held to the same", async () => {
  const app = guardedApp();
  app.register(async (inner) => {
    inner.get("/inner", async () => "secret");
  });
  await expect(app.ready()).rejects.toThrow("GET /inner does not declare");
});

test("declared routes start, and only public ones answer without a credential", async () => {
  const app = guardedApp();
  route(app, "/open", { public: true });
  await app.ready();
  expect((await app.inject("/open")).body).toBe("secret");
});
