// The gate before a publication: nothing that was ever published, added and subtracted at will, is about fewer than the minimum.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ParticipantMonths } from "./participant-months.ts";
import { publicationRefusals, YEAR, type Publication, type PrivacyRules } from "./privacy.ts";
import { isolatingSlots, type MonthPresence } from "./withheld-slots.ts";

const RULES: PrivacyRules = { cohortMin: 3, sharePercentMax: 50 };

function participant(
  participantId: number,
  wh = 100,
  rest: { month?: string; version?: string } = {},
): ParticipantMonths {
  const { month = "2026-01", version = `${wh}` } = rest;
  const fingerprint = `${participantId} ${version}`;
  return {
    participantId,
    months: [{ month, wh, fingerprint, present: ALWAYS }],
    year: yearOf(wh, fingerprint),
  };
}

/** Which quarter-hours of a month have a value is `withheldSlots`' concern. */
const ALWAYS = new Uint8Array(372).fill(255);
const yearOf = (wh: number, fingerprint: string) => ({
  wh,
  fingerprint,
  from: "2025-06-01",
  to: "2026-06-01",
});

function published(
  participants: readonly ParticipantMonths[],
  carrier: Publication["carrier"] = "electricity",
): Publication {
  return { carrier, participants };
}

const cohort = (...ids: readonly number[]) => published(ids.map((id) => participant(id)));

/** The faults of months and of the whole; those of the annual volume have tests of their own. */
const byMonth: typeof publicationRefusals = (...asked) =>
  publicationRefusals(...asked).filter(({ month }) => month !== YEAR);

test("enough participants of whom none dominates may be published, again and unchanged too", () => {
  expect(byMonth(cohort(1, 2, 3), [], RULES)).toEqual([]);
  expect(byMonth(cohort(1, 2, 3), [cohort(1, 2, 3), cohort(3, 2, 1)], RULES)).toEqual([]);
});

test("too few are refused, in the whole and in a month", () => {
  expect(byMonth(cohort(1, 2), [], RULES)).toEqual([
    { code: "cohort_too_small", scope: "publication", month: null, participantIds: [1, 2] },
    { code: "cohort_too_small", scope: "publication", month: "2026-01", participantIds: [1, 2] },
  ]);
  const oneMore = { month: "2026-02", wh: 5, fingerprint: "february", present: ALWAYS };
  const early = { ...participant(1), months: [...participant(1).months, oneMore] };
  expect(byMonth(published([early, participant(2), participant(3)]), [], RULES)).toEqual([
    { code: "cohort_too_small", scope: "publication", month: "2026-02", participantIds: [1] },
  ]);
});

test("who has more than the share dominates; exactly the share does not", () => {
  const sized = (largest: number) =>
    byMonth(published([participant(1, largest), participant(2), participant(3)]), [], RULES);
  expect(sized(200)).toEqual([]);
  expect(sized(201)).toEqual([
    { code: "dominant_participant", scope: "publication", month: null, participantIds: [1] },
    { code: "dominant_participant", scope: "publication", month: "2026-01", participantIds: [1] },
  ]);
});

test("a group that is balanced in the whole may be dominated in a month", () => {
  const months = (id: number, january: number, july: number): ParticipantMonths => ({
    participantId: id,
    months: [
      { month: "2026-01", wh: january, fingerprint: `${january}`, present: ALWAYS },
      { month: "2026-07", wh: july, fingerprint: `${july}`, present: ALWAYS },
    ],
    year: yearOf(january + july, `${january} ${july}`),
  });
  const group = [months(1, 100, 900), months(2, 900, 100), months(3, 500, 100)];
  expect(byMonth(published(group), [], RULES)).toEqual([
    { code: "dominant_participant", scope: "publication", month: "2026-01", participantIds: [2] },
    { code: "dominant_participant", scope: "publication", month: "2026-07", participantIds: [1] },
  ]);
});

test("one who joins, or leaves, between two publications would be their difference", () => {
  const alone = { code: "cohort_too_small", scope: "difference", month: "2026-01" };
  expect(byMonth(cohort(1, 2, 3, 4), [cohort(1, 2, 3)], RULES)).toEqual([{ ...alone, participantIds: [4] }]);
  // Who left is not named to whoever publishes without him.
  expect(byMonth(cohort(1, 2, 3), [cohort(1, 2, 3, 4)], RULES)).toEqual([{ ...alone, participantIds: [] }]);
  expect(byMonth(cohort(1, 2, 3, 5), [cohort(1, 2, 3, 4)], RULES)).toEqual([
    { ...alone, participantIds: [] },
    { ...alone, participantIds: [5] },
  ]);
});

