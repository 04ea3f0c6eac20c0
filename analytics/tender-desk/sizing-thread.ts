// The thread on which a group is sized: a pool of one connection, one job, one answer.
import { parentPort, workerData } from "node:worker_threads";
import { KoproError } from "#devices/error";
import { openPool, scopeOf, storeFault, type Scope } from "#store";
import type { Desk } from "./desk.ts";
import { groupInThisThread } from "./group-so-far.ts";
import { publishInThisThread } from "./publish-tender.ts";
import { reviseInThisThread } from "./revision-view.ts";
import type {
  SizingAnswer,
  SizingFault,
  SizingKind,
  SizingOrder,
  SizingResults,
} from "./sizing-thread-call.ts";

type Job<Kind extends SizingKind> = (desk: Desk, scope: Scope, id: number) => Promise<SizingResults[Kind]>;
const JOBS: { readonly [Kind in SizingKind]: Job<Kind> } = {
  publish: publishInThisThread,
  revise: reviseInThisThread,
  group: groupInThisThread,
};

async function answer(order: SizingOrder): Promise<SizingAnswer> {
  const pool = openPool(order.databaseUrl, { applicationName: "koprogo-sizing", max: 1 });
  const desk: Desk = { pool, time: { now: () => order.atMs }, cohortMin: order.cohortMin };
  const scope = scopeOf(order.viewer, order.viewer.atMs);
  try {
    return { result: await JOBS[order.job.kind](desk, scope, order.job.id) };
  } catch (error) {
    return { fault: faultOf(error) };
  } finally {
    await pool.end();
  }
}

/** Classes do not cross threads: what the error says does. */
function faultOf(error: unknown): SizingFault {
  const known = error instanceof KoproError ? error : storeFault(error);
  if (known !== undefined) return { code: known.code, message: known.message, extra: known.extra };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "internal", message, extra: {} };
}

parentPort?.postMessage(await answer(workerData as SizingOrder), []);
