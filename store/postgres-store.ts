// The pipeline's store on PostgreSQL: its queries, bound to a pool or to a transaction.
import { requestOfDevice } from "./commands/request-of-device.ts";
import {
  claimEstimates,
  noteDayOver,
  noteEstimatesAgain,
  noteEstimatesDue,
  noteSilent,
  profileDays,
  saveEstimates,
} from "./estimates/estimates.ts";
import { noteLoadChanges } from "./estimates/load-changes.ts";
import { outsideHours } from "./estimates/outside-hours.ts";
import type { PipelineStore, ProfileTransaction } from "./pipeline-store.ts";
import { inTransaction, type Pool, type PoolClient } from "./pool.ts";
import { indexValues, indexValuesBeyond } from "./profiles/index-values.ts";
import { claimJournal, putBack } from "./profiles/journal.ts";
import { WaitingPairs } from "./profiles/waiting-pairs.ts";
import { listUnallocated, lockRegisters, replaceUnallocated, saveDays } from "./profiles/save-profile.ts";
import { adoptClaimed, loadChildren } from "./readings/children.ts";
import { markClockSkew } from "./readings/clock-skew.ts";
import { loadFacts, saveFacts } from "./readings/device-facts.ts";
import { markSeen } from "./readings/presence.ts";
import { createLayouts, createRegisters, loadLayouts, loadRegisters } from "./readings/registers.ts";
import { storeBatch } from "./readings/commit-batch.ts";
import { listDecisions, listUnitSlips, saveDecisions } from "./rulings/decisions.ts";
import { listRulings } from "./rulings/rulings.ts";

export function postgresStore(pool: Pool): PipelineStore {
  const waiting = new WaitingPairs();
  return {
    loadRegisters: (deviceIds) => loadRegisters(pool, deviceIds),
    createRegisters: (needs, registersMax) => createRegisters(pool, needs, registersMax),
    loadLayouts: (deviceIds) => loadLayouts(pool, deviceIds),
    createLayouts: (needs, layoutsMax) => createLayouts(pool, needs, layoutsMax),
    loadFacts: (deviceIds) => loadFacts(pool, deviceIds),
    saveFacts: (deviceId, facts, factsMax) => saveFacts(pool, deviceId, facts, factsMax),
    loadChildren: (gatewayIds) => loadChildren(pool, gatewayIds),
    adoptClaimed: (gatewayIds) => adoptClaimed(pool, gatewayIds),
    markSeen: (seenAtMs) => markSeen(pool, seenAtMs),
    markClockSkew: (skews) => markClockSkew(pool, skews),
    requestOfDevice: (request) => requestOfDevice(pool, request),
    storeBatch: (batch, retry) => storeBatch(pool, batch, retry),
    transaction: (work) => inTransaction(pool, (client) => work(profileTransaction(client, waiting))),
    noteSilent: (sinceDay) => noteSilent(pool, sinceDay),
    noteDayOver: (day) => noteDayOver(pool, day),
  };
}

function profileTransaction(client: PoolClient, waiting: WaitingPairs): ProfileTransaction {
  return {
    claimJournal: (pairsMax) => claimJournal(client, pairsMax, waiting),
    putBack: (pairs, delayMs) => putBack(client, pairs, delayMs, waiting),
    lockRegisters: (registerIds) => lockRegisters(client, registerIds),
    indexValues: (spans, registerIds) => indexValues(client, spans, registerIds),
    indexValuesBeyond: (needs) => indexValuesBeyond(client, needs),
    listRulings: (registerIds) => listRulings(client, registerIds),
    saveDays: (days) => saveDays(client, days),
    listUnallocated: (spans) => listUnallocated(client, spans),
    replaceUnallocated: (remove, add) => replaceUnallocated(client, remove, add),
    listDecisions: (spans) => listDecisions(client, spans),
    listUnitSlips: (spans) => listUnitSlips(client, spans),
    saveDecisions: (remove, add) => saveDecisions(client, remove, add),
    noteLoadChanges: (layer, changes) => noteLoadChanges(client, layer, changes),
    noteEstimatesDue: (days) => noteEstimatesDue(client, days),
    claimEstimates: (registersMax) => claimEstimates(client, registersMax),
    noteEstimatesAgain: (work, delayMs) => noteEstimatesAgain(client, work, delayMs),
    profileDays: (registerId, fromDay, toDay) => profileDays(client, registerId, fromDay, toDay),
    outsideHours: (buildingId, fromDay, toDay) => outsideHours(client, buildingId, fromDay, toDay),
    saveEstimates: (registerId, days) => saveEstimates(client, registerId, days),
  };
}
