// Quarantine in memory: what could not be used, byte for byte, once; and what becomes of it when it is read again.
import {
  keptMessage,
  type KeptMessage,
  type QuarantineRow,
  type RawMessage,
} from "../readings/quarantine.ts";
import type { MemoryDirectory } from "./memory-directory.ts";

export type MemoryKept = KeptMessage & {
  readonly id: number;
  replayed: boolean;
  /** Somebody asked to read it again. */
  replayRequestedAtMs: number | undefined;
};

export class MemoryQuarantine {
  readonly #directory: MemoryDirectory;
  readonly rows: MemoryKept[] = [];

  constructor(directory: MemoryDirectory) {
    this.#directory = directory;
  }

  /** Throws before anything is written where a device is not known. */
  write(rows: readonly QuarantineRow[], nowMs: number): void {
    const kept = rows.map((row) => ({ ...keptMessage(row), replayOf: row.message.replayOf }));
    for (const { deviceId } of kept) if (deviceId !== null) this.#directory.requireDevice(deviceId);
    // An attempt whose answer was lost may have written them; within one attempt each is one.
    const before = [...this.rows];
    for (const { replayOf, ...row } of kept) {
      if (replayOf !== undefined) this.#refuseAgain(replayOf, row, nowMs);
      else if (!before.some((known) => isSame(known, row))) this.#add(row);
    }
  }

  /** They are out of quarantine. */
  settle(messages: readonly RawMessage[]): void {
    for (const { replayOf, device } of messages) {
      this.#change(replayOf, (row) => ({
        ...row,
        deviceId: device.id,
        externalId: null,
        replayed: true,
        replayRequestedAtMs: undefined,
      }));
    }
  }

  /** Gives claimed devices what was kept as unclaimed; how many messages. */
  adopt(gatewayIds: readonly number[], nowMs: number): number {
    let adopted = 0;
    for (const { externalId, device } of this.#directory.childrenOf(gatewayIds)) {
      for (const { id, ...row } of this.rows) {
        const isStranded =
          row.reason === "device_unclaimed" &&
          !row.replayed &&
          row.externalId === externalId &&
          row.deviceId === device.parentId;
        if (!isStranded) continue;
        adopted += 1;
        const owner = { deviceId: device.id, externalId: null, profile: device.profile };
        this.#change(id, (was) => ({ ...was, ...owner, replayRequestedAtMs: nowMs }));
      }
    }
    return adopted;
  }

  #add(row: KeptMessage): void {
    this.rows.push({ id: this.rows.length + 1, ...row, replayed: false, replayRequestedAtMs: undefined });
  }

  /** A request that came while the attempt was under way (a lease is in the future) stays. */
  #refuseAgain(id: number, row: KeptMessage, nowMs: number): void {
    this.#change(id, (was) => ({
      ...was,
      deviceId: row.deviceId ?? was.deviceId,
      externalId: row.externalId,
      profile: row.profile,
      reason: row.reason,
      detail: row.detail,
      replayed: false,
      replayRequestedAtMs:
        (was.replayRequestedAtMs ?? Infinity) <= nowMs ? was.replayRequestedAtMs : undefined,
    }));
  }

  #change(id: number | undefined, changed: (row: MemoryKept) => MemoryKept): void {
    const place = this.rows.findIndex((row) => row.id === id);
    const row = this.rows[place];
    if (row !== undefined) this.rows[place] = changed(row);
  }
}

function isSame(one: KeptMessage, other: KeptMessage): boolean {
  return (
    one.deviceId === other.deviceId &&
    one.receivedAtMs === other.receivedAtMs &&
    one.reason === other.reason &&
    one.topic.equals(other.topic) &&
    one.payload.equals(other.payload)
  );
}