test("enough who join together may, unless one of them dominates the difference", () => {
  const before = cohort(1, 2, 3);
  expect(byMonth(cohort(1, 2, 3, 4, 5, 6), [before], RULES)).toEqual([]);
  const joined = [participant(4, 250), participant(5), participant(6)];
  expect(byMonth(published([...before.participants, ...joined]), [before], RULES)).toEqual([
    { code: "dominant_participant", scope: "difference", month: "2026-01", participantIds: [4] },
  ]);
});

test("another month, or another carrier, has no difference", () => {
  const later = published([1, 2, 3, 4].map((id) => participant(id, 100, { month: "2026-02" })));
  expect(byMonth(later, [cohort(1, 2, 3)], RULES)).toEqual([]);
  const gas = published(cohort(1, 2, 3).participants, "gas");
  expect(byMonth(cohort(1, 2, 3, 4), [gas], RULES)).toEqual([]);
});

test("a correction of one participant would be the difference; so would its way back", () => {
  const corrected = published([participant(1, 130), participant(2), participant(3)]);
  const alone = [{ code: "cohort_too_small", scope: "difference", month: "2026-01", participantIds: [1] }];
  expect(byMonth(corrected, [cohort(1, 2, 3)], RULES)).toEqual(alone);
  const moved = published([participant(1, 100, { version: "same sum" }), participant(2), participant(3)]);
  expect(byMonth(moved, [cohort(1, 2, 3)], RULES)).toEqual(alone);
  const all = published([participant(1, 130), participant(2, 125), participant(3, 120)]);
  expect(byMonth(all, [cohort(1, 2, 3)], RULES)).toEqual([]);
  expect(byMonth(cohort(1, 2, 3), [cohort(1, 2, 3), all], RULES)).toEqual([]);
});

test("one whose history comes in does not hide behind small corrections of the others", () => {
  const next = published([participant(1, 900), participant(2, 101), participant(3, 99), participant(4, 500)]);
  const before = cohort(1, 2, 3, 4);
  expect(byMonth(next, [before], { ...RULES, sharePercentMax: 60 })).toEqual([
    { code: "dominant_participant", scope: "difference", month: "2026-01", participantIds: [1] },
  ]);
});

test("four publications that pass two by two isolate one together: the gate looks at all of them", () => {
  const [x, y, z, w] = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
    [10, 11, 12],
  ] as const;
  const four = [cohort(...x, ...y, 99), cohort(...x, ...z), cohort(...y, ...w), cohort(...z, ...w)];
  // (1 − 2) − (3 − 4) = 99, and no two of them differ by fewer than three on a side.
  expect(
    isolates(
      four.map((one) => one.participants.map(({ participantId }) => participantId)),
      3,
    ),
  ).toBe(true);
  // Refused is the one that parts 99 from the others, before the last makes him out; he is not in it, so it does not name him.
  const refusals = four.map((one, index) => byMonth(one, four.slice(0, index), RULES));
  expect(refusals.map((some) => some.length > 0)).toEqual([false, false, true, false]);
  expect(refusals[2]).toContainEqual({
    code: "cohort_too_small",
    scope: "difference",
    month: "2026-01",
    participantIds: [],
  });
});

/** Prime, and larger than any determinant of a matrix of zeros and ones of this size: ranks are those of the rationals. */
const PRIME = 10_007;

function rank(rows: readonly (readonly number[])[]): number {
  const matrix = rows.map((row) => [...row]);
  const width = matrix[0]?.length ?? 0;
  let found = 0;
  for (let column = 0; column < width; column++) {
    const pivot = matrix.findIndex((row, index) => index >= found && row[column] !== 0);
    if (pivot < 0) continue;
    const [row = []] = matrix.splice(pivot, 1);
    matrix.splice(found++, 0, row);
    for (const other of matrix.slice(found)) {
      const [factor, scale] = [other[column] ?? 0, row[column] ?? 0];
      for (let at = 0; at < width; at++) {
        const value = (other[at] ?? 0) * scale - (row[at] ?? 0) * factor;
        other[at] = ((value % PRIME) + PRIME) % PRIME;
      }
    }
  }
  return found;
}

