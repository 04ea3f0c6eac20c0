// Keeps a page fresh while somebody looks at it: every half minute, and at once when its tab comes back.
import { untrack } from "svelte";
import { now } from "../time/now.svelte.ts";

const REFRESH_MS = 30_000;

/** For a component's initialisation; `refresh` runs from the second beat on, as the first load is the component's own. */
export function whileVisible(refresh: () => void): void {
  let last = Math.floor(now.ms / REFRESH_MS);
  const again = (): void => {
    if (!document.hidden) refresh();
  };
  $effect(() => {
    const beat = Math.floor(now.ms / REFRESH_MS);
    if (beat === last) return;
    last = beat;
    untrack(again);
  });
  $effect(() => {
    document.addEventListener("visibilitychange", again);
    return () => document.removeEventListener("visibilitychange", again);
  });
}
