// One transaction: claim stale days, compute their profiles, save them, put back what must wait.
//
// If it fails anywhere, nothing has happened: the claimed journal rows are there again, and the profiles are as before (I3).
import { DAY_MS } from "#devices/time";
import {
  shownDay,
  type DayChange,
  type JournalPair,
  type ProfileDay,
  type ProfileStore,
  type ProfileTransaction,
  type RegisterDecision,
  type SavedDay,
  type StaleDay,
  type Unallocated,
} from "#store";
import { packDay } from "../profile/day-row.ts";
import { decisionSpan, replaceDecisions, touchesSpan } from "../profile/decisions.ts";
import { slipFollowUp } from "../profile/follow-slips.ts";
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

/** Pairs claimed at once: as many as a batch computes. What is more of one commit is put back once, in rows that are claimed one by one. */
const CLAIMED_MAX = 1024;
/** A register that another worker holds is tried again after this. */
const LOCKED_DELAY_MS = 1000;

export async function computeBatch(
  store: ProfileStore,
  limits: BatchLimits,
  poison: PoisonLedger,
): Promise<BatchResult> {
  let taken: readonly StaleDay[] = [];
  try {
    const result = await store.transaction(async (transaction) => {
      const claimed = await transaction.claimJournal(CLAIMED_MAX);
      const plan = planBatch(claimed, limits, (registerId) => poison.heldForMs(registerId));
      for (const { delayMs, pairs } of plan.wait) await transaction.putBack(pairs, delayMs);
      taken = plan.compute;
      const { computedDays, failed } = await computeTaken(transaction, taken);
      for (const { register } of failed) poison.failed(register.registerId);
      await putBackFailed(transaction, failed, poison);
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
  transaction: ProfileTransaction,
  taken: readonly StaleDay[],
): Promise<{ computedDays: number; failed: FailedWindow[] }> {
  if (taken.length === 0) return { computedDays: 0, failed: [] };
  // Only readings committed before the lock are sure to be in an earlier holder's profile: so lock first, then read.
  const locked = await transaction.lockRegisters([...new Set(taken.map((pair) => pair.registerId))]);
  const held = taken.filter((pair) => !locked.has(pair.registerId));
  await transaction.putBack(held, LOCKED_DELAY_MS);
  const { computed, failed } = await computeProfiles(
    transaction,
    taken.filter((pair) => locked.has(pair.registerId)),
  );
  const days = computed.flatMap(({ register, fromDay, toDay, window }) =>
    Array.from({ length: toDay - fromDay }, (_, at) => ({
      registerId: register.registerId,
      ...packDay(window, fromDay + at),
    })),
  );
  const saved = new Map((await transaction.saveDays(days)).map((day) => [keyOf(day), day]));
  await transaction.noteEstimatesDue(days.map((day) => ({ ...day, isChanged: saved.has(keyOf(day)) })));
  await transaction.noteLoadChanges("measured", changesOf(days, saved, taken));
  const slipped = computed.map(({ fromDay, toDay, window, slips, rules }) =>
    slipFollowUp(
      slips,
      window.slipEdges,
      { fromMs: fromDay * DAY_MS, toMs: toDay * DAY_MS },
      rules.bridgeMaxMs,
    ),
  );
  await savePieces(transaction, computed, slipped);
  await saveChangedDecisions(transaction, computed);
  await followSlips(transaction, computed, slipped);
  return { computedDays: days.length, failed };
}

type SlipFollowUp = ReturnType<typeof slipFollowUp>;

async function savePieces(
  transaction: ProfileTransaction,
  computed: readonly ComputedWindow[],
  slipped: readonly SlipFollowUp[],
): Promise<void> {
  const spans = computed.map(({ register, toDay, window }) => ({
    registerId: register.registerId,
    ...pieceSpan(window, toDay * DAY_MS),
  }));
  const stored = groupByRegister(await transaction.listUnallocated(spans));
  // Two windows of a register may share a silence: each piece is removed and added once.
  const remove = new Map<string, Pick<Unallocated, "registerId" | "fromMs" | "cause">>();
  const add = new Map<string, Unallocated>();
  const follow = new Map<string, JournalPair>();
  const computedDays = new Set(
    computed.flatMap(({ register, fromDay, toDay }) =>
      Array.from({ length: toDay - fromDay }, (_, at) => `${register.registerId} ${fromDay + at}`),
    ),
  );
  // The other windows of these were computed without the edges that one of them found.
  const unsettled = new Set(
    computed.filter((_, at) => slipped[at] !== undefined).map(({ register }) => register.registerId),
  );
  for (const [at, { register, toDay, window, rules }] of computed.entries()) {
    const { registerId } = register;
    const span = spans[at];
    if (span === undefined) continue;
    const overlapping = (stored.get(registerId) ?? []).filter(
      (piece) => piece.fromMs < span.toMs && piece.toMs > span.fromMs,
    );
    const changes = replacePieces(overlapping, window, toDay * DAY_MS, rules.bridgeMaxMs);
    for (const { fromMs, cause } of changes.remove)
      remove.set(`${registerId} ${fromMs} ${cause}`, { registerId, fromMs, cause });
    for (const piece of changes.add)
      add.set(`${registerId} ${piece.fromMs} ${piece.cause}`, { registerId, ...piece });
    for (const day of changes.followUpDays) {
      if (unsettled.has(registerId) || !computedDays.has(`${registerId} ${day}`))
        follow.set(`${registerId} ${day}`, { registerId, day, late: true });
    }
  }
  await transaction.replaceUnallocated([...remove.values()], [...add.values()]);
  await transaction.putBack([...follow.values()], 0);
}

async function saveChangedDecisions(
  transaction: ProfileTransaction,
  computed: readonly ComputedWindow[],
): Promise<void> {
  const spans = computed.map(({ register, fromDay, toDay, decisions }) => ({
    registerId: register.registerId,
    ...decisionSpan(decisions, { fromMs: fromDay * DAY_MS, toMs: toDay * DAY_MS }),
  }));
  const stored = Map.groupBy(await transaction.listDecisions(spans), (decision) => decision.registerId);
  const remove = new Map<string, RegisterDecision>();
  const add = new Map<string, RegisterDecision>();
  const stepOf = ({ registerId, fromMs, toMs }: RegisterDecision) => `${registerId} ${fromMs} ${toMs}`;
  for (const [at, { register, fromDay, toDay, decisions }] of computed.entries()) {
    const { registerId } = register;
    const span = spans[at];
    if (span === undefined) continue;
    const touching = (stored.get(registerId) ?? []).filter((decision) => touchesSpan(decision, span));
    const window = { fromMs: fromDay * DAY_MS, toMs: toDay * DAY_MS };
    const changes = replaceDecisions(touching, decisions, window);
    for (const gone of changes.remove) {
      const decision = touching.find((one) => one.fromMs === gone.fromMs && one.toMs === gone.toMs);
      if (decision !== undefined) remove.set(stepOf(decision), decision);
    }
    for (const fresh of changes.add) {
      const decision = { registerId, ...fresh };
      add.set(stepOf(decision), decision);
    }
  }
  await transaction.saveDecisions([...remove.values()], [...add.values()]);
}

/** No day lies behind it. */
const LAST_DAY = Date.UTC(9999, 11, 31) / DAY_MS;

/**
 * Computes again what depends on edges of slips that were not known, also where it was computed just now without them: the window
 * that found them too, as another of its batch may have written over a piece of it.
 */
async function followSlips(
  transaction: ProfileTransaction,
  computed: readonly ComputedWindow[],
  slipped: readonly SlipFollowUp[],
): Promise<void> {
  for (const [at, { register, window }] of computed.entries()) {
    const { registerId, cause } = register;
    if (window.slipHeldMs !== undefined) {
      const day = Math.floor(window.slipHeldMs / DAY_MS);
      await transaction.putBack([{ registerId, day, late: true, cause }], 0);
    }
    const follow = slipped[at];
    if (follow === undefined) continue;
    const firstDay = Math.floor(follow.fromMs / DAY_MS);
    const endDay = Math.min(Math.floor(follow.toMs / DAY_MS) + 1, LAST_DAY);
    const days = await transaction.profileDays(registerId, firstDay, endDay);
    await transaction.putBack(
      days.map(({ day }) => ({ registerId, day, late: true, cause })),
      0,
    );
  }
}

/** Of days that showed something, measured or estimated, and show something else now. */
function changesOf(
  days: readonly ProfileDay[],
  saved: ReadonlyMap<string, SavedDay>,
  taken: readonly StaleDay[],
): DayChange[] {
  const causes = new Map(taken.map((pair) => [keyOf(pair), pair.cause]));
  return days.flatMap((fresh) => {
    const was = saved.get(keyOf(fresh));
    const before = shownDay(was?.before, was?.estimated);
    const after = shownDay(fresh, was?.estimated);
    if (was === undefined || before === undefined || after === undefined) return [];
    const { registerId, day, revision } = was;
    return [{ registerId, day, cause: causes.get(keyOf(fresh)) ?? "readings", before, after, revision }];
  });
}

function keyOf({ registerId, day }: { readonly registerId: number; readonly day: number }): string {
  return `${registerId} ${day}`;
}

function groupByRegister(pieces: readonly Unallocated[]): Map<number, Unallocated[]> {
  return Map.groupBy(pieces, (piece) => piece.registerId);
}

async function putBackFailed(
  transaction: ProfileTransaction,
  failed: readonly FailedWindow[],
  poison: PoisonLedger,
): Promise<void> {
  for (const { register, fromDay, toDay } of failed) {
    const pairs = Array.from({ length: toDay - fromDay }, (_, at) => ({
      registerId: register.registerId,
      day: fromDay + at,
      late: true,
    }));
    await transaction.putBack(pairs, poison.heldForMs(register.registerId));
  }
}
