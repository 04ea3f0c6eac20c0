// Connectors over TLS: the broker's certificate is verified, by the public authorities or by the one that was given.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { expect, test } from "vitest";
import { runConnectors } from "#ingest";
import { startMosquitto, throwAwayFolder } from "#services";
import { findConnector, inTransaction, openPool, putConnector, scopeOf, secretBoxOf } from "#store";
import { freshDatabase, seedDevice, testAuthority, until } from "#testing";

test("an authority that nobody knows is refused; given, it is trusted, and only it", async () => {
  const database = await freshDatabase();
  const pool = openPool(database.url, { applicationName: "connectors-tls-test", max: 4 });
  const { folder, discard } = await throwAwayFolder();
  const authority = testAuthority();
  const { key, cert } = authority.issue(["localhost"]);
  const [keyfile, certfile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  writeFileSync(keyfile, key, { mode: 0o600 });
  writeFileSync(certfile, cert);
  const settings = ["allow_anonymous true", `certfile ${certfile}`, `keyfile ${keyfile}`];
  const mosquitto = await startMosquitto({ folder, report: () => undefined, settings });
  const deviceId = (await seedDevice(pool)).context.id;
  const scope = scopeOf({ id: 1, role: "admin", organisationId: 1, unitId: null }, Date.now());
  const setUp = (caPem: string | null): Promise<unknown> =>
    inTransaction(pool, (client) =>
      putConnector(client, scope, deviceId, {
        kind: "custom",
        url: `mqtts://127.0.0.1:${mosquitto.port}`,
        username: "",
        passwordSealed: null,
        topics: ["#"],
        caPem,
        newClientId: "tls",
      }),
    );
  await setUp(null);
  const connectors = runConnectors({
    pool,
    ingest: { accept: (_, done) => done(), pressure: () => ({ unacknowledgedBytes: 0, oldestMs: 0 }) },
    secrets: secretBoxOf([Buffer.alloc(32)]),
    allowPrivate: true,
    time: { now: () => Date.now() },
    log: pino({ level: "silent" }),
    random: () => 0.5,
    limits: { lookEveryMs: 50, refusedBackOff: { backOffFirstMs: 50, backOffMaxMs: 100 } },
  });
  const isNow = (state: string, code: string | null): Promise<void> =>
    until(async () => {
      const now = await findConnector(pool, scope, deviceId);
      return now?.state === state && (code === null || now.errorCode === code);
    }, `it is ${state}`);
  await isNow("refused", "certificate_untrusted");
  await setUp(authority.cert);
  await isNow("connected", null);
  await setUp(testAuthority("Another").cert);
  await isNow("refused", "certificate_untrusted");
  expect(connectors.held()).toEqual({ count: 1, connected: 0 });
  await connectors.close();
  await mosquitto.stop();
  await pool.end();
  await database.drop();
  await discard();
});
