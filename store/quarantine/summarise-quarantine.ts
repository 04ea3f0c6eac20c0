// How much of what waits in quarantine, per reason and per device.
import type { QuarantineReason } from "#devices/vocabulary";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "../directory/scope.ts";
import { sqlText, type Db } from "../pool.ts";

export type ReasonCount = {
  readonly reason: QuarantineReason;
  readonly waiting: number;
  /** Of those that wait: marked to be read again. */
  readonly requested: number;
  readonly replayed: number;
  /** Of payload, of all of them. */
  readonly bytes: number;
  readonly oldestAt: Date;
  readonly newestAt: Date;
};

export type DeviceQuarantine = {
  /** `NO_DEVICE_PAGE_KEY` for all messages together that name no known device. */
  readonly id: number;
  readonly buildingId: number | null;
  readonly name: string | null;
  readonly waiting: number;
  readonly replayed: number;
  readonly bytes: number;
  /** Messages that wait, by reason; null when none does. */
  readonly reasons: Readonly<Partial<Record<QuarantineReason, number>>> | null;
};

/** Beyond every device's, so that it stands at the end of the last page. */
export const NO_DEVICE_PAGE_KEY = 2_147_483_647;

const REASONS = sqlText(import.meta.url, "./count-reasons.sql");
const DEVICES = sqlText(import.meta.url, "./count-devices.sql");

/** Reads all of quarantine that the viewer sees. */
export function quarantineByReason(db: Db, scope: Scope): Promise<ReasonCount[]> {
  return scoped<ReasonCount>(db, scope, `\n${REASONS}`);
}

/** The devices of which quarantine holds anything, in the order of their numbers; an administrator's list ends with `NO_DEVICE_PAGE_KEY`. */
export async function quarantineByDevice(
  db: Db,
  scope: Scope,
  page: PageRequest,
): Promise<Page<DeviceQuarantine>> {
  const rows = await scoped<DeviceQuarantine>(db, scope, DEVICES, [page.after, page.limit + 1]);
  return pageOf(rows, page.limit);
}
