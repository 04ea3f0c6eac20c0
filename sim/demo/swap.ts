// The demo's swapped meter: recorded as a coordinator would from the technician's note, once the readings of both meters are there.
import { SECOND_MS } from "#devices/time";
import { pause } from "../devices/telling.ts";
import type { ApiClient } from "../portfolio/api-client.ts";
import type { RegisteredSite } from "../portfolio/register-site.ts";

type Swap = {
  readonly state: "suspected" | "recorded";
  readonly at: string;
  readonly name: string;
  readonly oldRegisterId: string;
  readonly newRegisterId: string;
};

const ASK_AGAIN_MS = 3 * SECOND_MS;

/** Resolves with the names of the buildings in which it recorded one now. */
export async function ensureSwaps(
  sites: readonly RegisteredSite[],
  coordinator: ApiClient,
  stop: AbortSignal,
): Promise<string[]> {
  const recorded: string[] = [];
  for (const site of sites) {
    if (site.site.swap !== undefined && (await ensureSwap(site, coordinator, stop)))
      recorded.push(site.site.plan.name);
  }
  return recorded;
}

/** The same swap posted again changes nothing. */
async function ensureSwap(
  { site: { swap }, supplyPointIds }: RegisteredSite,
  coordinator: ApiClient,
  stop: AbortSignal,
): Promise<boolean> {
  if (swap === undefined) return false;
  const path = `/v1/supply-points/${supplyPointIds.get("electricity")}`;
  while (!stop.aborted) {
    const swaps = await coordinator.list<Swap>(`${path}/swaps`);
    const here = swaps.filter(({ at }) => Date.parse(at) === swap.atMs);
    if (here.some(({ state }) => state === "recorded")) return false;
    const registers = here.flatMap(({ name, oldRegisterId, newRegisterId }) => {
      const read = swap.indices.get(name);
      if (read === undefined) return [];
      return [{ oldRegisterId, newRegisterId, closingIndex: read.closing, openingIndex: read.opening }];
    });
    if (registers.length === swap.indices.size) {
      const reason = "Compteur remplacé par le gestionnaire de réseau";
      const at = new Date(swap.atMs).toISOString();
      await coordinator.send("POST", `${path}/meter-swaps`, { at, registers, reason });
      return true;
    }
    // The last days of the device are still being told: the first reading of the new meter is another one yet.
    await pause(ASK_AGAIN_MS, stop);
  }
  return false;
}
