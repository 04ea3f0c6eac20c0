// The OpenAPI document as it is committed, from a server that is never connected to anything.
import pino from "pino";
import { systemTime } from "#devices/time";
import { openPool } from "#store";
import { createApi } from "./server.ts";

export async function openApiText(): Promise<string> {
  const pool = openPool("postgres://nobody@127.0.0.1:1/none", { applicationName: "koprogo-openapi" });
  const { app, close } = await createApi({
    pool,
    redisUrl: undefined,
    config: { KOPROGO_COHORT_MIN: 10 },
    time: systemTime,
    log: pino({ level: "silent" }),
  });
  const document = app.swagger();
  await close();
  await pool.end();
  return `${JSON.stringify(document, null, 2)}\n`;
}
