// Reads again what somebody marked in quarantine: soon after he did, and whatever an earlier process left undone.
//
//   marked ──claim, for a minute──▶ pipeline ──commit──▶ readings, and the row says when
//      ▲                               └─────commit──▶ still in quarantine, with the reason found now
//      └── the minute is over: its process died, or the store was away
import { SECOND_MS } from "#devices/time";
import { claimReplay, claimReplays } from "#store";
import { replayMessages, type ReplayOptions } from "./replay-messages.ts";

export type Replayer = {
  /** Looks for marked messages at once, and from now on every few seconds: other processes mark them too. */
  readonly start: () => void;
  /** Looks for marked messages, soon. Never throws. */
  readonly wake: () => void;
  /**
   * Reads one message again, marked or not, and resolves when that is committed: `tried`; or when the store took it in
   * `withinMs`: `unfinished`, it is tried again in the background. `refused`: it was read again already, or its device is gone.
   */
  readonly replay: (id: number, withinMs?: number) => Promise<"tried" | "unfinished" | "refused">;
  /** Resolves when nothing is under way; what is not committed by then stays marked. */
  readonly close: () => Promise<void>;
};

const LOOK_EVERY_MS = 5 * SECOND_MS;
/** Per claim. In far less than the minute for which it holds. */
const AT_ONCE = { messagesMax: 200, bytesMax: 8 * 1024 * 1024 };
const ONE_WITHIN_MS = 10 * SECOND_MS;

export type ReplayerOptions = ReplayOptions & {
  readonly lookEveryMs?: number;
  /** After how long another process takes over what one has in hand. */
  readonly leaseS?: number;
};

/** Does nothing until it is started, woken or asked for one message; several processes may have one. */
export function createReplayer(options: ReplayerOptions): Replayer {
  const { pool, log, lookEveryMs = LOOK_EVERY_MS, leaseS } = options;
  const bounds = leaseS === undefined ? AT_ONCE : { ...AT_ONCE, leaseS };
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let wanted = false;
  let timer: NodeJS.Timeout | undefined;
  const underWay = new Set<Promise<unknown>>();

  async function drain(): Promise<void> {
    let read = 0;
    let refused = 0;
    try {
      while (!stopping.signal.aborted) {
        wanted = false;
        const { messages, last } = await claimReplays(pool, bounds);
        if (last && !wanted) break;
        const count = await replayMessages(options, messages, stopping.signal);
        read += count.read;
        refused += count.refused;
      }
    } catch (error) {
      // Nothing is lost: what is marked stays marked.
      log.warn({ err: error }, "reading quarantine again was interrupted; it goes on soon");
    }
    if (read > 0) log.info({ read, refused }, "read messages in quarantine again");
  }

  const wake = (): void => {
    wanted = true;
    if (stopping.signal.aborted) return;
    running ??= drain().finally(() => {
      running = undefined;
      // Somebody marked more while the last look was ending.
      if (wanted) wake();
    });
  };

  async function replay(id: number, withinMs = ONE_WITHIN_MS): Promise<"tried" | "unfinished" | "refused"> {
    const message = await claimReplay(pool, id);
    if (message === undefined) return "refused";
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(withinMs)]);
    const { read } = await replayMessages(options, [message], signal);
    return read === 1 ? "tried" : "unfinished";
  }

  return {
    start: () => {
      timer ??= setInterval(wake, lookEveryMs).unref();
      wake();
    },
    wake,
    replay: (id, withinMs) => {
      const trying = replay(id, withinMs).finally(() => underWay.delete(trying));
      underWay.add(trying);
      return trying;
    },
    close: async () => {
      stopping.abort();
      clearInterval(timer);
      await Promise.allSettled([...underWay, running ?? Promise.resolve()]);
    },
  };
}
