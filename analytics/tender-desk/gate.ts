// The gate before a publication (I7), fed with all publications of the carrier so far; and what a refused one answers.
import { KoproError } from "#devices/error";
import { loadPublications, type Db } from "#store";
import type { Carrier } from "#devices/vocabulary";
import { participantMonths, type ParticipantMonths } from "../tender/participant-months.ts";
import {
  DEFAULT_SHARE_PERCENT_MAX,
  publicationRefusals,
  type Publication,
  type PublicationRefusal,
} from "../tender/privacy.ts";
import { sizeGroup, type Sizing } from "../tender/sizing.ts";
import type { SupplyPointSeries } from "../tender/supply-point-series.ts";
import { tenderCalendar, type TenderPeriod } from "../tender/tender-calendar.ts";
import { withheldSlots, type ShownMonths } from "../tender/withheld-slots.ts";
import { shownMissing } from "./conditions.ts";
import type { PublicationFault } from "./desk.ts";

export type JudgedGroup = {
  readonly series: readonly SupplyPointSeries[];
  /** Without the quarter-hours that would isolate somebody beside earlier publications. */
  readonly sizing: Sizing;
  readonly months: readonly ParticipantMonths[];
  /** Empty: it may be published. */
  readonly refusals: readonly PublicationRefusal[];
};

/**
 * A group's figures as they would be published now, and whether they may: seconds of CPU for a thousand supply points. The caller
 * holds `lockPublications`, when something is to be published after this.
 */
export async function sizeAndJudge(
  db: Db,
  carrier: Carrier,
  group: {
    readonly series: readonly SupplyPointSeries[];
    readonly period: TenderPeriod;
    readonly cohortMin: number;
  },
): Promise<JudgedGroup> {
  const { series, period, cohortMin } = group;
  const ownMonths = tenderCalendar(period).months.map(({ month }) => month);
  const previous = (await loadPublications(db, carrier, ownMonths)).map(({ participants }): Publication => ({
    carrier,
    participants,
  }));
  const request = { ...group, withheld: withheldSlots(group, previous.map(shownMonths)) };
  const sizing = sizeGroup(request);
  const months = participantMonths(request, sizing.profile);
  const rules = { cohortMin, sharePercentMax: DEFAULT_SHARE_PERCENT_MAX };
  const refusals = publicationRefusals({ carrier, participants: months }, previous, rules);
  return { series, sizing, months, refusals };
}

function shownMonths({ participants }: Publication): ShownMonths {
  const months = new Map<string, Map<number, Uint8Array>>();
  for (const { participantId, months: parts } of participants) {
    for (const { month, present } of parts) {
      const presence = months.get(month) ?? new Map<number, Uint8Array>();
      months.set(month, presence);
      presence.set(participantId, present);
    }
  }
  return months;
}

/** For the coordinator, who knows the participants and must know whom to talk to. */
export function publicationRefused(id: number, fault: PublicationFault): KoproError {
  if (fault.code === "conditions_missing") {
    const participants = fault.participants.map(({ buildingId, missing }) => ({
      buildingId: String(buildingId),
      missing: shownMissing(missing),
    }));
    const codes = fault.participants.flatMap(({ missing }) => missing.map(({ code }) => code));
    return new KoproError(
      codes.includes("consent_missing") ? "consent_missing" : fault.code,
      `Tender ${id} cannot be published: ${participants.length} participants lack something (${[...new Set(codes)].join(", ")}).`,
      { extra: { participants } },
    );
  }
  const { code, scope, month, participantIds } = fault;
  const where = `${month === null ? "the whole period" : month}, ${scope}`;
  return new KoproError(code, `Tender ${id} cannot be published (${where}).`, {
    extra: { scope, month, buildingIds: participantIds.map(String) },
  });
}