/** Whether sums and differences of the publications, with any factors, give a figure about fewer than `minimum` participants. */
function isolates(publications: readonly (readonly number[])[], minimum: number): boolean {
  const ids = [...new Set(publications.flat())];
  const rowsOver = (some: readonly number[]) =>
    publications.map((members) => some.map((id) => (members.includes(id) ? 1 : 0)));
  const whole = rank(rowsOver(ids));
  // Some combination vanishes outside the group but not within it: the rest alone has a lower rank.
  return subsets(ids, minimum - 1).some(
    (group) => rank(rowsOver(ids.filter((id) => !group.includes(id)))) < whole,
  );
}

/** Of one to `most` members. */
function subsets(ids: readonly number[], most: number): number[][] {
  return ids
    .reduce<number[][]>(
      (all, id) => [...all, ...all.filter((one) => one.length < most).map((one) => [...one, id])],
      [[]],
    )
    .filter((one) => one.length > 0);
}

test("who dominates the annual volume only, by days that no month shows, is refused too", () => {
  const sized = (id: number, yearWh: number): ParticipantMonths => ({
    ...participant(id),
    year: yearOf(yearWh, `${id} ${yearWh}`),
  });
  const group = (largest: number) => published([sized(1, largest), sized(2, 1000), sized(3, 1000)]);
  expect(publicationRefusals(group(2000), [], RULES)).toEqual([]);
  expect(publicationRefusals(group(2001), [], RULES)).toEqual([
    { code: "dominant_participant", scope: "publication", month: YEAR, participantIds: [1] },
  ]);
});

test("a year that changes for one alone, its months unchanged, would be the difference of two volumes", () => {
  const before = cohort(1, 2, 3, 4);
  const known = { ...participant(1), year: yearOf(100, "a day is measured now that was estimated") };
  expect(publicationRefusals(published([known, ...cohort(2, 3, 4).participants]), [before], RULES)).toEqual([
    { code: "cohort_too_small", scope: "difference", month: YEAR, participantIds: [1] },
  ]);
});

/** Of a year of its own, on months that nothing else is about. */
function inYear(from: number, ids: readonly number[], last?: number): Publication {
  return published(
    ids.map((id) => ({
      ...participant(id, 100, { month: `${from}-01` }),
      year: {
        wh: 100,
        fingerprint: `${id} ${from} ${last}`,
        from: `${from}-01-01`,
        to: `${last ?? from}-12-31`,
      },
    })),
  );
}

test("a year moved on by some days hides nobody who joins or leaves; one that shares no day does", () => {
  const alone = { code: "cohort_too_small", scope: "difference", month: YEAR };
  const before = inYear(2025, [1, 2, 3, 4]);
  expect(publicationRefusals(inYear(2026, [1, 2, 3, 4, 5]), [before], RULES)).toEqual([]);
  expect(publicationRefusals(inYear(2026, [1, 2, 3]), [before], RULES)).toEqual([]);
  const both = (ids: readonly number[]) => publicationRefusals(inYear(2025, ids, 2026), [before], RULES);
  const ofYear = (ids: readonly number[]) => both(ids).filter(({ month }) => month === YEAR);
  expect(ofYear([1, 2, 3, 4])).toEqual([]);
  expect(ofYear([1, 2, 3, 4, 5])).toEqual([{ ...alone, participantIds: [5] }]);
  expect(ofYear([1, 2, 3])).toEqual([{ ...alone, participantIds: [] }]);
});

test("one year that moved on alone would be the difference of two volumes", () => {
  const before = inYear(2025, [1, 2, 3, 4]);
  const [moved] = inYear(2025, [1], 2026).participants;
  const next = published([...(moved === undefined ? [] : [moved]), ...before.participants.slice(1)]);
  expect(publicationRefusals(next, [before], RULES)).toEqual([
    { code: "cohort_too_small", scope: "difference", month: YEAR, participantIds: [1] },
  ]);
});

test("what earlier publications gave away, of others, refuses nobody", () => {
  const foreign = [cohort(11, 12, 13, 14), cohort(11, 12, 13)];
  expect(publicationRefusals(cohort(1, 2, 3), foreign, RULES)).toEqual([]);
});

