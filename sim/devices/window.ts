// So many unacknowledged at once and no more: a broker holds back its answer to a ping behind about fifty of them.

export type Window = {
  /** Counts the promise in; resolves when there is room for another. */
  add(acknowledged: Promise<void>): Promise<void>;
  /** Resolves when all have settled; rejects with the first failure there was. */
  drain(): Promise<void>;
};

export function createWindow(max: number): Window {
  let open = 0;
  let failure: unknown;
  let waiting: { readonly below: number; readonly resume: () => void }[] = [];
  const settled = () => {
    open--;
    const woken = waiting.filter(({ below }) => open < below);
    waiting = waiting.filter(({ below }) => open >= below);
    for (const { resume } of woken) resume();
  };
  const until = async (below: number) => {
    if (open >= below) await new Promise<void>((resume) => waiting.push({ below, resume }));
    if (failure !== undefined) throw failure;
  };
  return {
    add: (acknowledged) => {
      open++;
      acknowledged.then(settled, (error: unknown) => {
        failure ??= error;
        settled();
      });
      return until(max);
    },
    drain: () => until(1),
  };
}
