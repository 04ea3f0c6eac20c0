// The gate before a publication (I7), fed with all publications of the carrier so far.
import { KoproError } from "#devices/error";
import { loadPublications, type Db } from "#store";
import type { Carrier } from "#devices/vocabulary";
import type { ParticipantMonths } from "../tender/participant-months.ts";
import {
  DEFAULT_SHARE_PERCENT_MAX,
  publicationRefusals,
  type PublicationRefusal,
} from "../tender/privacy.ts";

/** The caller holds `lockPublications`, when something is to be published after this. */
export async function refusalsOf(
  db: Db,
  carrier: Carrier,
  participants: readonly ParticipantMonths[],
  cohortMin: number,
): Promise<PublicationRefusal[]> {
  const previous = await loadPublications(db, carrier);
  return publicationRefusals(
    { carrier, participants },
    previous.map((published) => ({ carrier, participants: published.participants })),
    { cohortMin, sharePercentMax: DEFAULT_SHARE_PERCENT_MAX },
  );
}

/** For the coordinator, who knows the participants and must know whom to talk to. */
export function publicationRefused(id: number, refusal: PublicationRefusal): KoproError {
  const { code, scope, month, participantIds } = refusal;
  const where = `${month === null ? "the whole period" : month}, ${scope}`;
  return new KoproError(code, `Tender ${id} cannot be published (${where}).`, {
    extra: { scope, month, buildingIds: participantIds.map(String) },
  });
}
