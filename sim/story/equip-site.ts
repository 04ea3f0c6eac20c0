// Which meter tells which supply point of a site, in the language of which family, and what befalls it.
import { SECOND_MS } from "#devices/time";
import type { Carrier, Direction } from "#devices/vocabulary";
import {
  ONE_REGISTER_FAMILIES,
  TARIFF_FAMILIES,
  type FamilyName,
  type FamilyTraits,
  type OneRegisterFamily,
  type ToldTime,
} from "../devices/voices/index.ts";
import { dsmrTopicsVoice } from "../devices/voices/dsmr-topics.ts";
import { p1Voice, type MbusRegister, type TariffRegisters } from "../devices/voices/p1.ts";
import { createP1Meter, MBUS_FIVE_MINUTES_MS, MBUS_HOURLY_MS } from "../devices/p1-meter.ts";
import { meterRegister, type VoiceInput } from "../devices/voice.ts";
import type { Site, SupplyPointPlan } from "../portfolio/site.ts";
import type { Country } from "../world/absences.ts";
import type { ElectricityOracle } from "../world/electricity.ts";
import { chance, derive } from "../world/random.ts";
import { createDeviceClock, type ClockFault } from "./device-clock.ts";
import { drawClockFaults, drawMeterFaults, type Span } from "./draw-faults.ts";
import type { FaultRates } from "./fault-kinds.ts";
import { createMeterFace, turnedBy, type MeterFault } from "./meter-face.ts";
import type { Mishap, Series, StoryDevice, Voice } from "./story.ts";

export type EquipOptions = Span & {
  readonly seed: number;
  readonly rates: FaultRates;
  /** Families whose messages bear these times only: untimed messages belong to the present alone. */
  readonly times: ReadonlySet<ToldTime>;
  /** Pause between the messages of meters that speak often; a divisor of the quarter-hour. */
  readonly stepMs?: number;
  /** Each family with the quality of service that is its own; else all with QoS 1. */
  readonly ownQos?: boolean;
};

export type Equipment = {
  readonly device: StoryDevice;
  readonly traits: FamilyTraits;
  readonly seed: number;
  readonly voice: Voice;
  readonly series: readonly Series[];
  readonly mishaps: readonly Mishap[];
};

/** A counter of six digits of kWh, or of five of m³, begins anew here. */
const CAPACITY: Readonly<Record<Carrier, number>> = { electricity: 1e9, heat: 1e9, gas: 1e8, water: 1e8 };
/** How long after it left a message without a time may be dated. */
const DATED_WITHIN_MS = 10 * SECOND_MS;
const DWELLING = /^dwelling (\d+)$/;

export function equipSite(site: Site, options: EquipOptions): Equipment[] {
  const equipment: Equipment[] = [];
  const seed = derive(options.seed, `equipment ${site.plan.key}`);
  const choice = { seed, country: site.plan.country, times: options.times };
  const water = site.supplyPoints.find(({ carrier }) => carrier === "water");
  const waterFamily = water === undefined ? undefined : familyFor("water", 0, choice);
  let dwellings = 0;
  for (const plan of site.supplyPoints) {
    const own = { plan, site, seed: derive(seed, plan.key), options };
    if (plan.carrier === "electricity") {
      const number = DWELLING.exec(plan.key)?.[1];
      if (number === undefined) equipment.push(mainMeter(own, waterFamily === undefined));
      else equipment.push(dwellingMeter(own, Number(number), familyFor("electricity", dwellings++, choice)));
    } else if (plan === water && waterFamily !== undefined) equipment.push(oneRegister(own, waterFamily));
  }
  return equipment;
}

type Own = {
  readonly plan: SupplyPointPlan;
  readonly site: Site;
  readonly seed: number;
  readonly options: EquipOptions;
};

/** Neighbours speak different families; of water a P1 meter with its M-Bus is one of those that tell it: `undefined`. */
function familyFor(
  carrier: Carrier,
  number: number,
  { seed, country, times }: Pick<EquipOptions, "seed" | "times"> & { readonly country: Country },
): FamilyName | undefined {
  const speaking = Object.entries<FamilyTraits>({ ...TARIFF_FAMILIES, ...ONE_REGISTER_FAMILIES })
    .filter(([, family]) => family.carriers.includes(carrier) && times.has(family.time))
    .filter(([, { countries = [country] }]) => countries.includes(country))
    .map(([name]) => name as FamilyName);
  const names = carrier === "electricity" ? speaking : [undefined, ...speaking];
  return names[(Math.floor(chance(derive(seed, carrier), 0) * names.length) + number) % names.length];
}

