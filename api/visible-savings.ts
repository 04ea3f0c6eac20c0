// The savings that a viewer may see: items of supply points seen by themselves, and hidden ones that only add up.
import {
  addPromises,
  hiddenSavings,
  hidesAll,
  promiseOf,
  promisedAnnualMicro,
  savingItems,
  SHIPPED_FACTORS,
  wholeDays,
  type CivilCalendar,
  type SavingItem,
  type SavingPoint,
  type SavingPromise,
  type Tariff,
} from "#analytics";
import type { Carrier } from "#devices/vocabulary";
import {
  listLoadSources,
  listSwitches,
  loadSupplyPointDays,
  type RegisterDays,
  type Scope,
  type SwitchedPoint,
  type TariffRow,
} from "#store";
import type { Services } from "./services.ts";
import type { Span } from "./span.ts";

/** A price per kWh needs a profile of energy; gas and water are counted in litres so far. */
const PRICED: readonly Carrier[] = ["electricity", "heat"];

export type VisibleSavings = {
  /** Each may be shown. */
  readonly open: readonly SavingItem[];
  /** Only their sums may. */
  readonly hidden: readonly SavingItem[];
  readonly promise: SavingPromise;
};

export type SavingsQuestion = {
  readonly buildingId?: number;
  readonly tenderId?: number;
  readonly currency: string;
  /** The span asked for, in a building's zone; only whole days that are over count. */
  readonly spanIn: (timezone: string) => Span;
};

/** A constant number of queries, however many buildings there are. */
export async function visibleSavings(
  services: Services,
  scope: Scope,
  question: SavingsQuestion,
): Promise<VisibleSavings> {
  const { buildingId, tenderId, currency } = question;
  const switched = await listSwitches(services.pool, scope, {
    ...(buildingId === undefined ? {} : { buildingId }),
    ...(tenderId === undefined ? {} : { tenderId }),
    currency,
    carriers: PRICED,
  });
  const others = await hiddenOthers(services, scope, switched);
  const calendars = calendarsOf(switched, question, services.time.now());
  const registers = await registersOf(services, [...switched, ...others], calendars);
  const pointOf = (point: SwitchedPoint) => savingPoint(point, registers.get(point.supplyPointId) ?? []);

  const results = [...Map.groupBy(switched, groupOf).values()].map((points) => {
    const calendar = calendars.get(points[0]?.timezone ?? "") ?? NO_DAYS;
    const [open, hidden] = [points.filter((one) => one.open), points.filter((one) => !one.open)];
    const beside = others.filter((one) => groupOf(one) === groupOf(points[0]));
    const group = {
      members: hidden.map(pointOf),
      others: beside.map(({ supplyPointId }) => registers.get(supplyPointId) ?? []),
    };
    const cohortMin = services.config.KOPROGO_COHORT_MIN;
    const openItems = open.flatMap((point) => savingItems(pointOf(point), calendar, SHIPPED_FACTORS));
    const hiddenItems = hiddenSavings(group, calendar, SHIPPED_FACTORS, cohortMin);
    const shown = hidesAll(hidden.length, beside.length, cohortMin) ? hidden : [];
    const promise = addPromises([...openPromises(open, openItems), hiddenPromise(shown, hiddenItems)]);
    return { open: openItems, hidden: hiddenItems, promise };
  });
  return {
    open: results.flatMap(({ open }) => open),
    hidden: results.flatMap(({ hidden }) => hidden),
    promise: addPromises(results.map(({ promise }) => promise)),
  };
}

type Located = Pick<SwitchedPoint, "supplyPointId" | "buildingId" | "carrier" | "timezone">;

const NO_DAYS: CivilCalendar = { fromMs: 0, toMs: 0, days: [] };

/** One group hides its members among each other: a building's supply points of one carrier. */
const groupOf = (point: Located | undefined) => `${point?.buildingId} ${point?.carrier}`;

