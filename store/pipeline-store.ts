// What the pipeline needs of a store: ingest to commit what came, the workers to keep profiles of it. PostgreSQL is one
// (`postgresStore`); what both promise is told here.
import type { Fact } from "#devices/reading";
import type { OwnRequest } from "./commands/request-of-device.ts";
import type { EstimatedDay, EstimateWork, StoredDay } from "./estimates/estimates.ts";
import type { DayChange, LoadLayer } from "./estimates/load-changes.ts";
import type { OutsideHour } from "./estimates/outside-hours.ts";
import type { BeyondNeed, DeviceSpan, IndexValue, ValuesByRegister } from "./profiles/index-values.ts";
import type { JournalPair, StaleDay } from "./profiles/journal.ts";
import type { ProfileDay, RegisterSpan, SavedDay, Unallocated } from "./profiles/save-profile.ts";
import type { Child } from "./readings/children.ts";
import type { StoredFact } from "./readings/device-facts.ts";
import type { NeededLayouts, NeededRegisters, StoredLayout, StoredRegister } from "./readings/registers.ts";
import type { ReadingBatch, Retry, StoredBatch } from "./readings/store-batch.ts";
import type { RegisterDecision, UnitSlipEdge } from "./rulings/decisions.ts";
import type { StoredRuling } from "./rulings/rulings.ts";

/**
 * For ingest. Each call is a transaction of its own. What it throws is sorted by `storeFailureOf`: the data's fault, or the
 * store's, after which the same call again does no harm, whether the first one happened or not.
 */
export type IngestStore = {
  readonly loadRegisters: (deviceIds: readonly number[]) => Promise<StoredRegister[]>;
  /** Creates and assigns those that the devices lack, up to `registersMax` of each; returns all that these devices have. */
  readonly createRegisters: (
    needs: readonly NeededRegisters[],
    registersMax: number,
  ) => Promise<StoredRegister[]>;
  readonly loadLayouts: (deviceIds: readonly number[]) => Promise<StoredLayout[]>;
  /** Creates those that the devices lack, up to `layoutsMax` of each; returns all that these devices have. */
  readonly createLayouts: (needs: readonly NeededLayouts[], layoutsMax: number) => Promise<StoredLayout[]>;
  /** By key. */
  readonly loadFacts: (deviceIds: readonly number[]) => Promise<StoredFact[]>;
  /** Replaces by key, takes off where the value is "", leaves out new keys beyond `factsMax`; returns all of the device. */
  readonly saveFacts: (deviceId: number, facts: readonly Fact[], factsMax: number) => Promise<StoredFact[]>;
  /** The claimed devices behind these gateways. */
  readonly loadChildren: (gatewayIds: readonly number[]) => Promise<Child[]>;
  /** Gives them what waits in quarantine as unclaimed, to be read again; how many messages. */
  readonly adoptClaimed: (gatewayIds: readonly number[]) => Promise<number>;
  /** By device, when it was heard last. */
  readonly markSeen: (seenAtMs: ReadonlyMap<number, number>) => Promise<void>;
  /** By device, how far its clock runs ahead, and when that was measured. */
  readonly markClockSkew: (
    skews: ReadonlyMap<number, { readonly aheadMs: number; readonly atMs: number }>,
  ) => Promise<void>;
  /** Once, while the same waits. */
  readonly requestOfDevice: (request: OwnRequest) => Promise<void>;
  /** Resolves when every message of the batch is committed, as readings with their journal row or in quarantine. */
  readonly storeBatch: (batch: ReadingBatch, retry: Retry) => Promise<StoredBatch>;
};

/** For the workers that keep profiles. */
export type ProfileStore = {
  /** All of `work` happens, or nothing of it: if it throws, or its process dies before the commit. */
  readonly transaction: <T>(work: (transaction: ProfileTransaction) => Promise<T>) => Promise<T>;
  /** Notes yesterday of registers that fell silent since `sinceDay`. */
  readonly noteSilent: (sinceDay: number) => Promise<void>;
  /** `day` is over: notes the estimates that look so far, and those of gas and heat that follow the weather. */
  readonly noteDayOver: (day: number) => Promise<void>;
};

/** What a worker does in one transaction; days are UTC days from 1970. */
export type ProfileTransaction = {
  /**
   * Takes as many due rows as hold `pairsMax` pairs, and one at least; each pair once, by device, day and register. No other worker has
   * them meanwhile.
   */
  readonly claimJournal: (pairsMax: number) => Promise<StaleDay[]>;
  /** Due again in `delayMs`. */
  readonly putBack: (pairs: readonly JournalPair[], delayMs: number) => Promise<void>;
  /** Those that no other worker holds, until the transaction ends. Waits for nobody. */
  readonly lockRegisters: (registerIds: readonly number[]) => Promise<Set<number>>;
  readonly indexValues: (
    spans: readonly DeviceSpan[],
    registerIds: readonly number[],
  ) => Promise<Map<number, IndexValue[]>>;
  readonly indexValuesBeyond: (needs: readonly BeyondNeed[]) => Promise<ValuesByRegister[]>;
  /** Those in force, oldest first. */
  readonly listRulings: (registerIds: readonly number[]) => Promise<StoredRuling[]>;
  /** Returns the days that are new, or of which a byte changed; only then their revision grows. */
  readonly saveDays: (days: readonly ProfileDay[]) => Promise<SavedDay[]>;
  readonly listUnallocated: (spans: readonly RegisterSpan[]) => Promise<Unallocated[]>;
  readonly replaceUnallocated: (
    remove: readonly Pick<Unallocated, "registerId" | "fromMs" | "cause">[],
    add: readonly Unallocated[],
  ) => Promise<void>;
  readonly listDecisions: (spans: readonly RegisterSpan[]) => Promise<RegisterDecision[]>;
  /**
   * By which the unit of a register slips within each span, and by which it is the right one again (`SLIP_RULES`), with
   * `SLIP_EDGES_AROUND` before and behind it; oldest first.
   */
  readonly listUnitSlips: (spans: readonly RegisterSpan[]) => Promise<UnitSlipEdge[]>;
  readonly saveDecisions: (
    remove: readonly Pick<RegisterDecision, "registerId" | "fromMs" | "toMs">[],
    add: readonly RegisterDecision[],
  ) => Promise<void>;
  readonly noteLoadChanges: (layer: LoadLayer, changes: readonly DayChange[]) => Promise<void>;
  /** Of days just saved that are over: those that have a gap, or had one, and where they changed the estimates that look so far. */
  readonly noteEstimatesDue: (
    days: readonly (ProfileDay & { readonly isChanged: boolean })[],
  ) => Promise<void>;
  /** Takes what is due of at most `registersMax` registers. */
  readonly claimEstimates: (registersMax: number) => Promise<EstimateWork[]>;
  readonly noteEstimatesAgain: (
    work: Pick<EstimateWork, "registerId" | "days">,
    delayMs: number,
  ) => Promise<void>;
  /** What was measured in [fromDay, toDay), in order. */
  readonly profileDays: (registerId: number, fromDay: number, toDay: number) => Promise<StoredDay[]>;
  /** A reading an hour of each register that hangs outside the building, in [fromDay, toDay). */
  readonly outsideHours: (buildingId: number, fromDay: number, toDay: number) => Promise<OutsideHour[]>;
  /** Returns what was there of days whose values changed; only then their revision grows. */
  readonly saveEstimates: (registerId: number, days: readonly EstimatedDay[]) => Promise<StoredDay[]>;
};

export type PipelineStore = IngestStore & ProfileStore;