function isTariffFamily(name: FamilyName): name is keyof typeof TARIFF_FAMILIES {
  return Object.hasOwn(TARIFF_FAMILIES, name);
}

/** The meter of the common parts as its country has them: in Belgium with gas, and water where nothing else tells it, behind its M-Bus. */
function mainMeter(own: Own, tellsWater: boolean): Equipment {
  const { site } = own;
  if (site.plan.country === "FR") return oneRegister(own, "linky-standard");
  if (site.plan.country === "IT") return oneRegister(own, "chain2-sinapsi");
  const { gas, water } = site.building;
  const sources = [
    { carrier: "gas" as const, index: gas, everyMs: MBUS_HOURLY_MS },
    { carrier: "water" as const, index: tellsWater ? water : undefined, everyMs: MBUS_FIVE_MINUTES_MS },
  ];
  const behind = sources.flatMap(({ carrier, index, everyMs }) => {
    const plan = site.supplyPoints.find((one) => one.carrier === carrier);
    if (index === undefined || plan === undefined) return [];
    const indexAt = (ms: number) => index.indexAt(ms);
    const register = meterRegister(seriesKey(plan, "import"), indexAt, indexAt);
    return [{ plan, bus: { carrier, meterId: `7SIM${serialOf(own.seed, carrier)}`, register, everyMs } }];
  });
  return tariffMeter(own, "dsmr-p1", site.building.common, behind);
}

function dwellingMeter(own: Own, number: number, name: FamilyName = "dsmr-p1"): Equipment {
  if (isTariffFamily(name)) return tariffMeter(own, name, own.site.building.dwelling(number), []);
  return oneRegister(own, name);
}

type Behind = { readonly plan: SupplyPointPlan; readonly bus: MbusRegister };

function tariffMeter(
  own: Own,
  name: keyof typeof TARIFF_FAMILIES,
  oracle: ElectricityOracle,
  behind: readonly Behind[],
): Equipment {
  const { plan, site, seed } = own;
  const traits = TARIFF_FAMILIES[name];
  const { input, face, faults, clockFaults } = meterOf(own, traits);
  const struck: { direction: Direction; strikes: (fault: MeterFault) => boolean }[] = [];
  const register = (direction: Direction, index: { indexAt(ms: number): number }, capacity?: number) => {
    const indexAt = (ms: number) => index.indexAt(ms);
    struck.push({ direction, strikes: (fault) => face.strikes(fault, indexAt, capacity) });
    return meterRegister(seriesKey(plan, direction), indexAt, face.register(indexAt, capacity));
  };
  const tariffs: TariffRegisters = {
    importDay: register("import", oracle.importDay, CAPACITY.electricity),
    importNight: register("import", oracle.importNight),
    exportDay: register("export", oracle.exportDay),
    exportNight: register("export", oracle.exportNight),
    feedsIn: plan.direction === "both",
  };
  const meter = createP1Meter({
    seed,
    meterId: "",
    timezone: site.plan.timezone,
    electricity: oracle,
    phases: behind.length > 0 ? 3 : 1,
    historyStepMs: input.stepMs,
    mbus: [],
  });
  const voice =
    name === "dsmr-p1"
      ? p1Voice({ ...input, tariffs, mbus: behind.map(({ bus }) => bus), fieldsAt: meter.fieldsAt })
      : dsmrTopicsVoice({ ...input, tariffs });
  const electricity = seriesOf(plan, traits);
  const others = behind.flatMap((one) => seriesOf(one.plan, traits));
  return {
    device: deviceOf(plan, traits, input.stepMs, [plan, ...behind.map((one) => one.plan)]),
    traits,
    seed,
    voice,
    series: [...electricity, ...others],
    mishaps: [
      ...electricity.flatMap(({ key, direction }) => {
        const shown = faults.filter((fault) =>
          struck.some((one) => one.direction === direction && one.strikes(fault)),
        );
        return meterMishaps(plan.key, key, shown, oracle.importDay, own.options);
      }),
      ...[...electricity, ...others].flatMap(({ key }) => clockMishaps(plan.key, key, clockFaults)),
    ],
  };
}

