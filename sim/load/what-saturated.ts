// Says in words what a load ran into, from who used how much of the machine meanwhile.
import type { Usage } from "./usage.ts";

/** A process of Node's does its work on one core; beyond this it has no time left. */
const CORE_FULL = 0.9;
const MACHINE_FULL = 0.95;
const DISK_FULL = 0.9;
/** A generator that is later than this measures itself. */
const LATE_MAX_MS = 250;
/** The journal is behind when it falls back by more than this between the first and the last third. */
const LAG_GROWN_S = 10;

export type Generator = { readonly processes: number; readonly lateMs: number };

/** Empty where nothing of what is looked at was full. */
export function whatSaturated(usage: Usage, generator: Generator): string[] {
  const { cores, machineCores, diskBusy, journalLagS } = usage;
  const found: string[] = [];
  const busy = Object.values(cores).reduce((sum, used) => sum + used, 0);
  const shares = Object.entries(cores)
    .toSorted(([, a], [, b]) => b - a)
    .map(([who, used]) => `${who} ${used.toFixed(2)}`)
    .join(", ");
  if (busy >= MACHINE_FULL * machineCores) found.push(`CPU of the machine, ${machineCores} cores: ${shares}`);
  for (const who of ["broker", "analytics", "api"] as const) {
    if (cores[who] >= CORE_FULL)
      found.push(`CPU of ${who}: ${cores[who].toFixed(2)} of the one core that it can use`);
  }
  if (cores.generator >= CORE_FULL * generator.processes || generator.lateMs > LATE_MAX_MS) {
    found.push(
      `the generator: ${cores.generator.toFixed(2)} cores in ${generator.processes} processes, up to ${Math.round(generator.lateMs)} ms late`,
    );
  }
  if (diskBusy >= DISK_FULL) found.push(`the disk: busy ${Math.round(100 * diskBusy)} % of the time`);
  if (journalGrows(usage)) {
    const [first, middle, last] = journalLagS.map((s) => s.toFixed(0));
    found.push(`the journal's lag: ${first}, ${middle}, ${last} s in the thirds of the time`);
  }
  return found;
}

/** What comes nearest to its one core, for a rate that is too much though nothing was full all the time: a stall is over in seconds. */
export function nearestToFull({ cores }: Usage): string {
  const nearest =
    (["broker", "analytics", "api"] as const).toSorted((a, b) => cores[b] - cores[a])[0] ?? "broker";
  return `nothing was full; nearest to it CPU of ${nearest}: ${cores[nearest].toFixed(2)} of the one core that it can use`;
}

/** Its lag rises from third to third: the workers do not keep up. */
export function journalGrows({ journalLagS: [first, middle, last] }: Pick<Usage, "journalLagS">): boolean {
  return last > middle && middle > first && last - first > LAG_GROWN_S;
}
