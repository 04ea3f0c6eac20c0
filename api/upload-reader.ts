// Reads the files of history that are kept: the one just sent at once, and whatever a process that died has left.
import { SECOND_MS, type TimeSource } from "#devices/time";
import { IMPORT_FORMATS, readHistory, type DecodedFile, type ImportFormat, type Progress } from "#ingest";
import {
  claimImport,
  claimNextImport,
  fileOf,
  finishImport,
  importTargetsByCode,
  importTargetsById,
  saveProgress,
  type ClaimedImport,
  type Pool,
} from "#store";

export type ImportReader = {
  /** Reads this one, unless another process has it in hand; resolves when that is done. Never throws. */
  readonly read: (id: number) => Promise<void>;
  /** Looks for files that nobody reads, now and every few seconds. */
  readonly start: () => void;
  /** Reads all that nobody reads. Never throws. */
  readonly look: () => Promise<void>;
  /** Resolves when nothing is under way; what is not finished by then is read again by the next process. */
  readonly close: () => Promise<void>;
};

export type ImportReaderOptions = {
  readonly pool: Pool;
  readonly time: TimeSource;
  readonly log: { readonly warn: (fields: object, message: string) => void };
  /** Lets so many read at once. */
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
};

const LOOK_EVERY_MS = 30 * SECOND_MS;
/** Often enough for a bar that moves. */
const PROGRESS_EVERY_MS = SECOND_MS / 2;

export function createImportReader({ pool, time, log, inTurn }: ImportReaderOptions): ImportReader {
  const stopping = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  async function readClaimed(claimed: ClaimedImport): Promise<void> {
    const decoded = await decode(claimed);
    await finishImport(pool, claimed, decoded);
  }

  async function decode(claimed: ClaimedImport): Promise<DecodedFile> {
    const { id, scope, supplyPointId } = claimed;
    const format = IMPORT_FORMATS.find((known) => known === claimed.format);
    if (format === undefined) return failed("format_unknown", "This format is not read any more.");
    const [target] = supplyPointId === null ? [] : await importTargetsById(pool, scope, [supplyPointId]);
    if (supplyPointId !== null && target === undefined) {
      return failed(
        "supply_point_lost",
        "You may not import for the chosen supply point any more: choose another one.",
      );
    }
    return readHistory(() => fileOf(pool, id), {
      format: format satisfies ImportFormat,
      target,
      targetsOf: (codes) => importTargetsByCode(pool, scope, codes),
      nowMs: scope.atMs,
      onProgress: progressOf(claimed),
    });
  }

  function progressOf(claimed: ClaimedImport): (progress: Progress) => Promise<void> {
    let toldMs = time.now();
    return async (progress) => {
      stopping.signal.throwIfAborted();
      const nowMs = time.now();
      if (nowMs >= toldMs && nowMs - toldMs < PROGRESS_EVERY_MS) return;
      toldMs = nowMs;
      if (!(await saveProgress(pool, claimed, progress))) throw new Error("another process reads the file");
    };
  }

  function tracked(work: () => Promise<void>): Promise<void> {
    const doing = inTurn(work)
      .catch((error: unknown) => {
        // Nothing is lost: the file is kept, and read again when this claim is over.
        if (!stopping.signal.aborted)
          log.warn({ err: error }, "reading a file of history was interrupted; it is begun again soon");
      })
      .finally(() => underWay.delete(doing));
    underWay.add(doing);
    return doing;
  }

  async function lookOnce(): Promise<void> {
    const found = { more: true };
    while (found.more && !stopping.signal.aborted) {
      await tracked(async () => {
        found.more = false;
        const claimed = await claimNextImport(pool, time.now());
        if (claimed === undefined) return;
        found.more = true;
        await readClaimed(claimed);
      });
    }
  }

  const look = (): Promise<void> => (looking ??= lookOnce().finally(() => (looking = undefined)));

  return {
    read: (id) =>
      tracked(async () => {
        const claimed = await claimImport(pool, id, time.now());
        if (claimed !== undefined) await readClaimed(claimed);
      }),
    start: () => {
      timer ??= setInterval(() => void look(), LOOK_EVERY_MS).unref();
      void look();
    },
    look,
    close: async () => {
      clearInterval(timer);
      stopping.abort(new Error("the process ends"));
      await looking;
      await Promise.all(underWay);
    },
  };
}

function failed(code: "format_unknown" | "supply_point_lost", detail: string) {
  return {
    days: [],
    rowsRead: 0,
    rowsRefused: 0,
    notes: [],
    errors: [{ line: 0, column: null, code, detail }],
  };
}