/** One of what comes in, and of what is fed in, where anything is. */
function oneRegister(
  own: Own,
  name: Exclude<FamilyName, keyof typeof TARIFF_FAMILIES> | FamilyName,
): Equipment {
  const { plan, seed } = own;
  const family: OneRegisterFamily = ONE_REGISTER_FAMILIES[name as keyof typeof ONE_REGISTER_FAMILIES];
  const { input, face, faults, clockFaults } = meterOf(own, family);
  const series = seriesOf(plan, family);
  return {
    device: deviceOf(plan, family, input.stepMs, [plan]),
    traits: family,
    seed,
    voice: family.voice(input, plan.carrier),
    series,
    mishaps: series.flatMap(({ key, direction, indexAt }) => {
      const capacity = direction === "import" ? CAPACITY[plan.carrier] : undefined;
      const shown = faults.filter((fault) => face.strikes(fault, indexAt, capacity));
      const turning = { indexAt: (ms: number) => plan.indexAt("import", ms) };
      return [
        ...meterMishaps(plan.key, key, shown, turning, own.options),
        ...clockMishaps(plan.key, key, clockFaults),
      ];
    }),
  };
}

/**
 * A meter with its clock, and what befalls both. Where nothing of its time is told, its clock does not matter; where a message before
 * tells it, a clock that was put back says an instant again, and the values that differ count from their arrival: the right time.
 */
function meterOf({ plan, site, seed, options }: Own, traits: FamilyTraits) {
  const faults = drawMeterFaults(options.rates, traits.meterFaults, options, derive(seed, "meter"));
  const hasClock = traits.time === "offset" || traits.time === "local";
  const clockFaults = hasClock ? drawClockFaults(options.rates, options, derive(seed, "clock")) : [];
  const face = createMeterFace(faults);
  const clock = createDeviceClock(clockFaults);
  const indexAt = (ms: number) => plan.indexAt("import", ms);
  const fedInAt = (ms: number) => plan.indexAt("export", ms);
  const stepMs = options.stepMs === undefined ? traits.stepMs : Math.max(traits.stepMs, options.stepMs);
  const input: VoiceInput = {
    device: plan.key,
    serial: serialOf(seed, "meter"),
    seed,
    timezone: site.plan.timezone,
    clock,
    stepMs,
    qos: options.ownQos === true ? traits.qos : 1,
    main: meterRegister(seriesKey(plan, "import"), indexAt, face.register(indexAt, CAPACITY[plan.carrier])),
    ...(plan.direction === "both" && {
      fedIn: meterRegister(seriesKey(plan, "export"), fedInAt, face.register(fedInAt)),
    }),
    generationAt: face.generationAt,
    marksAt: (ms) => [
      ...face.marksAt(ms),
      ...clockFaults.filter(({ fromMs, toMs }) => ms >= fromMs && ms < toMs).map(({ kind }) => kind),
    ],
  };
  return { input, face, faults, clockFaults };
}

const seriesKey = (plan: SupplyPointPlan, direction: Direction) => `${plan.key} ${direction}`;

function seriesOf(plan: SupplyPointPlan, traits: FamilyTraits): Series[] {
  const directions: Direction[] = plan.direction === "both" ? ["import", "export"] : ["import"];
  return directions.map((direction) => ({
    key: seriesKey(plan, direction),
    supplyPoint: plan.key,
    carrier: plan.carrier,
    direction,
    indexAt: (ms) => plan.indexAt(direction, ms),
    datedWithinMs: traits.time === "none" ? DATED_WITHIN_MS : 0,
    onChange: traits.onChange,
  }));
}

function deviceOf(
  plan: SupplyPointPlan,
  { profile }: FamilyTraits,
  stepMs: number,
  told: readonly SupplyPointPlan[],
): StoryDevice {
  return {
    key: plan.key,
    name: `Meter ${plan.key}`,
    profile,
    expectedIntervalS: stepMs / SECOND_MS,
    supplyPoints: Object.fromEntries(told.map(({ carrier, key }) => [carrier, key])),
  };
}

function serialOf(seed: number, part: string): string {
  return String(Math.floor(chance(derive(seed, `serial ${part}`), 0) * 1e10)).padStart(10, "0");
}

/** `turning`: the register that runs over its last digit. */
const meterMishaps = (
  device: string,
  series: string,
  faults: readonly MeterFault[],
  turning: { indexAt(ms: number): number },
  span: Span,
): Mishap[] =>
  faults.map(({ kind, fromMs, toMs }) => ({
    kind,
    device,
    series,
    fromMs,
    toMs: kind === "rollover" ? turnedBy((ms) => turning.indexAt(ms), fromMs, span.toMs) : toMs,
  }));

/** In true time and in the time that was claimed, both. */
const clockMishaps = (device: string, series: string, faults: readonly ClockFault[]): Mishap[] =>
  faults.map(({ kind, fromMs, toMs, shiftMs }) => ({
    kind,
    device,
    series,
    fromMs: fromMs + Math.min(0, shiftMs),
    toMs: toMs + Math.max(0, shiftMs),
    shiftMs,
  }));
