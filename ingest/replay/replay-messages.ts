// Reads messages out of quarantine again, through the pipeline that refused them, with what is known today.
import type { Logger } from "pino";
import { decoderFor } from "#devices/profiles/index";
import type { TimeSource } from "#devices/time";
import {
  connectorClients,
  loadFacts,
  storedValues,
  type Pool,
  type ReplayMessage,
  type StoredValues,
  postgresStore,
} from "#store";
import { decodeMessage, type DecoderMemory, type DecoderOf } from "../decode-message.ts";
import { createIngest } from "../ingest.ts";
import { NO_DEVICE, type IngestMessage } from "../message.ts";

export type ReplayOptions = {
  readonly pool: Pool;
  readonly time: TimeSource;
  readonly log: Logger;
  /** Called after a commit that made profiles stale. Must not throw. */
  readonly wake?: () => void;
  /** The decoders known, for tests that bring their own. */
  readonly decoderOf?: DecoderOf;
};

export type ReplayCount = {
  /** Committed: as readings, or in quarantine for the reason found now. */
  readonly read: number;
  readonly refused: number;
};

/** Batches one after the other: what comes later in quarantine never overtakes what it may lean on. */
const LIMITS = { writersMax: 1 };

/**
 * Resolves when each message is committed, or at the signal: what is not committed then stays as it was in quarantine.
 * The pipeline is made anew each time, so that it knows the registers and devices as they are now.
 */
export async function replayMessages(
  options: ReplayOptions,
  messages: readonly ReplayMessage[],
  signal: AbortSignal,
): Promise<ReplayCount> {
  const { pool, time, log, wake = () => undefined, decoderOf = decoderFor } = options;
  const ready = await withStored(pool, decoderOf, messages);
  const ingest = createIngest({
    store: postgresStore(pool),
    time,
    log,
    wake,
    decoderOf,
    limits: LIMITS,
    instance: "replay",
  });
  let read = 0;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const end = () => resolve(undefined);
  signal.addEventListener("abort", end);
  if (signal.aborted || ready.length === 0) end();
  else {
    for (const message of ready) {
      ingest.accept(message, () => {
        read += 1;
        if (read === ready.length) end();
      });
    }
  }
  await promise;
  signal.removeEventListener("abort", end);
  await ingest.close(signal.aborted ? 0 : undefined);
  const refused = Object.values(ingest.metrics.quarantined).reduce((sum, count) => sum + count, 0);
  return { read, refused };
}

async function withStored(
  pool: Pool,
  decoderOf: DecoderOf,
  messages: readonly ReplayMessage[],
): Promise<IngestMessage[]> {
  const ready: IngestMessage[] = [];
  const kept = await keptElsewhere(pool, messages);
  const all = messages.map((row) => ({ ...messageOf(row), old: kept.has(row.id) }));
  for (const [deviceId, plain] of Map.groupBy(all, ({ device }) => device.id)) {
    const facts = new Map((await loadFacts(pool, [deviceId])).map(({ key, value }) => [key, value]));
    const memory = { facts, recent: new Map<string, unknown>() };
    const instants = new Set(plain.flatMap((message) => instantsOf(decoderOf, message, memory)));
    const stored = await storedValues(pool, deviceId, instants);
    ready.push(...plain.map((message) => ({ ...message, isStored: knownTo(stored, message) })));
  }
  return ready;
}

/**
 * Those that a broker of somebody else kept and delivered on subscribing: when they arrived says nothing of when they were true.
 * A publish that was retained on our own broker was new.
 */
async function keptElsewhere(pool: Pool, messages: readonly ReplayMessage[]): Promise<ReadonlySet<number>> {
  const retained = messages.filter((message) => message.retained);
  const clients = retained.map(({ id, clientId }) => ({ id, clientId: clientId.toString("utf8") }));
  // No connector is called so, and no text column takes it.
  const askable = clients.filter(({ clientId }) => !clientId.includes("\0"));
  const sessions = await connectorClients(pool, [...new Set(askable.map(({ clientId }) => clientId))]);
  return new Set(askable.filter(({ clientId }) => sessions.has(clientId)).map(({ id }) => id));
}

function messageOf(row: ReplayMessage): IngestMessage {
  const { id, device, clientId, topic, payload, retained, receivedAtMs } = row;
  return {
    device: device ?? NO_DEVICE,
    clientId,
    topic: topic.toString("utf8"),
    payload,
    qos: 1,
    retained,
    receivedAtMs,
    replayOf: id,
  };
}

/** At which instants the message may have left readings. One that cannot be read at all left none. */
function instantsOf(decoderOf: DecoderOf, message: IngestMessage, memory: DecoderMemory): number[] {
  try {
    const { observations } = decodeMessage(decoderOf, message, memory);
    const instants = observations.map(({ observedAtMs }) => instantOf(observedAtMs, message));
    return instants.filter((instant) => Math.abs(instant) <= LATEST_INSTANT_MS);
  } catch {
    // A fault of ours: the pipeline meets it again, says so in the log and puts it into the row.
    return [];
  }
}

/** Beyond what PostgreSQL holds, and any clock that is not refused. */
const LATEST_INSTANT_MS = Date.UTC(9999, 0, 1);

/** As `judge` does it. */
function instantOf(observedAtMs: number | undefined, { receivedAtMs }: IngestMessage): number {
  return Math.round(observedAtMs ?? receivedAtMs);
}

function knownTo(stored: StoredValues, message: IngestMessage): NonNullable<IngestMessage["isStored"]> {
  return ({ register, observedAtMs, value }) => stored.has(register, instantOf(observedAtMs, message), value);
}