test("a refusal names nobody who is not in the publication", () => {
  expect(
    publicationRefusals(cohort(1, 2, 3), [cohort(1, 2, 3, 4)], RULES).flatMap((one) => one.participantIds),
  ).not.toContain(4);
});

test("no sequence of joins, leaves and publications isolates a participant, nor fewer than the minimum", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom("join", "leave"), id: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ kind: fc.constant("move"), id: fc.integer({ min: 0, max: 255 }) }),
    fc.record({ kind: fc.constant("publish"), id: fc.constant(0) }),
  );
  let refused = 0;
  let passedTogether = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom(2, 3), (steps, cohortMin) => {
      const members = new Set<number>([1, 2, 3, 4]);
      const accepted: Publication[] = [];
      for (const { kind, id } of steps) {
        if (kind === "join") members.add(id);
        else if (kind === "leave") members.delete(id);
        // Many at once, as between two tenders.
        else if (kind === "move")
          for (const bit of [1, 2, 3, 4, 5, 6, 7, 8]) {
            if ((id >> (bit - 1)) & 1) members.add(bit);
            else members.delete(bit);
          }
        else {
          const next = cohort(...members);
          if (publicationRefusals(next, accepted, { cohortMin, sharePercentMax: 100 }).length > 0) refused++;
          else accepted.push(next);
        }
      }
      const sets = accepted.map((one) => one.participants.map(({ participantId }) => participantId));
      if (new Set(sets.map((one) => one.toSorted((left, right) => left - right).join())).size > 1)
        passedTogether++;
      expect(isolates(sets, cohortMin)).toBe(false);
    }),
    { numRuns: 600 },
  );
  // The gate refused, and it let different groups pass: a gate that is always shut would prove nothing.
  expect(refused).toBeGreaterThan(0);
  expect(passedTogether).toBeGreaterThan(0);
});

test("no sequence of publications isolates fewer than the minimum in any quarter-hour, whoever is silent when", () => {
  const SLOTS = 16;
  // Silent now and then: a bit of two bytes is a quarter-hour.
  const bits = fc
    .tuple(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0xffff }), fc.boolean())
    .map(([one, other, never]) => (never ? 0xffff : one | other))
    .map((all) => Uint8Array.of(all & 0xff, all >> 8));
  const publication = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 7 }), bits), { selector: ([id]) => id, minLength: 2 })
    .map((members): MonthPresence => new Map(members));
  const has = (present: Uint8Array, slot: number) => (((present[slot >> 3] ?? 0) >> (slot & 7)) & 1) === 1;
  let passedTogether = 0;
  fc.assert(
    fc.property(fc.array(publication, { maxLength: 5 }), fc.constantFrom(2, 3), (all, cohortMin) => {
      const shown: MonthPresence[] = [];
      for (const next of all) {
        const withheld = isolatingSlots(next, shown, cohortMin);
        const rest = (present: Uint8Array) => present.map((byte, at) => byte & ~(withheld[at] ?? 0));
        shown.push(new Map([...next].map(([id, present]) => [id, rest(present)])));
      }
      for (let slot = 0; slot < SLOTS; slot++) {
        const sets = shown.map((one) => [...one].filter(([, bytes]) => has(bytes, slot)).map(([id]) => id));
        if (
          new Set(
            sets
              .filter((ids) => ids.length > 0)
              .map((ids) => ids.toSorted((left, right) => left - right).join()),
          ).size > 1
        )
          passedTogether++;
        expect(isolates(sets, cohortMin)).toBe(false);
      }
    }),
    { numRuns: 150 },
  );
  expect(passedTogether).toBeGreaterThan(0);
});

test("the order in which participants are listed changes nothing", () => {
  const groups = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 500 })), {
    selector: ([id]) => id,
  });
  fc.assert(
    fc.property(groups, groups, (before, after) => {
      const of = (group: readonly (readonly [number, number])[]) =>
        published(group.map(([id, wh]) => participant(id, wh)));
      expect(publicationRefusals(of(after.toReversed()), [of(before.toReversed())], RULES)).toEqual(
        publicationRefusals(of(after), [of(before)], RULES),
      );
    }),
  );
});
