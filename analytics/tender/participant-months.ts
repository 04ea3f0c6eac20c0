// What each participant puts into each month of a profile, and into the year: the gate looks at it. Never published itself.
import { createHash } from "node:crypto";
import { participantLoad, resetParticipant, type ParticipantLoad } from "./participant-load.ts";
import type { GroupProfile, SizingRequest } from "./sizing.ts";
import { seriesByParticipant, type SupplyPointSeries } from "./supply-point-series.ts";
import { addSupplyPoint, type SupplyPointVolume } from "./supply-point-volume.ts";
import { tenderCalendar, YEAR_DAYS, type SlotRange, type TenderPeriod } from "./tender-calendar.ts";
import { monthBits, monthOffset } from "./withheld-slots.ts";

export type MonthPart = {
  /** Civil month, `YYYY-MM`. */
  readonly month: string;
  /** Of the quarter-hours that are shown. */
  readonly wh: number;
  /** Of all quarter-hours with a value, shown or not: another one is a correction, and withholding is none. */
  readonly fingerprint: string;
  /** The quarter-hours with a value that is shown, as `MonthPresence` has them. */
  readonly present: Uint8Array;
};

/** What it adds to the group's annual volume, which rests on days that no month may show. */
export type YearPart = {
  /** The `annualWh` of all its supply points. */
  readonly wh: number;
  /** Of each supply point's year, volume and basis: how well a day was known decides it too. */
  readonly fingerprint: string;
  /** The civil days that it is about, half-open: from the first to the last of its supply points' years. */
  readonly from: string;
  readonly to: string;
};

export type ParticipantMonths = {
  readonly participantId: number;
  /** Those with a value that is shown in the profile. */
  readonly months: readonly MonthPart[];
  readonly year: YearPart;
};

/** `profile` is what `sizeGroup` made of the same request: what it withholds is no part of a publication. */
export function participantMonths(request: SizingRequest, profile: GroupProfile): ParticipantMonths[] {
  const { period } = request;
  const calendar = tenderCalendar(period);
  const load = participantLoad(calendar.slots);
  const places = calendar.months.map((range) => ({
    range,
    offset: monthOffset(calendar.fromMs, range.first, range.month, period.timezone),
  }));
  return [...seriesByParticipant(request.series)].map(([participantId, series]) => {
    resetParticipant(load);
    const volumes = series.map((one) =>
      addSupplyPoint(one, calendar, load, { measured: 0, missing: 0, all: 0 }),
    );
    const known = places.map(({ range }) => fingerprintOf(load, range));
    hideWithheld(load, profile);
    const months = places.flatMap(({ range, offset }, index) => {
      if (!load.present.subarray(range.first, range.end).includes(1)) return [];
      const wh = load.energies.subarray(range.first, range.end).reduce((sum, some) => sum + some, 0);
      const present = monthBits(load.present, range, offset);
      return [{ month: range.month, wh, fingerprint: known[index] ?? "", present }];
    });
    return { participantId, months, year: yearOf(series, volumes, period) };
  });
}

function hideWithheld({ energies, present }: ParticipantLoad, profile: GroupProfile): void {
  for (let slot = 0; slot < energies.length; slot++) {
    if (profile.participants[slot] !== 0) continue;
    energies[slot] = 0;
    present[slot] = 0;
  }
}

function fingerprintOf({ energies, present }: ParticipantLoad, { first, end }: SlotRange): string {
  const quarters = energies.subarray(first, end);
  const bytes = new Uint8Array(quarters.buffer, quarters.byteOffset, quarters.byteLength);
  return createHash("sha256").update(bytes).update(present.subarray(first, end)).digest("base64url");
}

function yearOf(
  series: readonly SupplyPointSeries[],
  volumes: readonly SupplyPointVolume[],
  period: TenderPeriod,
): YearPart {
  const ends = series.map(({ yearTo = period.to }) => yearTo).toSorted();
  const [earliest = period.to] = ends;
  const facts = volumes.map(({ supplyPointId, annualWh, basisDays }, index) => {
    const { yearTo = period.to } = series[index] ?? {};
    return [supplyPointId, yearTo, annualWh, basisDays];
  });
  return {
    wh: volumes.reduce((sum, { annualWh }) => sum + annualWh, 0),
    fingerprint: createHash("sha256").update(JSON.stringify(facts)).digest("base64url"),
    from: Temporal.PlainDate.from(earliest).subtract({ days: YEAR_DAYS }).toString(),
    to: ends.at(-1) ?? period.to,
  };
}
