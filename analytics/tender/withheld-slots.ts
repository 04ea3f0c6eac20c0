// Which quarter-hours a publication must not show, because beside earlier ones they would be about too few (I7).
//
//   one quarter-hour       1   2   next     Participants with the same signature are an atom, as by months in `privacy.ts`. Here Gus is
//   Ann Bob Cem            ●   ●    ●       another one than Dan and Eve only while their meters are silent: those quarter-hours
//   Gus                    ·   ·    ●       are withheld, the others are not.
//   Dan Eve (silent)       ·   ·    ·
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { seriesByParticipant, type SupplyPointSeries } from "./supply-point-series.ts";
import { tenderCalendar, type SlotRange, type TenderPeriod } from "./tender-calendar.ts";

/**
 * Of each participant, the quarter-hours of one civil month in which it has a value: bit i, the lowest first, is the i-th from the
 * month's first instant on.
 */
export type MonthPresence = ReadonlyMap<number, Uint8Array>;

/** What one publication showed, by civil month `YYYY-MM`. */
export type ShownMonths = ReadonlyMap<string, MonthPresence>;

export type MaskRequest = {
  readonly series: readonly SupplyPointSeries[];
  readonly period: TenderPeriod;
  readonly cohortMin: number;
};

/**
 * 1 for each quarter-hour of the period that is to be withheld; `undefined` when no earlier publication shares a month. Once is
 * enough: what is withheld in one quarter-hour changes no signature in another.
 */
export function withheldSlots(
  { series, period, cohortMin }: MaskRequest,
  previous: readonly ShownMonths[],
): Uint8Array | undefined {
  if (previous.length === 0) return undefined;
  const calendar = tenderCalendar(period);
  const participants = seriesByParticipant(series);
  let withheld: Uint8Array | undefined;
  for (const { month, ...range } of calendar.months) {
    const shown = previous.flatMap((publication) => publication.get(month) ?? []);
    const related = relatedTo(new Set(participants.keys()), shown);
    if (related.length === 0) continue;
    const offset = monthOffset(calendar.fromMs, range.first, month, period.timezone);
    const next = new Map(
      [...participants].map(([id, own]) => [
        id,
        monthBits(valuesIn(own, calendar.fromMs, range), { first: 0, end: range.end - range.first }, offset),
      ]),
    );
    const bits = isolatingSlots(next, related, cohortMin);
    withheld ??= new Uint8Array(calendar.slots);
    for (let slot = range.first; slot < range.end; slot++) {
      withheld[slot] = bitAt(bits, slot - range.first + offset);
    }
  }
  return withheld;
}

/** How many quarter-hours of the civil month lie before `first`: none where a period has whole months. */
export function monthOffset(fromMs: number, first: number, month: string, timezone: string): number {
  const begins = Temporal.PlainDate.from(`${month}-01`).toZonedDateTime(timezone).epochMilliseconds;
  return (fromMs + first * QUARTER_MS - begins) / QUARTER_MS;
}

/** `flags` (0 or 1) of a range as bits, behind `offset` zeros. */
export function monthBits(flags: Uint8Array, { first, end }: SlotRange, offset: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil((offset + end - first) / BITS_PER_BYTE));
  for (let slot = first; slot < end; slot++) {
    if (flags[slot] !== 1) continue;
    const at = slot - first + offset;
    bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
  }
  return bits;
}

const BITS_PER_BYTE = 8;

function bitAt(bits: Uint8Array, at: number): number {
  return ((bits[at >> 3] ?? 0) >> (at & 7)) & 1;
}

/** 1 where any of a participant's supply points has a value. */
function valuesIn(own: readonly SupplyPointSeries[], fromMs: number, { first, end }: SlotRange): Uint8Array {
  const flags = new Uint8Array(end - first);
  for (const { firstDay, statuses } of own) {
    const origin = (firstDay * DAY_MS - fromMs) / QUARTER_MS;
    const last = Math.min(end, origin + statuses.length);
    for (let slot = Math.max(first, origin); slot < last; slot++) {
      if (statuses[slot - origin] !== QuarterCode.missing) flags[slot - first] = 1;
    }
  }
  return flags;
}

