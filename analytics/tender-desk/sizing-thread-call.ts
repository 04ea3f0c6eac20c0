// Runs a job that takes seconds of CPU on a thread of its own, so that the API's event loop goes on.
import { Worker } from "node:worker_threads";
import { KoproError, type ErrorCode } from "#devices/error";
import type { Role } from "#devices/vocabulary";
import type { Scope } from "#store";
import type { Desk } from "./desk.ts";
import type { GroupSoFar } from "./group-so-far.ts";
import type { PresentVolume } from "./revision-view.ts";

/** What each kind of job answers. */
export type SizingResults = { publish: null; revise: PresentVolume; group: GroupSoFar };
export type SizingKind = keyof SizingResults;
export type SizingJob<Kind extends SizingKind = SizingKind> = { readonly kind: Kind; readonly id: number };

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

export type SizingFault = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly extra: Readonly<Record<string, unknown>>;
};
export type SizingAnswer<Kind extends SizingKind = SizingKind> =
  | { readonly result: SizingResults[Kind]; readonly fault?: undefined }
  | { readonly fault: SizingFault };

/**
 * The thread has a connection and a transaction of its own: when it dies, nothing has happened. Throws what it threw, as far as
 * that is a `KoproError`; everything else is a fault of ours.
 */
export async function inSizingThread<Kind extends SizingKind>(
  desk: Desk,
  scope: Scope,
  job: SizingJob<Kind>,
): Promise<SizingResults[Kind]> {
  const databaseUrl = desk.pool.options.connectionString;
  if (databaseUrl === undefined) throw new Error("the pool does not know its database's address");
  const { accountId: id, role, organisationId, unitId, atMs } = scope;
  const viewer = { id, role, organisationId, unitId, atMs };
  const order = { job, databaseUrl, cohortMin: desk.cohortMin, atMs: desk.time.now(), viewer };
  const answer = await answered<Kind>(order);
  if (answer.fault === undefined) return answer.result;
  const { fault } = answer;
  if (fault.code === "internal") throw new Error(`sizing tender ${job.id} failed: ${fault.message}`);
  throw new KoproError(fault.code, fault.message, { extra: { ...fault.extra } });
}

function answered<Kind extends SizingKind>(order: SizingOrder): Promise<SizingAnswer<Kind>> {
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
