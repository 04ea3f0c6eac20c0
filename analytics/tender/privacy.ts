// The gate before a publication (I7): enough participants, none that dominates, and no set of publications that isolates one.
//
//             month of publication 1   2   3   next        Participants with the same signature are an atom. Whatever somebody
//   Ann Bob Cem      ●   ●   ·   ●     ─ atom 1101         adds and subtracts, sums of atoms come out and never less: so each
//   Dan              ●   ●   ●   ·     ─ atom 1110         atom must be a publishable group. Dan alone is not: refused.
import type { Carrier } from "#devices/vocabulary";
import type { MonthPart, ParticipantMonths } from "./participant-months.ts";

/** What was shown, or is about to be: one lot of a dossier, or any other sum over a group. */
export type Publication = { readonly carrier: Carrier; readonly participants: readonly ParticipantMonths[] };

export type PrivacyRules = {
  /** Fewest participants in anything published. */
  readonly cohortMin: number;
  /** A participant with more than this share of the energy dominates. */
  readonly sharePercentMax: number;
};

/**
 * Half: whoever takes the sum for the largest participant's load is wrong by a factor of two at least. 15 % (the 15/15 rule of
 * California) cannot hold with fewer than seven participants; where cohorts allow it, an installation sets it.
 */
export const DEFAULT_SHARE_PERCENT_MAX = 50;

export type PublicationRefusal = {
  readonly code: "cohort_too_small" | "dominant_participant";
  /** `difference`: the publication alone would pass, together with earlier ones it would not. */
  readonly scope: "publication" | "difference";
  /** Civil month, or `null` for the whole period. */
  readonly month: string | null;
  /** Who is too few, or who dominates: for the coordinator's eyes, who knows the participants. */
  readonly participantIds: readonly number[];
};

/** Empty when it may be published. `previous` are all publications so far, in their order; other carriers do not matter. */
export function publicationRefusals(
  next: Publication,
  previous: readonly Publication[],
  rules: PrivacyRules,
): PublicationRefusal[] {
  const related = previous.filter(({ carrier }) => carrier === next.carrier);
  const months = [
    ...new Set(next.participants.flatMap((one) => one.months.map(({ month }) => month))),
  ].sort();
  return [
    ...faultsOf(wholePeriod(next), rules, "publication", null),
    ...months.flatMap((month) => faultsOf(partsIn(next, month), rules, "publication", month)),
    ...months.flatMap((month) =>
      atomsOf([...related, next].map((publication) => partsOf(publication, month))).flatMap((atom) =>
        faultsOf(atom, rules, "difference", month),
      ),
    ),
  ].filter(isFirst);
}

/** Energy by participant. */
type Group = ReadonlyMap<number, number>;

function faultsOf(
  group: Group,
  rules: PrivacyRules,
  scope: PublicationRefusal["scope"],
  month: string | null,
): PublicationRefusal[] {
  if (group.size < rules.cohortMin) {
    return [{ code: "cohort_too_small", scope, month, participantIds: ordered(group.keys()) }];
  }
  const total = [...group.values()].reduce((sum, wh) => sum + wh, 0);
  const dominant = [...group].filter(([, wh]) => wh * 100 > rules.sharePercentMax * total);
  if (dominant.length === 0) return [];
  return [
    { code: "dominant_participant", scope, month, participantIds: ordered(dominant.map(([id]) => id)) },
  ];
}

function ordered(ids: Iterable<number>): number[] {
  return [...ids].sort((left, right) => left - right);
}

function wholePeriod(publication: Publication): Group {
  return new Map(
    publication.participants.map(({ participantId, months }) => [
      participantId,
      months.reduce((sum, { wh }) => sum + wh, 0),
    ]),
  );
}

type Parts = ReadonlyMap<number, MonthPart>;

function partsOf(publication: Publication, month: string): Parts {
  return new Map(
    publication.participants.flatMap(({ participantId, months }) => {
      const part = months.find((one) => one.month === month);
      return part === undefined ? [] : [[participantId, part] as const];
    }),
  );
}

function partsIn(publication: Publication, month: string): Group {
  return new Map([...partsOf(publication, month)].map(([participantId, { wh }]) => [participantId, wh]));
}

/**
 * The finest groups whose sums a reader of all publications of a month can work out. A participant whose quarter-hours were
 * corrected between two publications is there twice: with what was first published, and with the change from then on.
 */
function atomsOf(publications: readonly Parts[]): Group[] {
  const atoms = new Map<string, Map<number, number>>();
  for (const participantId of ordered(new Set(publications.flatMap((parts) => [...parts.keys()])))) {
    for (const { from, wh } of versionsOf(publications, participantId)) {
      const signature = publications
        .map((parts, index) => (index >= from && parts.has(participantId) ? "1" : "0"))
        .join("");
      const atom = atoms.get(signature) ?? new Map<number, number>();
      atoms.set(signature, atom);
      atom.set(participantId, (atom.get(participantId) ?? 0) + wh);
    }
  }
  return [...atoms.values()];
}

/** The publications from which on a participant's part was another one, and by how much it changed there. */
function versionsOf(publications: readonly Parts[], participantId: number): { from: number; wh: number }[] {
  const versions: { from: number; wh: number }[] = [];
  let last: MonthPart | undefined;
  for (const [from, parts] of publications.entries()) {
    const part = parts.get(participantId);
    if (part === undefined || part.fingerprint === last?.fingerprint) continue;
    versions.push({ from, wh: Math.abs(part.wh - (last?.wh ?? 0)) });
    last = part;
  }
  return versions;
}

/** With no earlier publication the only atom is the publication itself: its faults are told once. */
function isFirst(refusal: PublicationRefusal, index: number, all: readonly PublicationRefusal[]): boolean {
  const told = ({ code, month, participantIds }: PublicationRefusal) =>
    `${code} ${month} ${participantIds.join()}`;
  return all.findIndex((other) => told(other) === told(refusal)) === index;
}
