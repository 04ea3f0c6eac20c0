// Runs a job that takes seconds of CPU on a thread of its own, so that the API's event loop goes on.
import { Worker } from "node:worker_threads";
import { KoproError, type ErrorCode } from "#devices/error";
import type { Role } from "#devices/vocabulary";
import type { Scope } from "#store";
import type { Desk } from "./desk.ts";

export type SizingJob = { readonly kind: "publish" | "revise"; readonly id: number };

/** Plain data: it is copied to the thread. */
export type SizingOrder = {
  readonly job: SizingJob;
  readonly databaseUrl: string;
  readonly cohortMin: number;
  readonly atMs: number;
  readonly viewer: {
    readonly id: number;
    readonly role: Role;
    readonly organisationId: number;
    readonly unitId: number | null;
    readonly atMs: number;
  };
};

export type SizingAnswer = {
  readonly presentWh?: number | null;
  readonly fault?: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly extra: Readonly<Record<string, unknown>>;
  };
};

/**
 * The thread has a connection and a transaction of its own: when it dies, nothing has happened. Throws what it threw, as far as
 * that is a `KoproError`; everything else is a fault of ours.
 */
export async function inSizingThread(desk: Desk, scope: Scope, job: SizingJob): Promise<SizingAnswer> {
  const databaseUrl = desk.pool.options.connectionString;
  if (databaseUrl === undefined) throw new Error("the pool does not know its database's address");
  const { accountId: id, role, organisationId, unitId, atMs } = scope;
  const viewer = { id, role, organisationId, unitId, atMs };
  const order = { job, databaseUrl, cohortMin: desk.cohortMin, atMs: desk.time.now(), viewer };
  const { fault, ...answer } = await answered(order);
  if (fault === undefined) return answer;
  if (fault.code === "internal") throw new Error(`sizing tender ${job.id} failed: ${fault.message}`);
  throw new KoproError(fault.code, fault.message, { extra: { ...fault.extra } });
}

function answered(order: SizingOrder): Promise<SizingAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./sizing-thread.ts", import.meta.url), { workerData: order });
    worker.once("message", resolve);
    worker.once("error", reject);
    // Without effect when it has answered.
    worker.once("exit", (code) =>
      reject(new Error(`the sizing thread ended with ${code}, without an answer`)),
    );
  });
}
