// Every refusal that a tender can meet is said in words, in three languages: the lists of the core are closed, and so are ours.
import {
  AWARD_REFUSALS,
  BID_REFUSALS,
  STATE_REFUSALS,
  TENDER_EVENTS,
  type MissingCondition,
  type PublicationRefusal,
} from "#analytics";
import { ERROR_CODES, type ErrorCode } from "#devices/error";
import { expect, test } from "vitest";
import openapi from "../../openapi.json" with { type: "json" };
import english from "../messages/en.json" with { type: "json" };
import french from "../messages/fr.json" with { type: "json" };
import dutch from "../messages/nl.json" with { type: "json" };
import { COUNTRIES } from "../tender/new-tender-form.ts";

const FILES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["fr", french],
  ["nl", dutch],
  ["en", english],
];

/** The compiler keeps these complete: a code more or less in the core is an error here. */
const GATE: Record<PublicationRefusal["code"], true> = { cohort_too_small: true, dominant_participant: true };
const CORE_CONDITIONS: Record<MissingCondition["code"], true> = {
  region_not_covered: true,
  in_other_tender: true,
  supply_point_missing: true,
  consent_missing: true,
  contract_missing: true,
  contract_currency_other: true,
  profile_too_short: true,
  profile_stale: true,
};
/** Reasons that the API gives beside the core's. */
const API_REASONS = ["deadline_not_reached", "deadline_passed", "contract_conflict", "contract_awarded"];
/** Never an answer to a reader: they stop the process at its start. */
const AT_START: readonly ErrorCode[] = ["config_invalid", "migration_changed"];
/** Answered to programs that get the protocol wrong, which this page does not. */
const OF_PROTOCOL: readonly ErrorCode[] = [
  "csrf_missing",
  "method_not_allowed",
  "media_type_unsupported",
  "payload_too_large",
  "reading_malformed",
  "credential_unknown",
];

const conditionsOfTheApi =
  openapi.components.schemas.BuildingTender.properties.missing.items.properties.code.enum;

test.each(FILES)("%s says why a tender refuses", (_, messages) => {
  const reasons = [
    ...STATE_REFUSALS,
    ...BID_REFUSALS,
    ...AWARD_REFUSALS,
    ...Object.keys(GATE),
    ...API_REASONS,
  ];
  const missing = reasons.filter((code) => messages[`tenders.refusal.${code}`] === undefined);
  expect(missing).toEqual([]);
});

test.each(FILES)("%s says what is missing to join, and how to mend it", (_, messages) => {
  const codes = [...new Set([...conditionsOfTheApi, ...Object.keys(CORE_CONDITIONS)])];
  expect(conditionsOfTheApi).toEqual(expect.arrayContaining(Object.keys(CORE_CONDITIONS)));
  for (const family of ["missing", "mend"]) {
    expect(
      codes.filter((code) => messages[`tenders.${family}.${code}`] === undefined),
      family,
    ).toEqual([]);
  }
});

test.each(FILES)("%s has words for every code that the API answers to a reader", (_, messages) => {
  const codes = Object.keys(ERROR_CODES).filter(
    (code) => ![...AT_START, ...OF_PROTOCOL].some((one) => one === code),
  );
  const wordless = codes.filter(
    (code) => messages[`problem.${code}`] === undefined && messages[`tenders.refusal.${code}`] === undefined,
  );
  expect(wordless).toEqual([]);
});

test.each(FILES)("%s names every event of the log and every region to choose", (_, messages) => {
  expect(TENDER_EVENTS.filter((kind) => messages[`tenders.event.${kind}`] === undefined)).toEqual([]);
  const regions = Object.values(COUNTRIES).flatMap((country) => [...country.regions]);
  // A country's name comes from the browser.
  expect(
    regions.filter((code) => code.length > 2 && messages[`tenders.region.${code}`] === undefined),
  ).toEqual([]);
});

test.each(FILES)("%s keeps no refusal that nothing gives", (_, messages) => {
  const given = new Set<string>([
    ...STATE_REFUSALS,
    ...BID_REFUSALS,
    ...AWARD_REFUSALS,
    ...Object.keys(GATE),
    ...API_REASONS,
    ...Object.keys(ERROR_CODES),
  ]);
  const stray = Object.keys(messages)
    .filter((key) => key.startsWith("tenders.refusal."))
    .map((key) => key.replace("tenders.refusal.", ""))
    .filter((code) => !given.has(code));
  expect(stray).toEqual([]);
});
