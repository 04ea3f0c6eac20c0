// A request that failed, as the page tells it: the API's stable code, or `offline` where nothing answered.
import type { components } from "../api-types.d.ts";

type Missing = components["schemas"]["BuildingTender"]["missing"][number];

/** What the API adds to some problems: why exactly, and whom it is about. */
export type ProblemExtras = {
  /** Of `state_forbidden`: why this cannot happen now. */
  readonly reason?: string | undefined;
  /** Of a meter's swap: which register it is about. */
  readonly registerId?: string | undefined;
  /** Of `bid_refused`: everything that is wrong with the bid. */
  readonly reasons: readonly string[];
  /** Of a building that may not join. */
  readonly missing: readonly Missing[];
  /** Of a publication: whom something is missing for. */
  readonly participants: readonly { readonly buildingId: string; readonly missing: readonly Missing[] }[];
  /** Of `request_invalid`: which members of the request are at fault, and why, in English. */
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
};

/** RFC 9457 problem details, as far as the dashboard reads them. */
type ProblemDetails = { readonly [name in "code" | "title" | keyof ProblemExtras]?: unknown };

const NO_EXTRAS: ProblemExtras = { reasons: [], missing: [], participants: [], errors: [] };

/** `code` is the API's; `title` its English sentence, shown only where we have no text of our own for the code. */
export class RequestProblem extends Error {
  readonly code: string;
  readonly title: string;
  readonly status: number;
  readonly extras: ProblemExtras;

  constructor(
    code: string,
    title: string,
    status: number,
    options: ErrorOptions & { readonly extras?: ProblemExtras } = {},
  ) {
    super(`${code}: ${title}`, options);
    this.name = "RequestProblem";
    this.code = code;
    this.title = title;
    this.status = status;
    this.extras = options.extras ?? NO_EXTRAS;
  }
}

/** What an answer that is not a success says; a body that is no problem document still has its status. */
export function problemOfAnswer(status: number, body: unknown): RequestProblem {
  const details: ProblemDetails = typeof body === "object" && body !== null ? body : {};
  const { code, title } = details;
  const known = typeof code === "string" && code !== "";
  return new RequestProblem(
    known ? code : codeOfStatus(status),
    typeof title === "string" ? title : `HTTP ${status}`,
    status,
    { extras: extrasOf(details) },
  );
}

/** Stable codes of why exactly it was refused; empty where the problem's own code says it all. */
export function reasonsOf({ extras }: RequestProblem): readonly string[] {
  return extras.reason === undefined ? extras.reasons : [extras.reason];
}

/** The keys of the texts that explain a problem, best first: its reason's own text goes before that of its code. */
export function explanationKeys(problem: RequestProblem): {
  readonly each: readonly string[];
  readonly otherwise: readonly string[];
} {
  const { code } = problem;
  return {
    each: reasonsOf(problem).map((reason) => `tenders.refusal.${reason}`),
    otherwise: [`problem.${code}`, `tenders.refusal.${code}`],
  };
}

/** What a request that threw says: no answer at all, unless it is a problem already. */
export function problemOfFailure(error: unknown): RequestProblem {
  if (error instanceof RequestProblem) return error;
  return new RequestProblem("offline", "No answer", 0, { cause: error });
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

function extrasOf({
  reason,
  registerId,
  reasons,
  missing,
  participants,
  errors,
}: ProblemDetails): ProblemExtras {
  return {
    reason: typeof reason === "string" ? reason : undefined,
    registerId: typeof registerId === "string" ? registerId : undefined,
    reasons: listOf(reasons).filter((one) => typeof one === "string"),
    missing: conditionsOf(missing),
    participants: listOf(participants)
      .filter((one) => typeof one === "object" && one !== null && "buildingId" in one && "missing" in one)
      .map((one) => ({ buildingId: String(one.buildingId), missing: conditionsOf(one.missing) })),
    errors: listOf(errors)
      .filter((one) => typeof one === "object" && one !== null && "pointer" in one && "detail" in one)
      .map((one) => ({ pointer: String(one.pointer), detail: String(one.detail) })),
  };
}

/** The API's own list, of which the dashboard shows what has a code. */
function conditionsOf(value: unknown): Missing[] {
  return listOf(value).filter(
    (one): one is Missing =>
      typeof one === "object" && one !== null && "code" in one && typeof one.code === "string",
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function codeOfStatus(status: number): string {
  if (status === 502 || status === 503 || status === 504) return "dependency_missing";
  return status === 404 ? "not_found" : "internal";
}
