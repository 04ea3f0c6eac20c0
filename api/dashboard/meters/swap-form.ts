// The form of a swap: which registers go together, what is wrong with what was filled in, and the request that it makes. Pure.
import type { Register, SupplyPoint } from "../data/api.ts";
import type { NewMeterSwap } from "../data/meters.ts";
import type { MessageKey } from "../text/messages.ts";
import { instantOfWallMs, parseCivilDate, wallTime } from "../time/civil.ts";
import type { MeterSwap } from "./swap-view.ts";

/** One register: what it counts, and the two indices as they are being typed. */
export type SwapLine = {
  readonly oldRegisterId: string;
  readonly newRegisterId: string;
  readonly name: string;
  readonly tariff: string | null;
  readonly direction: "import" | "export" | null;
  readonly closingUnit: string;
  readonly openingUnit: string;
  readonly closing: string;
  readonly opening: string;
};

export type SwapForm = {
  /** `YYYY-MM-DD` and `HH:MM` by the building's clocks; empty while nothing is chosen. */
  readonly day: string;
  readonly time: string;
  /** The instant that the two were filled in from: as long as they are not touched, it is meant to the second. */
  readonly filledFromMs: number | undefined;
  readonly lines: readonly SwapLine[];
};

export type SwapFaults = {
  readonly when: MessageKey | undefined;
  /** By old register: which of its indices cannot be read, or are missing. */
  readonly lines: ReadonlyMap<string, { readonly closing: boolean; readonly opening: boolean }>;
};

/** What is known of a suspicion, to be corrected by what the paper says; `point`: how the reader writes a decimal point. */
export function formOfSuspicion(swap: MeterSwap, zone: string, point: string): SwapForm {
  return {
    ...wallFields(swap.atMs, zone),
    filledFromMs: swap.atMs,
    lines: swap.registers.map((register) => ({
      ...register,
      closing: register.closingIndex.replace(".", point),
      opening: register.openingIndex.replace(".", point),
    })),
  };
}

/** A meter as its device tells it; a device that tells no serial has one meter, without. */
export type KnownMeter = { readonly serial: string; readonly registers: readonly Register[] };

/** Those whose registers count for a supply point, or could; the ones in force first. */
export function metersAt(registers: readonly Register[], point: SupplyPoint): KnownMeter[] {
  const quantity = point.carrier === "electricity" || point.carrier === "heat" ? "energy" : "volume";
  const own = registers.filter(
    (register) =>
      register.kind === "cumulative" &&
      register.carrier === point.carrier &&
      register.quantity === quantity &&
      (register.supplyPointId === point.id || register.supplyPointId === null),
  );
  const counts = (meter: KnownMeter): boolean =>
    meter.registers.some(({ supplyPointId }) => supplyPointId === point.id);
  const meters = [...groupBySerial(own)].map(([serial, its]) => ({ serial, registers: its }));
  if (!meters.some(counts)) return [];
  return meters.toSorted(
    (one, other) => Number(counts(other)) - Number(counts(one)) || one.serial.localeCompare(other.serial),
  );
}

function groupBySerial(registers: readonly Register[]): Map<string, Register[]> {
  const groups = new Map<string, Register[]>();
  for (const register of registers) {
    const own = groups.get(register.equipmentId);
    if (own === undefined) groups.set(register.equipmentId, [register]);
    else own.push(register);
  }
  return groups;
}

/** What both meters count; the same meter twice where its device tells no serial. */
export function linesBetween(old: KnownMeter, young: KnownMeter): SwapLine[] {
  return old.registers
    .flatMap((register): SwapLine[] => {
      const next =
        old.serial === young.serial
          ? register
          : young.registers.find(
              (one) =>
                one.name === register.name &&
                one.tariff === register.tariff &&
                one.direction === register.direction,
            );
      if (next === undefined) return [];
      const { id, name, tariff, direction, unit } = register;
      return [
        {
          oldRegisterId: id,
          newRegisterId: next.id,
          name,
          tariff,
          direction,
          closingUnit: unit,
          openingUnit: next.unit,
          closing: "",
          opening: "",
        },
      ];
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
}

/** Milliseconds since 1970, or `undefined` while it is not chosen. */
export function swapMs({ day, time, filledFromMs }: SwapForm, zone: string): number | undefined {
  if (filledFromMs !== undefined) {
    const filled = wallFields(filledFromMs, zone);
    if (filled.day === day && filled.time === time) return filledFromMs;
  }
  const date = parseCivilDate(day);
  const [, hour, minute] = /^(\d\d):(\d\d)$/.exec(time) ?? [];
  if (date === undefined || hour === undefined || minute === undefined) return undefined;
  return instantOfWallMs(date, Number(hour), Number(minute), zone);
}

/** `undefined`: nothing is wrong. */
export function faultsOf(form: SwapForm, zone: string, nowMs: number): SwapFaults | undefined {
  const atMs = swapMs(form, zone);
  const when =
    atMs === undefined ? "meters.form.whenMissing" : atMs > nowMs ? "meters.form.whenAhead" : undefined;
  const isEmpty = form.lines.every(isUntouched);
  const lines = new Map(
    form.lines.flatMap((line) => {
      if (isUntouched(line) && !isEmpty) return [];
      const closing = indexIn(line.closing) === undefined;
      const opening = indexIn(line.opening) === undefined;
      return closing || opening ? [[line.oldRegisterId, { closing, opening }] as const] : [];
    }),
  );
  return when === undefined && lines.size === 0 ? undefined : { when, lines };
}

/** A register of which the paper says nothing is left out. */
function isUntouched({ closing, opening }: SwapLine): boolean {
  return closing.trim() === "" && opening.trim() === "";
}

/** Of a form without faults. */
export function requestOf(form: SwapForm, zone: string): NewMeterSwap {
  const atMs = swapMs(form, zone);
  if (atMs === undefined) throw new Error("The form of a swap was sent without its instant.");
  return {
    at: new Date(atMs).toISOString(),
    registers: form.lines.flatMap(({ oldRegisterId, newRegisterId, closing, opening }) => {
      const closingIndex = indexIn(closing);
      const openingIndex = indexIn(opening);
      if (closingIndex === undefined || openingIndex === undefined) return [];
      return [{ oldRegisterId, newRegisterId, closingIndex, openingIndex }];
    }),
  };
}

/** An index as people write it: `12 345,678`. Its digits stay as they are; `undefined` for what is none. */
export function indexIn(text: string): string | undefined {
  const plain = text
    .trim()
    .replaceAll(/(?<=\d)[\s\u00a0\u202f’'](?=\d)/g, "")
    .replace(",", ".");
  return /^\d{1,15}(\.\d{1,9})?$/.test(plain) ? plain : undefined;
}

function wallFields(instantMs: number, zone: string): { day: string; time: string } {
  const { date, hour, minute } = wallTime(instantMs, zone);
  const two = (figure: number): string => String(figure).padStart(2, "0");
  return { day: date, time: `${two(hour)}:${two(minute)}` };
}
