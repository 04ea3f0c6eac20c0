// Which imports were asked to be written from this tab: a page that is reloaded meanwhile asks again, which changes nothing twice.

const KEY = "koprogo.committing";

export function rememberCommit(id: string): void {
  write(id);
}

export function forgetCommit(): void {
  write(undefined);
}

export function wasAsked(id: string): boolean {
  try {
    return sessionStorage.getItem(KEY) === id;
  } catch {
    return false; // Storage may be forbidden: whoever reloads then presses once more.
  }
}

function write(id: string | undefined): void {
  try {
    if (id === undefined) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, id);
  } catch {
    return; // As above.
  }
}
