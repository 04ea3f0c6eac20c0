// Batches, specs and days as the pipeline writes them, for the contract's tests.
import { fingerprint, packDecimals, type Decimal } from "#devices/decimal";
import type { RegisterSpec } from "#devices/reading";
import { DAY_MS, QUARTERS_PER_UTC_DAY, systemTime, utcDayNumber } from "#devices/time";
import {
  RowBuffer,
  staleDays,
  type EstimatedDay,
  type ProfileDay,
  type ReadingBatch,
  type Retry,
} from "#store";
import type { Bed } from "./test-bed.ts";

/** A 10 March of less than 400 days ago: a value from before moves no beginning. */
export const START_MS = Date.UTC(new Date(systemTime.now() - 100 * DAY_MS).getUTCFullYear(), 2, 10);
export const START_DAY = utcDayNumber(START_MS);
const INTERPOLATE_MAX_S = 7200;

export const ENERGY: RegisterSpec = {
  name: "1-0:1.8.1",
  equipmentId: "",
  carrier: "electricity",
  quantity: "energy",
  unit: "kWh",
  kind: "cumulative",
  tariff: null,
  direction: "import",
  keepEveryS: 0,
};

/** The pipeline is told of no failure: whatever fails here fails the test. */
export const never: Retry = async (error) => {
  throw error;
};

/** A device with an electricity meter's registers, all of them in one layout. */
export async function meter(bed: Bed, ...names: readonly string[]) {
  const supplyPointId = await bed.addSupplyPoint({
    carrier: "electricity",
    direction: "both",
    connectionKva: null,
  });
  const { id: deviceId } = await bed.addDevice([supplyPointId]);
  const specs = names.map((name) => ({ ...ENERGY, name }));
  const registers = await bed.store.createRegisters([{ deviceId, specs }], 100);
  const registerIds = registers.map(({ id }) => id).sort((one, other) => one - other);
  const [layout] = await bed.store.createLayouts([{ deviceId, layouts: [registerIds] }], 100);
  const [registerId = 0] = registerIds;
  return { supplyPointId, deviceId, registerId, registerIds, layoutId: layout?.id ?? 0 };
}

export type Meter = Awaited<ReturnType<typeof meter>>;

export type Message = {
  readonly deviceId: number;
  readonly layoutId: number;
  readonly registerIds: readonly number[];
  /** Undefined: it cannot be read. */
  readonly atMs?: number;
  readonly values?: readonly (Decimal | null)[];
  readonly clock?: number;
  readonly late?: boolean;
  readonly payload?: string;
  readonly receivedAtMs?: number;
  readonly unclaimed?: { readonly externalId: string; readonly profile: string | null };
  readonly replayOf?: number;
};

/** As ingest groups them; a message without an instant is refused. */
export function batchOf(messages: readonly Message[]): ReadingBatch {
  const rows = new RowBuffer();
  const rowEnds = messages.map(
    ({ deviceId, layoutId, atMs, values = [], clock = 0, receivedAtMs = START_MS }) => {
      const packed = packDecimals(values);
      const row = { deviceId, layoutId, receivedAtMs, clock, flags: 0, values: packed };
      if (atMs !== undefined) rows.add({ ...row, observedAtMs: atMs, fingerprint: fingerprint(packed) });
      return rows.rowCount;
    },
  );
  return {
    rows,
    rowEnds,
    messages: messages.map(
      ({ deviceId, payload = "payload", receivedAtMs = START_MS, unclaimed, replayOf }) => ({
        device: { id: deviceId, profile: "senml" },
        clientId: "meter",
        topic: "telegram",
        payload: Buffer.from(payload),
        retained: false,
        receivedAtMs,
        ...(unclaimed && { unclaimed }),
        ...(replayOf !== undefined && { replayOf }),
      }),
    ),
    rejections: messages.map(({ atMs, unclaimed }) => {
      if (atMs !== undefined) return undefined;
      const reason = unclaimed === undefined ? ("reading_malformed" as const) : ("device_unclaimed" as const);
      return { reason, detail: "no" };
    }),
    touches: messages.flatMap(({ layoutId, registerIds, atMs, late = false }) =>
      atMs === undefined
        ? []
        : [
            {
              layoutId,
              registerIds,
              late,
              rowDay: utcDayNumber(atMs),
              ...staleDays(atMs, INTERPOLATE_MAX_S),
            },
          ],
    ),
    replays: messages.some(({ replayOf }) => replayOf !== undefined),
  };
}

/** A profile's day in which each quarter-hour has this energy and status; by place those that differ. */
export function dayOf(
  registerId: number,
  day: number,
  energy: number,
  status = 4,
  other: Readonly<Record<number, number>> = {},
): ProfileDay {
  const quarters = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY);
  const statuses = Buffer.alloc(QUARTERS_PER_UTC_DAY);
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    statuses[slot] = other[slot] ?? status;
    quarters.writeInt32LE(statuses[slot] === 0 ? 0 : energy, 4 * slot);
  }
  return { registerId, day, quarters, statuses };
}

/** As it is kept of an estimate. */
export function estimateOf(day: ProfileDay, reachDays = 3): EstimatedDay {
  const { day: number, quarters, statuses } = day;
  return { day: number, quarters, statuses, methods: Buffer.alloc(QUARTERS_PER_UTC_DAY, 3), reachDays };
}

/** Orders by what things are as text. */
export function byText(one: unknown, other: unknown): number {
  return String(one) < String(other) ? -1 : 1;
}
