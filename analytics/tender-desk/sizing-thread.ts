// The thread on which a group is sized: a pool of one connection, one job, one answer.
import { parentPort, workerData } from "node:worker_threads";
import { KoproError } from "#devices/error";
import { openPool, scopeOf, storeFault } from "#store";
import type { Desk } from "./desk.ts";
import { publishInThisThread } from "./publish-tender.ts";
import { reviseInThisThread } from "./revision-view.ts";
import type { SizingAnswer, SizingOrder } from "./sizing-thread-call.ts";

async function answer(order: SizingOrder): Promise<SizingAnswer> {
  const pool = openPool(order.databaseUrl, { applicationName: "koprogo-sizing", max: 1 });
  const desk: Desk = { pool, time: { now: () => order.atMs }, cohortMin: order.cohortMin };
  const scope = scopeOf(order.viewer, order.viewer.atMs);
  try {
    if (order.job.kind === "publish") {
      await publishInThisThread(desk, scope, order.job.id);
      return { presentWh: null };
    }
    return { presentWh: await reviseInThisThread(desk, scope, order.job.id) };
  } catch (error) {
    return { fault: faultOf(error) };
  } finally {
    await pool.end();
  }
}

/** Classes do not cross threads: what the error says does. */
function faultOf(error: unknown): NonNullable<SizingAnswer["fault"]> {
  const known = error instanceof KoproError ? error : storeFault(error);
  if (known !== undefined) return { code: known.code, message: known.message, extra: known.extra };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "internal", message, extra: {} };
}

parentPort?.postMessage(await answer(workerData as SizingOrder), []);
