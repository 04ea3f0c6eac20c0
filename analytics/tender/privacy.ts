// The gate before a publication (I7): enough participants, none that dominates, and no set of publications that isolates one.
//
//             month of publication 1   2   3   next        Participants with the same signature are an atom. Whatever somebody
//   Ann Bob Cem      ●   ●   ·   ●     ─ atom 1101         adds and subtracts, sums of atoms come out and never less: so each
//   Dan              ●   ●   ●   ·     ─ atom 1110         atom must be a publishable group. Dan alone is not: refused.
import type { Carrier } from "#devices/vocabulary";
import type { ParticipantMonths, YearPart } from "./participant-months.ts";

/** In the place of a month: the annual volume. */
export const YEAR = "year";

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
  /** Civil month, `YEAR` for the annual volume, or `null` for the whole period. */
  readonly month: string | null;
  /**
   * Who is too few, or who dominates: for the coordinator's eyes, who knows the participants. Only such as are in this publication;
   * none when it would give those away that are not.
   */
  readonly participantIds: readonly number[];
};

/**
 * Empty when it may be published. `previous` are all publications so far, in their order; other carriers do not matter. That no
 * quarter-hour isolates anybody is `withheldSlots`' work, done before.
 */
export function publicationRefusals(
  next: Publication,
  previous: readonly Publication[],
  rules: PrivacyRules,
): PublicationRefusal[] {
  const all = [...previous.filter(({ carrier }) => carrier === next.carrier), next];
  const months = [
    ...new Set(next.participants.flatMap((one) => one.months.map(({ month }) => month))),
  ].sort();
  const subjects = [...months, YEAR];
  const own = new Set(next.participants.map(({ participantId }) => participantId));
  return [
    ...faultsOf(wholePeriod(next), rules, "publication", null),
    ...subjects.flatMap((month) => faultsOf(energiesOf(partsOf(next, month)), rules, "publication", month)),
    ...subjects.flatMap((month) =>
      atomsOf(all.map((publication) => partsOf(publication, month))).flatMap((atom) =>
        faultsOf(atom, rules, "difference", month),
      ),
    ),
  ]
    .filter(isFirst)
    .map((refusal) => ({ ...refusal, participantIds: refusal.participantIds.filter((id) => own.has(id)) }))
    .filter(isFirst);
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

/** What a participant adds to a figure: to a month's, or to the annual volume's, which is about days of its own. */
type Part = { readonly wh: number; readonly fingerprint: string } & Partial<Pick<YearPart, "from" | "to">>;
type Parts = ReadonlyMap<number, Part>;

function partsOf(publication: Publication, month: string): Parts {
  return new Map(
    publication.participants.flatMap(({ participantId, months, year }) => {
      const part = month === YEAR ? year : months.find((one) => one.month === month);
      return part === undefined ? [] : [[participantId, part] as const];
    }),
  );
}

function energiesOf(parts: Parts): Group {
  return new Map([...parts].map(([participantId, { wh }]) => [participantId, wh]));
}

/**
 * The finest groups whose sums a reader of all publications of a figure can work out, as far as the last one makes or contains
 * them: what earlier ones gave away is not its fault. A participant that was corrected between two publications is there twice:
 * with what was first published, and with the change from then on.
 */
function atomsOf(publications: readonly Parts[]): Group[] {
  const atoms = new Map<string, Map<number, number>>();
  for (const participantId of ordered(new Set(publications.flatMap((parts) => [...parts.keys()])))) {
    for (const { among, moved, wh } of versionsOf(publications, participantId)) {
      const signature = publications.map((_, index) => (among.has(index) ? "1" : "0")).join("");
      const key = `${moved ? "moved " : ""}${signature}`;
      const atom = atoms.get(key) ?? new Map<number, number>();
      atoms.set(key, atom);
      atom.set(participantId, (atom.get(participantId) ?? 0) + wh);
    }
  }
  return [...atoms].filter(([key]) => atoms.has(`${key.slice(0, -1)}1`)).map(([, atom]) => atom);
}

type Version = {
  /** The publications that it is in. */
  readonly among: ReadonlySet<number>;
  /** The change is that of a year that moved on. */
  readonly moved: boolean;
  readonly wh: number;
};

/**
 * A participant's part, and each change of it. A year that moved on protects nobody who is new beside it, as the months tell by how
 * much it changed: such changes are atoms of their own. A year that shares no day with another is another figure.
 */
function versionsOf(publications: readonly Parts[], participantId: number): Version[] {
  const told = publications.flatMap((parts, index) => {
    const part = parts.get(participantId);
    return part === undefined ? [] : [{ index, part }];
  });
  return strandsOf(told).flatMap((strand) =>
    strand.flatMap(({ part }, at) => {
      const last = strand[at - 1]?.part;
      if (part.fingerprint === last?.fingerprint) return [];
      const among = new Set(strand.slice(at).map(({ index }) => index));
      const moved = last !== undefined && (last.from !== part.from || last.to !== part.to);
      return [{ among, moved, wh: moved ? part.wh : Math.abs(part.wh - (last?.wh ?? 0)) }];
    }),
  );
}

type Told = { readonly index: number; readonly part: Part };

/** Parts that have days in common, or have them with others that do. Of a month all have. */
function strandsOf(told: readonly Told[]): Told[][] {
  let strands: Told[][] = [];
  for (const one of told) {
    const touched = strands.filter((strand) => strand.some(({ part }) => overlap(part, one.part)));
    strands = [...strands.filter((strand) => !touched.includes(strand)), [...touched.flat(), one]];
  }
  return strands.map((strand) => strand.toSorted((left, right) => left.index - right.index));
}

function overlap(left: Part, right: Part): boolean {
  if (left.from === undefined || left.to === undefined) return true;
  if (right.from === undefined || right.to === undefined) return true;
  return left.from < right.to && right.from < left.to;
}

/** With no earlier publication the only atom is the publication itself: its faults are told once. */
function isFirst(refusal: PublicationRefusal, index: number, all: readonly PublicationRefusal[]): boolean {
  const told = ({ code, month, participantIds }: PublicationRefusal) =>
    `${code} ${month} ${participantIds.join()}`;
  return all.findIndex((other) => told(other) === told(refusal)) === index;
}
