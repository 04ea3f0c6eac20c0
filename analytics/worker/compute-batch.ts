// One transaction: claim stale days, compute their profiles, save them, put back what must wait.
//
// If it fails anywhere, nothing has happened: the claimed journal rows are there again, and the profiles are as before (I3).
import { DAY_MS } from "#devices/time";
import {
  claimJournal,
  inTransaction,
  listUnallocated,
  lockRegisters,
  putBack,
  replaceUnallocated,
  saveDays,
  type JournalPair,
  type Pool,
  type PoolClient,
  type StaleDay,
  type Unallocated,
} from "#store";
import { packDay } from "../profile/day-row.ts";
import { pieceSpan, replacePieces } from "../profile/replace-pieces.ts";
import { computeProfiles, type ComputedWindow, type FailedWindow } from "./compute-profiles.ts";
import { planBatch, type BatchLimits } from "./plan-batch.ts";
import type { PoisonLedger } from "./poison-ledger.ts";

export type BatchResult = {
  /** Pairs of register and day taken from the journal; 0 when nothing is due. */
  readonly claimed: number;
  readonly computedDays: number;
  readonly failed: readonly FailedWindow[];
};

/** A batch that failed as a whole, with the registers that were in it. */
export class BatchFailure extends Error {
  readonly registerIds: readonly number[];

  constructor(registerIds: readonly number[], cause: unknown) {
    super("a batch of profiles could not be computed", { cause });
    this.name = "BatchFailure";
    this.registerIds = registerIds;
  }
}

/** Pairs claimed at once, beyond which no further journal row is taken. */
const PAIRS_MAX = 4000;
/** A register that another worker holds is tried again after this. */
const LOCKED_DELAY_MS = 1000;

export async function computeBatch(
  pool: Pool,
  limits: BatchLimits,
  poison: PoisonLedger,
): Promise<BatchResult> {
  let taken: readonly StaleDay[] = [];
  try {
    const result = await inTransaction(pool, async (client) => {
      const claimed = await claimJournal(client, PAIRS_MAX);
      const plan = planBatch(claimed, limits, (registerId) => poison.heldForMs(registerId));
      for (const { delayMs, pairs } of plan.wait) await putBack(client, pairs, delayMs);
      taken = plan.compute;
      const { computedDays, failed } = await computeTaken(client, taken);
      for (const { register } of failed) poison.failed(register.registerId);
      await putBackFailed(client, failed, poison);
      return { claimed: claimed.length, computedDays, failed };
    });
    const failing = new Set(result.failed.map(({ register }) => register.registerId));
    for (const { registerId } of taken) if (!failing.has(registerId)) poison.succeeded(registerId);
    return result;
  } catch (error) {
    throw new BatchFailure([...new Set(taken.map((pair) => pair.registerId))], error);
  }
}

async function computeTaken(
  client: PoolClient,
  taken: readonly StaleDay[],
): Promise<{ computedDays: number; failed: FailedWindow[] }> {
  if (taken.length === 0) return { computedDays: 0, failed: [] };
  // Only readings committed before the lock are sure to be in an earlier holder's profile: so lock first, then read.
  const locked = await lockRegisters(client, [...new Set(taken.map((pair) => pair.registerId))]);
  const held = taken.filter((pair) => !locked.has(pair.registerId));
  await putBack(client, held, LOCKED_DELAY_MS);
  const { computed, failed } = await computeProfiles(
    client,
    taken.filter((pair) => locked.has(pair.registerId)),
  );
  const days = computed.flatMap(({ register, fromDay, toDay, window }) =>
    Array.from({ length: toDay - fromDay }, (_, at) => ({
      registerId: register.registerId,
      ...packDay(window, fromDay + at),
    })),
  );
  await saveDays(client, days);
  await savePieces(client, computed);
  return { computedDays: days.length, failed };
}

async function savePieces(client: PoolClient, computed: readonly ComputedWindow[]): Promise<void> {
  const spans = computed.map(({ register, toDay, window }) => ({
    registerId: register.registerId,
    ...pieceSpan(window, toDay * DAY_MS),
  }));
  const stored = groupByRegister(await listUnallocated(client, spans));
  // Two windows of a register may share a silence: each piece is removed and added once.
  const remove = new Map<string, { registerId: number; fromMs: number }>();
  const add = new Map<string, Unallocated>();
  const follow = new Map<string, JournalPair>();
  const computedDays = new Set(
    computed.flatMap(({ register, fromDay, toDay }) =>
      Array.from({ length: toDay - fromDay }, (_, at) => `${register.registerId} ${fromDay + at}`),
    ),
  );
  for (const [at, { register, toDay, window, rules }] of computed.entries()) {
    const { registerId } = register;
    const span = spans[at];
    if (span === undefined) continue;
    const overlapping = (stored.get(registerId) ?? []).filter(
      (piece) => piece.fromMs < span.toMs && piece.toMs > span.fromMs,
    );
    const changes = replacePieces(overlapping, window, toDay * DAY_MS, rules.bridgeMaxMs);
    for (const fromMs of changes.remove) remove.set(`${registerId} ${fromMs}`, { registerId, fromMs });
    for (const piece of changes.add) add.set(`${registerId} ${piece.fromMs}`, { registerId, ...piece });
    for (const day of changes.followUpDays) {
      if (!computedDays.has(`${registerId} ${day}`))
        follow.set(`${registerId} ${day}`, { registerId, day, late: true });
    }
  }
  await replaceUnallocated(client, [...remove.values()], [...add.values()]);
  await putBack(client, [...follow.values()], 0);
}

function groupByRegister(pieces: readonly Unallocated[]): Map<number, Unallocated[]> {
  return Map.groupBy(pieces, (piece) => piece.registerId);
}

async function putBackFailed(
  client: PoolClient,
  failed: readonly FailedWindow[],
  poison: PoisonLedger,
): Promise<void> {
  for (const { register, fromDay, toDay } of failed) {
    const pairs = Array.from({ length: toDay - fromDay }, (_, at) => ({
      registerId: register.registerId,
      day: fromDay + at,
      late: true,
    }));
    await putBack(client, pairs, poison.heldForMs(register.registerId));
  }
}
