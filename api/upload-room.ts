// How much of uploads is in memory at once, and how many files are read at once: bounded, whoever sends and however slowly.
import { KoproError } from "#devices/error";

export type UploadRoom = {
  /** @throws KoproError `too_many_requests` when so many of the account are on their way. */
  readonly enter: (accountId: number) => Place;
  /** Does the work in its turn; what has arrived waits instead of being sent again. */
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
};

/** Of one upload, from its first byte until it is an import. */
export type Place = {
  /** @throws KoproError `too_many_requests` when the memory for uploads is full. */
  readonly take: (bytes: number) => void;
  readonly leave: () => void;
};

/** With 64 MB each, an account alone cannot fill the memory that there is for all. */
const PER_ACCOUNT_MAX = 2;
const HELD_MAX_BYTES = 256 * 1024 * 1024;
/** Each with about as much of packed days as its file is large. */
const READ_AT_ONCE_MAX = 4;
const RETRY_AFTER_S = 10;

export function createUploadRoom(): UploadRoom {
  const perAccount = new Map<number, number>();
  const waiting: (() => void)[] = [];
  let heldBytes = 0;
  let readingCount = 0;

  return {
    enter: (accountId) => {
      const others = perAccount.get(accountId) ?? 0;
      if (others >= PER_ACCOUNT_MAX) throw full(`${PER_ACCOUNT_MAX} of your files are on their way`);
      perAccount.set(accountId, others + 1);
      let ownBytes = 0;
      return {
        take: (bytes) => {
          if (heldBytes + bytes > HELD_MAX_BYTES) throw full("Too many files are on their way");
          ownBytes += bytes;
          heldBytes += bytes;
        },
        leave: () => {
          heldBytes -= ownBytes;
          const left = (perAccount.get(accountId) ?? 1) - 1;
          if (left > 0) perAccount.set(accountId, left);
          else perAccount.delete(accountId);
        },
      };
    },
    inTurn: async (work) => {
      if (readingCount < READ_AT_ONCE_MAX) readingCount++;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        // Whose turn comes takes over the place: the count stays.
        const next = waiting.shift();
        if (next === undefined) readingCount--;
        else next();
      }
    },
  };
}

function full(what: string): KoproError {
  return new KoproError("too_many_requests", `${what} at this moment; wait ${RETRY_AFTER_S} s.`, {
    extra: { retryAfterS: RETRY_AFTER_S },
  });
}
