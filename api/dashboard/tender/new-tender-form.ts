// The form of a new tender: what is wrong with it, in the order of its fields, and the request that it makes.
import type { NewTender } from "../data/tenders.ts";
import type { MessageKey } from "../text/messages.ts";
import { instantOfWallMs, parseCivilDate, type CivilDate } from "../time/civil.ts";

/** The countries that the API knows, with the zone in which their tenders count days. */
export const COUNTRIES = {
  BE: { zone: "Europe/Brussels", regions: ["BE-BRU", "BE-VLG", "BE-WAL"] },
  FR: { zone: "Europe/Paris", regions: ["FR"] },
  IT: { zone: "Europe/Rome", regions: ["IT"] },
  LU: { zone: "Europe/Luxembourg", regions: ["LU"] },
  NL: { zone: "Europe/Amsterdam", regions: ["NL"] },
  DE: { zone: "Europe/Berlin", regions: ["DE"] },
} as const;
export type Country = keyof typeof COUNTRIES;

export type TenderForm = {
  readonly name: string;
  readonly carrier: NewTender["carrier"];
  readonly country: Country;
  readonly regions: readonly string[];
  /** `YYYY-MM-DD`, as a date field gives it; empty when nothing is chosen. */
  readonly deliveryStart: string;
  readonly termMonths: string;
  /** Empty: the installation's. */
  readonly minimumCohort: string;
  readonly deadlineDay: string;
  /** `HH:MM`, by the clocks of the country. */
  readonly deadlineTime: string;
  readonly draft: boolean;
};

export type FormField = "name" | "regions" | "deadline" | "deliveryStart" | "termMonths" | "minimumCohort";
export type FormFaults = Partial<Record<FormField, MessageKey>>;

const NAME_MAX = 200;
const TERM_MAX = 120;
const COHORT_MAX = 100_000;

export function faultsOf(form: TenderForm, nowMs: number): FormFaults {
  const faults: Record<FormField, MessageKey | undefined> = {
    name: nameFault(form.name.trim()),
    regions: form.regions.length === 0 ? "tenders.form.regionsMissing" : undefined,
    deadline: deadlineFault(form, nowMs),
    deliveryStart: deliveryFault(form),
    termMonths: isWholeNumber(form.termMonths, TERM_MAX) ? undefined : "tenders.form.termInvalid",
    minimumCohort:
      form.minimumCohort.trim() === "" || isWholeNumber(form.minimumCohort, COHORT_MAX)
        ? undefined
        : "tenders.form.cohortInvalid",
  };
  return Object.fromEntries(Object.entries(faults).filter(([, fault]) => fault !== undefined));
}

/** Milliseconds since 1970 of the last moment for bids, or `undefined` while it is not chosen. */
export function deadlineMs({ deadlineDay, deadlineTime, country }: TenderForm): number | undefined {
  const day = parseCivilDate(deadlineDay);
  const [, hour, minute] = /^(\d\d):(\d\d)$/.exec(deadlineTime) ?? [];
  if (day === undefined || hour === undefined || minute === undefined) return undefined;
  return instantOfWallMs(day, Number(hour), Number(minute), COUNTRIES[country].zone);
}

/** Of a form without faults. A country all of whose regions are chosen is told as the country. */
export function requestOf(form: TenderForm): NewTender {
  const atMs = deadlineMs(form);
  const deliveryStart = parseCivilDate(form.deliveryStart);
  if (atMs === undefined || deliveryStart === undefined)
    throw new Error("The form of a tender was sent without its dates.");
  const all = form.regions.length === COUNTRIES[form.country].regions.length;
  const cohort = form.minimumCohort.trim();
  return {
    name: form.name.trim(),
    carrier: form.carrier,
    regions: all ? [form.country] : [...form.regions],
    deliveryStart,
    termMonths: Number(form.termMonths),
    ...(cohort === "" ? {} : { minimumCohort: Number(cohort) }),
    bidDeadline: new Date(atMs).toISOString(),
    ...(form.draft ? { draft: true } : {}),
  };
}

function nameFault(name: string): MessageKey | undefined {
  if (name === "") return "tenders.form.nameMissing";
  return name.length > NAME_MAX ? "tenders.form.nameTooLong" : undefined;
}

function deadlineFault(form: TenderForm, nowMs: number): MessageKey | undefined {
  const atMs = deadlineMs(form);
  if (atMs === undefined) return "tenders.form.deadlineMissing";
  return atMs <= nowMs ? "tenders.form.deadlinePast" : undefined;
}

function deliveryFault({ deliveryStart, deadlineDay }: TenderForm): MessageKey | undefined {
  const start: CivilDate | undefined = parseCivilDate(deliveryStart);
  if (start === undefined) return "tenders.form.deliveryMissing";
  const deadline = parseCivilDate(deadlineDay);
  return deadline !== undefined && start <= deadline ? "tenders.form.deliveryTooEarly" : undefined;
}

function isWholeNumber(text: string, max: number): boolean {
  return /^\d{1,6}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= max;
}
