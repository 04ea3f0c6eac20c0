// Which factor of a table a year takes: its own, else that of the last year before it, and it says so.
import type { FactorTable, YearFactor } from "./factors.ts";

export type TakenFactor<Factor extends YearFactor = YearFactor> = Factor & {
  /** The year that asked; `year` is the one whose factor it takes. */
  readonly askedYear: number;
};

/** `undefined`: the zone is unknown, or the year lies before all that is known of it. A later year stands for none before it. */
export function locationFactor(table: FactorTable, zone: string, year: number): TakenFactor | undefined {
  return taken(table.location, zone, year);
}

export function residualFactor(
  table: FactorTable,
  zone: string,
  year: number,
): TakenFactor<FactorTable["residual"][number]> | undefined {
  return taken(table.residual, zone, year);
}

function taken<Factor extends YearFactor>(
  factors: readonly Factor[],
  zone: string,
  askedYear: number,
): TakenFactor<Factor> | undefined {
  const known = factors.filter((one) => one.zone === zone && one.year <= askedYear);
  const last = known.reduce<Factor | undefined>(
    (best, one) => (best === undefined || one.year > best.year ? one : best),
    undefined,
  );
  return last === undefined ? undefined : { ...last, askedYear };
}
