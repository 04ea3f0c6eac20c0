// The savings that a viewer may see: items of supply points seen by themselves, hidden ones that only add up, and how many are neither.
import {
  addPromises,
  contractInForce,
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
  /** Supply points under such a contract in the span of which nothing is in either. */
  readonly withheld: number;
  readonly promise: SavingPromise;
  /** The days that count, from the first to the last of them; empty where none does. */
  readonly counted: Span;
};

export type SavingsQuestion = {
  readonly buildingId?: number;
  readonly tenderId?: number;
  readonly currency: string;
  /** In which the span is answered when no building of the answer says otherwise. */
  readonly timezone: string;
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
  const read = [...switched.filter((point) => point.hidden || isOpen(point)), ...others];
  const registers = await registersOf(services, read, calendars);
  const groups = [...Map.groupBy(switched, groupOf).values()].map((points): SavingGroup => {
    const beside = others.filter((one) => groupOf(one) === groupOf(points[0]));
    const calendar = calendars.get(points[0]?.timezone ?? "") ?? NO_DAYS;
    return { points, beside, calendar, registers, cohortMin: services.config.KOPROGO_COHORT_MIN };
  });
  const results = groups.flatMap((group) => [ownSavings(group), hiddenOnes(group)]);
  return {
    open: results.flatMap(({ open }) => open),
    hidden: results.flatMap(({ hidden }) => hidden),
    withheld: results.reduce((sum, { withheld }) => sum + withheld, 0),
    promise: addPromises(results.map(({ promise }) => promise)),
    counted: countedSpan([...calendars.values()]),
  };
}

/** A building's supply points of one carrier. */
type SavingGroup = {
  readonly points: readonly SwitchedPoint[];
  /** Its other supply points that are hidden from the viewer. */
  readonly beside: readonly Located[];
  readonly calendar: CivilCalendar;
  readonly registers: ReadonlyMap<number, readonly RegisterDays[]>;
  readonly cohortMin: number;
};
type GroupSavings = Omit<VisibleSavings, "counted">;

const isOpen = ({ contracts }: SwitchedPoint) => contracts.some(({ award }) => award?.open === true);

/** Of those seen by themselves. What was promised does not depend on who may see what came of it. */
function ownSavings({ points, calendar, registers }: SavingGroup): GroupSavings {
  const own = points.filter(({ hidden }) => !hidden);
  const open = own.flatMap((point) =>
    savingItems(savingPoint(point, registers.get(point.supplyPointId) ?? []), calendar, SHIPPED_FACTORS),
  );
  return {
    open,
    hidden: [],
    withheld: withheldOf(own, open, calendar),
    promise: addPromises(
      own.map((point) => promiseOf(annualPromise(point), awardedDays(point, calendar).length)),
    ),
  };
}

function hiddenOnes({ points, beside, calendar, registers, cohortMin }: SavingGroup): GroupSavings {
  const all = points.filter(({ hidden }) => hidden);
  const group = {
    members: all.map((point) => savingPoint(point, registers.get(point.supplyPointId) ?? [])),
    others: beside.map(({ supplyPointId }) => registers.get(supplyPointId) ?? []),
  };
  const hidden = hiddenSavings(group, calendar, SHIPPED_FACTORS, cohortMin);
  const shown = hidesAll(all.length, beside.length, cohortMin) ? all : [];
  return {
    open: [],
    hidden,
    withheld: withheldOf(all, hidden, calendar),
    promise: hiddenPromise(shown, hidden),
  };
}

/** Days of the calendar on which a contract that a tender brought is in force. */
function awardedDays({ contracts }: SwitchedPoint, { days }: CivilCalendar) {
  return days.filter(({ date }) => (contractInForce(contracts, date)?.award ?? null) !== null);
}

function withheldOf(
  points: readonly SwitchedPoint[],
  items: readonly SavingItem[],
  calendar: CivilCalendar,
): number {
  const shown = new Set(items.map(({ supplyPointId }) => supplyPointId));
  return points.filter((one) => !shown.has(one.supplyPointId) && awardedDays(one, calendar).length > 0)
    .length;
}

/** From the first day that counts to the last, in whichever zone; without any the beginning of the first span. */
function countedSpan(calendars: readonly CivilCalendar[]): Span {
  const some = calendars.filter(({ days }) => days.length > 0);
  const [first] = calendars;
  const spans = some.length > 0 || first === undefined ? some : [first];
  return {
    fromMs: Math.min(...spans.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...spans.map(({ toMs }) => toMs)),
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
  const hidden = switched.filter((point) => point.hidden);
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
  { spanIn, timezone: otherwise }: SavingsQuestion,
  nowMs: number,
): Map<string, CivilCalendar> {
  const zones = new Set(points.length === 0 ? [otherwise] : points.map(({ timezone }) => timezone));
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
    // A saving that rests on an estimate is none.
    estimates: false,
    fromMs: Math.min(...spans.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...spans.map(({ toMs }) => toMs)),
    direction: "import",
  });
  return Map.groupBy(days, ({ supplyPointId }) => supplyPointId);
}

function savingPoint(point: SwitchedPoint, registers: readonly RegisterDays[]): SavingPoint {
  const { supplyPointId, buildingId, carrier, country, hidden, contracts } = point;
  return {
    supplyPointId,
    buildingId,
    zone: carrier === "electricity" ? country : null,
    registers,
    contracts: contracts.map(({ startsOn, endsOn, supplier, tariff, greenMillionths, award }) => ({
      startsOn,
      endsOn,
      // What a closed one saved is not computed; it still ends what went on before it.
      change:
        award?.open === true || (award !== null && hidden)
          ? {
              tenderId: award.tenderId,
              supplier,
              before: tariffOf(award.before),
              after: tariffOf(tariff),
              greenBefore: award.greenBefore,
              greenAfter: greenMillionths,
            }
          : null,
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

/** As one: what a member promises by its own days could be told from what it adds on one of them. */
function hiddenPromise(points: readonly SwitchedPoint[], items: readonly SavingItem[]): SavingPromise {
  const annualMicro = points.reduce((sum, point) => sum + annualPromise(point), 0n);
  const days = [...Map.groupBy(items, ({ supplyPointId }) => supplyPointId).values()].map(daysOf);
  return promiseOf(annualMicro, Math.max(0, ...days));
}

function daysOf(items: readonly SavingItem[]): number {
  return items.reduce((sum, { days }) => sum + days, 0);
}
