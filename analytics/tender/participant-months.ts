// What each participant puts into each month of a profile: the gate before publication looks at it. Never published itself.
import { createHash } from "node:crypto";
import { participantLoad, resetParticipant, type ParticipantLoad } from "./participant-load.ts";
import type { GroupProfile, SizingRequest } from "./sizing.ts";
import { seriesByParticipant } from "./supply-point-series.ts";
import { addSupplyPoint } from "./supply-point-volume.ts";
import { tenderCalendar, type SlotRange } from "./tender-calendar.ts";

export type MonthPart = {
  /** Civil month, `YYYY-MM`. */
  readonly month: string;
  readonly wh: number;
  /** Of the quarter-hours: another one means that what is published with them differs. */
  readonly fingerprint: string;
};

export type ParticipantMonths = {
  readonly participantId: number;
  /** Those with a value that is shown in the profile. */
  readonly months: readonly MonthPart[];
};

/** `profile` is what `sizeGroup` made of the same request: what it withholds is no part of a publication. */
export function participantMonths(request: SizingRequest, profile: GroupProfile): ParticipantMonths[] {
  const calendar = tenderCalendar(request.period);
  const load = participantLoad(calendar.slots);
  return [...seriesByParticipant(request.series)].map(([participantId, series]) => {
    resetParticipant(load);
    for (const one of series) addSupplyPoint(one, calendar, load, { measured: 0, missing: 0, all: 0 });
    hideWithheld(load, profile);
    const months = calendar.months
      .filter((range) => load.present.subarray(range.first, range.end).includes(1))
      .map((range) => ({ month: range.month, ...partOf(load, range) }));
    return { participantId, months };
  });
}

function hideWithheld({ energies, present }: ParticipantLoad, profile: GroupProfile): void {
  for (let slot = 0; slot < energies.length; slot++) {
    if (profile.participants[slot] !== 0) continue;
    energies[slot] = 0;
    present[slot] = 0;
  }
}

function partOf({ energies, present }: ParticipantLoad, { first, end }: SlotRange): Omit<MonthPart, "month"> {
  const quarters = energies.subarray(first, end);
  const bytes = new Uint8Array(quarters.buffer, quarters.byteOffset, quarters.byteLength);
  const hash = createHash("sha256").update(bytes).update(present.subarray(first, end));
  return { wh: quarters.reduce((sum, wh) => sum + wh, 0), fingerprint: hash.digest("base64url") };
}
