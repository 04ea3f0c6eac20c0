// Waiting as a parameter, beside the clock (`TimeSource`): tests and the simulator bring timers that take no time.

/** Each returns what calls it off. */
export type Timers = {
  /** Once, when `ms` are over; the process does not end before. */
  readonly after: (ms: number, work: () => void) => () => void;
  /** Again and again, every `ms`; the process does not wait for it. */
  readonly every: (ms: number, work: () => void) => () => void;
};

export const systemTimers: Timers = {
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  every: (ms, work) => {
    const timer = setInterval(work, ms).unref();
    return () => clearInterval(timer);
  },
};

/** Resolves when `ms` are over; rejects with the signal's reason, should it be aborted before. */
export function sleep(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const aborted = () => {
      callOff();
      reject(signal.reason);
    };
    const callOff = timers.after(ms, () => {
      signal.removeEventListener("abort", aborted);
      resolve();
    });
    signal.addEventListener("abort", aborted, { once: true });
  });
}

/** Resolves when `work` is done or `ms` are over, whichever is first; rejects as `work` does. */
export async function within(timers: Timers, ms: number, work: Promise<unknown>): Promise<void> {
  let callOff = () => {};
  const over = new Promise<void>((resolve) => (callOff = timers.after(ms, resolve)));
  try {
    await Promise.race([work, over]);
  } finally {
    callOff();
  }
}