/** The other supply points whose load is in the same sum that the viewer is shown of the building. */
async function hiddenOthers(
  { pool }: Services,
  scope: Scope,
  switched: readonly SwitchedPoint[],
): Promise<Located[]> {
  const hidden = switched.filter(({ open }) => !open);
  const groups = new Set(hidden.map(groupOf));
  const members = new Set(hidden.map(({ supplyPointId }) => supplyPointId));
  const carriers = [...new Set(hidden.map(({ carrier }) => carrier))];
  const sources = await Promise.all(
    carriers.map(async (carrier) =>
      (await listLoadSources(pool, scope, { carrier })).flatMap(({ buildingId, timezone, hidden: ids }) =>
        ids.map((supplyPointId) => ({ supplyPointId, buildingId, carrier, timezone })),
      ),
    ),
  );
  return sources.flat().filter((one) => groups.has(groupOf(one)) && !members.has(one.supplyPointId));
}

function calendarsOf(
  points: readonly Located[],
  { spanIn }: SavingsQuestion,
  nowMs: number,
): Map<string, CivilCalendar> {
  const zones = new Set(points.map(({ timezone }) => timezone));
  return new Map(
    [...zones].map((timezone) => {
      const { fromMs, toMs } = spanIn(timezone);
      return [timezone, wholeDays(fromMs, Math.min(toMs, nowMs), timezone)];
    }),
  );
}

async function registersOf(
  { pool }: Services,
  points: readonly Located[],
  calendars: ReadonlyMap<string, CivilCalendar>,
): Promise<Map<number, RegisterDays[]>> {
  const spans = [...calendars.values()].filter(({ days }) => days.length > 0);
  if (spans.length === 0) return new Map();
  const ids = points.map(({ supplyPointId }) => supplyPointId);
  const days = await loadSupplyPointDays(pool, ids, {
    fromMs: Math.min(...spans.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...spans.map(({ toMs }) => toMs)),
    direction: "import",
  });
  return Map.groupBy(days, ({ supplyPointId }) => supplyPointId);
}

function savingPoint(point: SwitchedPoint, registers: readonly RegisterDays[]): SavingPoint {
  const { supplyPointId, buildingId, carrier, country, contracts } = point;
  return {
    supplyPointId,
    buildingId,
    zone: carrier === "electricity" ? country : null,
    registers,
    contracts: contracts.map(({ startsOn, endsOn, supplier, tariff, greenMillionths, award }) => ({
      startsOn,
      endsOn,
      change: award && {
        tenderId: award.tenderId,
        supplier,
        before: tariffOf(award.before),
        after: tariffOf(tariff),
        greenBefore: award.greenBefore,
        greenAfter: greenMillionths,
      },
    })),
  };
}

function tariffOf({ priceNanoPerKwh, annualFeeMicro, vatMillionths }: TariffRow): Tariff {
  return { price: { kind: "flat", nanoPerKwh: priceNanoPerKwh }, annualFeeMicro, vatMillionths };
}

/** Of all contracts that a tender brought the supply point; only what was awarded promises anything. */
function annualPromise({ contracts }: SwitchedPoint): bigint {
  return contracts
    .flatMap(({ award }) => award ?? [])
    .flatMap(({ before, bid, annualWh }) =>
      bid === null ? [] : [promisedAnnualMicro(tariffOf(before), tariffOf(bid), annualWh)],
    )
    .reduce((sum, micro) => sum + micro, 0n);
}

function openPromises(points: readonly SwitchedPoint[], items: readonly SavingItem[]): SavingPromise[] {
  const own = Map.groupBy(items, ({ supplyPointId }) => supplyPointId);
  return points.map((point) => promiseOf(annualPromise(point), daysOf(own.get(point.supplyPointId) ?? [])));
}

/** As one: what a member promises by its own days could be told from what it adds on one of them. */
function hiddenPromise(points: readonly SwitchedPoint[], items: readonly SavingItem[]): SavingPromise {
  const annualMicro = points.reduce((sum, point) => sum + annualPromise(point), 0n);
  const days = [...Map.groupBy(items, ({ supplyPointId }) => supplyPointId).values()].map(daysOf);
  return promiseOf(annualMicro, Math.max(0, ...days));
}

function daysOf(items: readonly SavingItem[]): number {
  return items.reduce((sum, { days }) => sum + days, 0);
}