/** Publications that somebody of `ids` is in, or somebody of those: the others' sums combine with nothing of ours. */
function relatedTo(ids: ReadonlySet<number>, publications: readonly MonthPresence[]): MonthPresence[] {
  const reached = new Set(ids);
  const related = new Set<MonthPresence>();
  for (let before = -1; before !== related.size;) {
    before = related.size;
    for (const one of publications) {
      if (related.has(one) || one.keys().every((id) => !reached.has(id))) continue;
      related.add(one);
      for (const id of one.keys()) reached.add(id);
    }
  }
  return publications.filter((one) => related.has(one));
}

/**
 * The quarter-hours in which `next`, beside `previous`, makes an atom of fewer than `cohortMin`: a bit each. Atoms of earlier
 * publications that `next` does not divide are not its fault.
 */
export function isolatingSlots(
  next: MonthPresence,
  previous: readonly MonthPresence[],
  cohortMin: number,
): Uint8Array {
  const all = [...previous, next];
  const bytes = Math.max(0, ...all.flatMap((one) => [...one.values()].map((bits) => bits.length)));
  const words = Math.ceil(bytes / WORD_BYTES);
  const ids = new Set(all.flatMap((one) => [...one.keys()]));
  const silent = new Uint32Array(words);
  const rows = [...ids].map((id) =>
    all.map((one) => {
      const bits = one.get(id);
      return bits === undefined ? silent : wordsOf(bits, words);
    }),
  );
  const found = new Uint32Array(words);
  const signatures = new Trie();
  for (let word = 0; word < words; word++) {
    found[word] = isolatingBits(alike(rows, word), signatures, cohortMin);
  }
  return new Uint8Array(found.buffer);
}

const WORD_BYTES = 4;
const WORD_BITS = 32;
const ALL_BITS = 0xffff_ffff;

/** Little-endian, as on every machine that Node runs on. */
function wordsOf(bits: Uint8Array, words: number): Uint32Array {
  const row = new Uint32Array(words);
  new Uint8Array(row.buffer).set(bits);
  return row;
}

/** Numbers for sequences: the same sequence of symbols below 2^32 always leads to the same one. */
class Trie {
  readonly #steps = new Map<number, number>();

  step(from: number, symbol: number): number {
    const key = from * 2 ** WORD_BITS + symbol;
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const fresh = this.#steps.size + 1;
    this.#steps.set(key, fresh);
    return fresh;
  }
}

/** Participants whose 32 quarter-hours are the same in every publication, the next one last: mostly all that were never silent. */
type Alike = { readonly words: readonly number[]; count: number };

function alike(rows: readonly (readonly Uint32Array[])[], word: number): Alike[] {
  const sequences = new Trie();
  const kinds = new Map<number, Alike>();
  for (const row of rows) {
    let node = 0;
    for (const words of row) node = sequences.step(node, words[word] ?? 0);
    const known = kinds.get(node);
    if (known === undefined) kinds.set(node, { words: row.map((words) => words[word] ?? 0), count: 1 });
    else known.count++;
  }
  return [...kinds.values()];
}

function isolatingBits(kinds: readonly Alike[], signatures: Trie, cohortMin: number): number {
  const steady = kinds.every(({ words }) => words.every((word) => word === 0 || word === ALL_BITS));
  if (steady) return isolates(kinds, 0, signatures, cohortMin) ? ALL_BITS : 0;
  let found = 0;
  for (let bit = 0; bit < WORD_BITS; bit++) {
    if (isolates(kinds, bit, signatures, cohortMin)) found |= 1 << bit;
  }
  return found >>> 0;
}

/** How many of an atom of the earlier publications are in the next one, and how many are not. */
type Division = { readonly published: boolean; inNext: number; others: number };

function isolates(kinds: readonly Alike[], bit: number, signatures: Trie, cohortMin: number): boolean {
  const divisions = new Map<number, Division>();
  for (const { words, count } of kinds) {
    let signature = 0;
    let published = false;
    const last = words.length - 1;
    for (let at = 0; at < last; at++) {
      const shown = ((words[at] ?? 0) >>> bit) & 1;
      signature = signatures.step(signature, shown);
      if (shown === 1) published = true;
    }
    const division = divisions.get(signature) ?? { published, inNext: 0, others: 0 };
    divisions.set(signature, division);
    if ((((words[last] ?? 0) >>> bit) & 1) === 1) division.inNext += count;
    else division.others += count;
  }
  return divisions.values().some(({ published, inNext, others }) => {
    if (inNext === 0) return false;
    return inNext < cohortMin || (published && others > 0 && others < cohortMin);
  });
}
