// One error class and the registry of its codes: what a code means, its HTTP status, and whether trying again can help.

type CodeMeaning = { readonly title: string; readonly status: number; readonly retry: boolean };

export const ERROR_CODES = {
  request_invalid: { title: "The request is not valid", status: 400, retry: false },
  span_too_long: { title: "The requested span is too long", status: 400, retry: false },
  session_missing: { title: "Sign in first", status: 401, retry: false },
  credential_unknown: { title: "The credential is not known", status: 401, retry: false },
  csrf_missing: {
    title: "The request does not prove that it comes from the dashboard",
    status: 403,
    retry: false,
  },
  forbidden: { title: "Your role does not allow this", status: 403, retry: false },
  not_found: { title: "Not found", status: 404, retry: false },
  method_not_allowed: { title: "This method is not supported here", status: 405, retry: false },
  state_forbidden: { title: "Not possible in the present state", status: 409, retry: false },
  already_exists: { title: "This already exists", status: 409, retry: false },
  consent_missing: { title: "A consent is missing", status: 403, retry: false },
  conditions_missing: { title: "Not all conditions to take part hold", status: 409, retry: false },
  cohort_too_small: {
    title: "Too few participants to publish anything about them",
    status: 409,
    retry: false,
  },
  dominant_participant: {
    title: "One participant is too large a part of the group",
    status: 409,
    retry: false,
  },
  bid_refused: { title: "The bid does not fit the call", status: 422, retry: false },
  import_invalid: { title: "The file cannot be imported", status: 422, retry: false },
  payload_too_large: { title: "The request is too large", status: 413, retry: false },
  media_type_unsupported: { title: "The media type is not supported", status: 415, retry: false },
  reading_malformed: { title: "The reading could not be decoded", status: 422, retry: false },
  too_many_requests: { title: "Too many requests", status: 429, retry: true },
  config_invalid: { title: "The configuration is not valid", status: 500, retry: false },
  migration_changed: { title: "A migration was changed after it ran", status: 500, retry: false },
  internal: { title: "Something went wrong on our side", status: 500, retry: true },
  dependency_missing: { title: "A service that this needs is not reachable", status: 503, retry: true },
} as const satisfies Record<string, CodeMeaning>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** A failure with a stable code. `message` says what was attempted and with which value. */
export class KoproError extends Error {
  readonly code: ErrorCode;
  /** Members added to the RFC 9457 answer, such as the fields at fault. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; extra?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "KoproError";
    this.code = code;
    this.extra = options.extra ?? {};
  }
}

/** RFC 9457 problem details. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
} & Readonly<Record<string, unknown>>;

/** The answer that a stranger may see: of an error that is not ours, nothing but that it happened. */
export function problemOf(error: unknown): Problem {
  const known = error instanceof KoproError ? error : new KoproError("internal", "The request failed.");
  const { title, status } = ERROR_CODES[known.code];
  return { ...known.extra, type: "about:blank", title, status, code: known.code, detail: known.message };
}
