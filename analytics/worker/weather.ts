// How warm it was outside a building, for estimates of what is burnt or heated: read once for all registers of a building.
import { DAY_MS, utcDay } from "#devices/time";
import type { EstimateWork, ProfileTransaction } from "#store";
import { outsideDays } from "../vee/outside-days.ts";

type Span = { readonly fromDay: number; readonly toDay: number };

/** What has to do with the cold outside. */
const HEATING = new Set(["gas", "heat"]);

export class Weather {
  readonly #known = new Map<number, Span & { readonly days: ReadonlyMap<string, number> }>();

  /** °C by date, of UTC days at least those of the span; `undefined`: this carrier does not follow it, or nobody measures it. */
  async outside(
    transaction: Pick<ProfileTransaction, "outsideHours">,
    { buildingId, carrier }: Pick<EstimateWork, "buildingId" | "carrier">,
    { fromDay, toDay }: Span,
  ): Promise<ReadonlyMap<string, number> | undefined> {
    if (carrier === null || !HEATING.has(carrier)) return undefined;
    let known = this.#known.get(buildingId);
    if (known === undefined || known.fromDay > fromDay || known.toDay < toDay) {
      const means = outsideDays(await transaction.outsideHours(buildingId, fromDay, toDay));
      const days = new Map([...means].map(([day, mean]) => [utcDay(day * DAY_MS), mean]));
      this.#known.set(buildingId, (known = { fromDay, toDay, days }));
    }
    return known.days.size === 0 ? undefined : known.days;
  }
}
