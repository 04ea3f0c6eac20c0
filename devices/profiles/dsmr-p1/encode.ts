// Writes the P1 telegram of a Belgian meter (eMUCS-P1 1.7.1) with a valid checksum: for the simulator and for round trips.
import { HOUR_MS } from "#devices/time";
import { crc16 } from "./crc16.ts";

/** Whole numbers in the smallest unit that a telegram can tell apart. */
export type TelegramFields = {
  readonly meterId: string;
  readonly observedAtMs: number;
  /** Index per tariff 1 and 2. */
  readonly importWh: readonly [day: number, night: number];
  readonly exportWh: readonly [day: number, night: number];
  readonly tariff: 1 | 2;
  readonly importW: number;
  readonly exportW: number;
  /** Average of the quarter-hour that is running. */
  readonly demandW: number;
  readonly monthPeak: Peak;
  readonly peakHistory?: readonly (Peak & { readonly closedAtMs: number })[];
  /** One phase, or three. */
  readonly phases?: readonly Phase[];
  /** Meters on the M-Bus channels, the first on channel 1. */
  readonly mbus?: readonly MbusMeter[];
};

export type Peak = { readonly atMs: number; readonly powerW: number };

export type Phase = {
  readonly importW: number;
  readonly exportW: number;
  readonly voltageDeciV: number;
  readonly currentCentiA: number;
};

export type MbusMeter = {
  readonly carrier: "gas" | "heat" | "water";
  readonly meterId: string;
  readonly observedAtMs: number;
  /** Litres; of heat MJ. */
  readonly index: number;
};

const MBUS = {
  gas: { type: "003", register: "24.2.3", unit: "m3" },
  heat: { type: "004", register: "24.2.1", unit: "GJ" },
  water: { type: "007", register: "24.2.1", unit: "m3" },
} as const;

/** The bytes as the meter's serial port sends them. */
export function encodeTelegram(fields: TelegramFields): Buffer {
  const lines = [
    "/KPG5\\253769484_A",
    "",
    "0-0:96.1.4(50217)",
    `0-0:96.1.1(${hexOf(fields.meterId)})`,
    `0-0:1.0.0(${timestamp(fields.observedAtMs)})`,
    `1-0:1.8.1(${fixed(fields.importWh[0], 6, 3)}*kWh)`,
    `1-0:1.8.2(${fixed(fields.importWh[1], 6, 3)}*kWh)`,
    `1-0:2.8.1(${fixed(fields.exportWh[0], 6, 3)}*kWh)`,
    `1-0:2.8.2(${fixed(fields.exportWh[1], 6, 3)}*kWh)`,
    `0-0:96.14.0(000${fields.tariff})`,
    `1-0:1.4.0(${fixed(fields.demandW, 2, 3)}*kW)`,
    `1-0:1.6.0${peak(fields.monthPeak)}`,
    history(fields.peakHistory ?? []),
    `1-0:1.7.0(${fixed(fields.importW, 2, 3)}*kW)`,
    `1-0:2.7.0(${fixed(fields.exportW, 2, 3)}*kW)`,
    ...(fields.phases ?? []).flatMap(phaseLines),
    "0-0:96.3.10(1)",
    "0-0:17.0.0(999.9*kW)",
    "1-0:31.4.0(999*A)",
    "0-0:96.13.0()",
    ...(fields.mbus ?? []).flatMap(mbusLines),
    "!",
  ];
  const covered = Buffer.from(lines.join("\r\n"), "latin1");
  const crc = crc16(covered).toString(16).toUpperCase().padStart(4, "0");
  return Buffer.concat([covered, Buffer.from(`${crc}\r\n`, "latin1")]);
}

function phaseLines(phase: Phase, index: number): string[] {
  const code = 20 * (index + 1);
  return [
    `1-0:${code + 1}.7.0(${fixed(phase.importW, 2, 3)}*kW)`,
    `1-0:${code + 2}.7.0(${fixed(phase.exportW, 2, 3)}*kW)`,
    `1-0:${code + 12}.7.0(${fixed(phase.voltageDeciV, 3, 1)}*V)`,
    `1-0:${code + 11}.7.0(${fixed(phase.currentCentiA, 3, 2)}*A)`,
  ];
}

function mbusLines(meter: MbusMeter, index: number): string[] {
  const channel = index + 1;
  const { type, register, unit } = MBUS[meter.carrier];
  return [
    `0-${channel}:24.1.0(${type})`,
    `0-${channel}:96.1.1(${hexOf(meter.meterId)})`,
    ...(meter.carrier === "gas" ? [`0-${channel}:24.4.0(1)`] : []),
    `0-${channel}:${register}(${timestamp(meter.observedAtMs)})(${fixed(meter.index, 5, 3)}*${unit})`,
  ];
}

function history(peaks: readonly (Peak & { readonly closedAtMs: number })[]): string {
  const months = peaks.map((month) => `(${timestamp(month.closedAtMs)})${peak(month)}`).join("");
  return `0-0:98.1.0(${peaks.length})(1-0:1.6.0)(1-0:1.6.0)${months}`;
}

function peak({ atMs, powerW }: Peak): string {
  return `(${timestamp(atMs)})(${fixed(powerW, 2, 3)}*kW)`;
}

/** `whole` digits, a point, `decimals` digits: 15758 with 6 and 3 is `000015.758`. */
function fixed(value: number, whole: number, decimals: number): string {
  const digits = String(value).padStart(whole + decimals, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function hexOf(text: string): string {
  return Buffer.from(text, "latin1").toString("hex").toUpperCase();
}

/** Local time of central Europe with S or W, to the second. */
export function timestamp(instantMs: number): string {
  const summer = isSummerTime(instantMs);
  const local = new Date(instantMs + (summer ? 2 : 1) * HOUR_MS).toISOString();
  return local.slice(2, 19).replace(/[-:T]/g, "") + (summer ? "S" : "W");
}

/** Summer time of the European Union: between the last Sundays of March and October, 01:00 UTC (directive 2000/84/EC). */
function isSummerTime(instantMs: number): boolean {
  const year = new Date(instantMs).getUTCFullYear();
  return instantMs >= lastSunday(year, 2) && instantMs < lastSunday(year, 9);
}

function lastSunday(year: number, month: number): number {
  const lastDay = new Date(Date.UTC(year, month + 1, 0));
  return Date.UTC(year, month, lastDay.getUTCDate() - lastDay.getUTCDay(), 1);
}
