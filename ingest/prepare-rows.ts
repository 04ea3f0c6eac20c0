// From a decoded message to rows that can be stored: judged, grouped, in their layout's order, packed.
import { fingerprint, packDecimals, type Decimal } from "#devices/decimal";
import type { Decoded, Rejection } from "#devices/reading";
import type { ClockSource } from "#devices/vocabulary";
import type { Need } from "./device-directory.ts";
import type { DeviceState, LastChange, LayoutState, Shape } from "./device-state.ts";
import type { DraftRow } from "./group-rows.ts";
import { combineRejections, judge } from "./judge.ts";
import type { IngestLimits } from "./limits.ts";

export type PreparedRow = {
  readonly observedAtMs: number;
  readonly clock: ClockSource;
  readonly layout: LayoutState;
  /** In the layout's order. */
  readonly values: readonly Decimal[];
  readonly packed: Buffer;
  readonly fingerprint: bigint;
};

/** Rows and the reason for what is not among them; or what the store must be asked for first, and then once more. */
export type Prepared =
  | { readonly need: Need }
  | {
      readonly need: undefined;
      readonly rows: readonly PreparedRow[];
      readonly rejection: Rejection | undefined;
      readonly copies: readonly LastChange[] | undefined;
    };

export function prepareRows(
  device: DeviceState,
  decoded: Decoded,
  receivedAtMs: number,
  limits: IngestLimits,
): Prepared {
  const { rows, rejections, unknown, copies } = judge(device, decoded, receivedAtMs, limits);
  if (unknown.length > 0) return { need: { what: "registers", specs: unknown } };
  const prepared: PreparedRow[] = [];
  let missing: Map<string, number[]> | undefined;
  for (const row of rows) {
    const shape = device.shapeOf(row.registers);
    if (shape !== undefined) prepared.push(inLayoutOrder(row, shape));
    else if (!noteMissing((missing ??= new Map()), row, limits.layoutsPerDeviceMax - device.layoutCount)) {
      rejections.push(tooManyLayouts(row, limits.layoutsPerDeviceMax));
    }
  }
  if (missing !== undefined && missing.size > 0)
    return { need: { what: "layouts", layouts: [...missing.values()] } };
  return { need: undefined, rows: prepared, rejection: combineRejections(rejections), copies };
}

function inLayoutOrder(row: DraftRow, { layout, order }: Shape): PreparedRow {
  const values = order === undefined ? row.values : order.flatMap((position) => row.values[position] ?? []);
  const packed = packDecimals(values);
  return {
    observedAtMs: row.observedAtMs,
    clock: row.clock,
    layout,
    values,
    packed,
    fingerprint: fingerprint(packed),
  };
}

/** Notes the layout of a row as missing, if there is room for it. */
function noteMissing(missing: Map<string, number[]>, row: DraftRow, room: number): boolean {
  const ids = row.registers.map((register) => register.id).sort((a, b) => a - b);
  const key = ids.join();
  if (!missing.has(key) && missing.size >= room) return false;
  missing.set(key, ids);
  return true;
}

function tooManyLayouts(row: DraftRow, layoutsMax: number): Rejection {
  return {
    reason: "too_many_layouts",
    detail: `${row.registers.length} registers came together in a combination that would be number ${layoutsMax + 1} of this device; at most ${layoutsMax} are kept.`,
  };
}
