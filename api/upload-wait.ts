// How long the answer to an upload waits for the reading of its file: RFC 7240, `Prefer: wait=S` or `respond-async`.
import { SECOND_MS } from "#devices/time";

/** What is read by then is answered with its preview. */
const WAIT_MS = 20 * SECOND_MS;
const WAIT_MAX_S = 60;

/** In ms. What is not understood is as if it were not there [RFC 7240, 2]. */
export function uploadWaitMs(prefer: string | readonly string[] | undefined): number {
  const preferences = String(prefer ?? "")
    .split(",")
    .map((one) => one.trim().toLowerCase());
  if (preferences.includes("respond-async")) return 0;
  const wait = preferences.map((one) => /^wait=(\d{1,4})$/.exec(one)?.[1]).find((one) => one !== undefined);
  return wait === undefined ? WAIT_MS : Math.min(Number(wait), WAIT_MAX_S) * SECOND_MS;
}
