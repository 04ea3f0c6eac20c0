// What to do next with a tender, for the person who reads: one sentence and, where there is one, the page to do it on.
import type { User } from "../data/api.ts";
import type { Tender } from "../data/tenders.ts";
import type { MessageKey } from "../text/messages.ts";

export type NextStep = {
  readonly text: MessageKey;
  /** Whether this reader can do something now; otherwise it is a matter of waiting. */
  readonly mine: boolean;
  readonly href: string;
};

type Told = Pick<Tender, "id" | "state" | "participants" | "minimumCohort" | "bidDeadline" | "award">;
type Reader = Pick<User, "role" | "organisationId">;

/** Whether the reader runs tenders; which ones, the API decides by what it shows. */
export function runsTenders({ role }: Pick<User, "role">): boolean {
  return role === "admin" || role === "coordinator";
}

export function isDeadlinePassed({ bidDeadline }: Pick<Tender, "bidDeadline">, nowMs: number): boolean {
  return nowMs >= Date.parse(bidDeadline);
}

export function nextStep(tender: Told, reader: Reader, nowMs: number): NextStep {
  const here = `/tenders/${tender.id}`;
  if (reader.role === "supplier") return supplierStep(tender, reader, nowMs, here);
  const { text, mine } = runsTenders(reader) ? runnerStep(tender, nowMs) : memberStep(tender, reader, nowMs);
  const compares = tender.state === "evaluated" || tender.state === "awarded" || tender.state === "in_force";
  return { text, mine, href: compares ? `${here}/offers` : here };
}

function runnerStep(tender: Told, nowMs: number): { text: MessageKey; mine: boolean } {
  const late = isDeadlinePassed(tender, nowMs);
  switch (tender.state) {
    case "draft":
      return { text: "tenders.next.run.draft", mine: true };
    case "enrolling":
      if (late) return { text: "tenders.next.run.tooLate", mine: true };
      return tender.participants < tender.minimumCohort
        ? { text: "tenders.next.run.gather", mine: true }
        : { text: "tenders.next.run.publish", mine: true };
    case "published":
    case "bidding":
      return late
        ? { text: "tenders.next.run.open", mine: true }
        : { text: "tenders.next.run.wait", mine: false };
    case "opened":
      return { text: "tenders.next.run.evaluating", mine: false };
    case "evaluated":
      return { text: "tenders.next.run.award", mine: true };
    default:
      return ended(tender.state);
  }
}

function memberStep(tender: Told, { role }: Reader, nowMs: number): { text: MessageKey; mine: boolean } {
  switch (tender.state) {
    case "draft":
    case "enrolling":
      return role === "manager"
        ? { text: "tenders.next.manager.join", mine: true }
        : { text: "tenders.next.resident.join", mine: false };
    case "published":
    case "bidding":
      return isDeadlinePassed(tender, nowMs)
        ? { text: "tenders.next.member.opening", mine: false }
        : { text: "tenders.next.member.sealed", mine: false };
    case "opened":
    case "evaluated":
      return { text: "tenders.next.member.compare", mine: false };
    default:
      return ended(tender.state);
  }
}

function supplierStep(tender: Told, { organisationId }: Reader, nowMs: number, here: string): NextStep {
  const step = (text: MessageKey, page: string, mine = false): NextStep => ({
    text,
    mine,
    href: `${here}${page}`,
  });
  switch (tender.state) {
    case "published":
    case "bidding":
      return isDeadlinePassed(tender, nowMs)
        ? step("tenders.next.supplier.closed", "")
        : step("tenders.next.supplier.bid", "/bid", true);
    case "awarded":
    case "in_force":
      return tender.award?.supplierId === organisationId
        ? step("tenders.next.supplier.won", "/offers")
        : step("tenders.next.supplier.other", "");
    case "cancelled":
      return step("tenders.next.cancelled", "");
    default:
      return step("tenders.next.supplier.decision", "");
  }
}

const ENDED = {
  awarded: "tenders.next.awarded",
  in_force: "tenders.next.in_force",
  cancelled: "tenders.next.cancelled",
} as const;

function ended(state: keyof typeof ENDED): { text: MessageKey; mine: boolean } {
  return { text: ENDED[state], mine: false };
}
