// A request that failed, as the page tells it: the API's stable code, or `offline` where nothing answered.

/** RFC 9457 problem details, as far as the dashboard reads them. */
type ProblemDetails = { readonly code?: unknown; readonly title?: unknown };

/** `code` is the API's; `title` its English sentence, shown only where we have no text of our own for the code. */
export class RequestProblem extends Error {
  readonly code: string;
  readonly title: string;
  readonly status: number;

  constructor(code: string, title: string, status: number, options?: ErrorOptions) {
    super(`${code}: ${title}`, options);
    this.name = "RequestProblem";
    this.code = code;
    this.title = title;
    this.status = status;
  }
}

/** What an answer that is not a success says; a body that is no problem document still has its status. */
export function problemOfAnswer(status: number, body: unknown): RequestProblem {
  const { code, title }: ProblemDetails = typeof body === "object" && body !== null ? body : {};
  const known = typeof code === "string" && code !== "";
  return new RequestProblem(
    known ? code : codeOfStatus(status),
    typeof title === "string" ? title : `HTTP ${status}`,
    status,
  );
}

/** What a request that threw says: no answer at all, unless it is a problem already. */
export function problemOfFailure(error: unknown): RequestProblem {
  if (error instanceof RequestProblem) return error;
  return new RequestProblem("offline", "No answer", 0, { cause: error });
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

function codeOfStatus(status: number): string {
  if (status === 502 || status === 503 || status === 504) return "dependency_missing";
  return status === 404 ? "not_found" : "internal";
}
