// The HTTP API as the simulator uses it: JSON (or a file) in, JSON out, every refusal an error that says what was asked.
import { multipart, type FilePart, type Form } from "./multipart.ts";

export type ApiClient = {
  get<Answer>(path: string): Promise<Answer>;
  send<Answer>(method: "POST" | "PUT" | "PATCH", path: string, body: unknown): Promise<Answer>;
  /** A file with its fields as a form; written while it is sent, so it may be larger than memory. */
  upload<Answer>(path: string, fields: Readonly<Record<string, string>>, file: FilePart): Promise<Answer>;
  /** All pages of a list. */
  list<Item>(path: string): Promise<Item[]>;
};

type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };

/** What the API refused, or that it could not be reached. `status` is 0 for the latter. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string | undefined;

  constructor(message: string, status: number, code?: string, cause?: unknown) {
    super(message, { cause });
    this.name = "ApiFailure";
    this.status = status;
    this.code = code;
  }
}

const TIMEOUT_MS = 30_000;
/** A file takes as long as it is large. */
const UPLOAD_TIMEOUT_MS = 300_000;
/** How often a request that met the limit of requests is tried again, a little later each time. */
const ATTEMPTS_MAX = 8;

/** Made anew for every attempt: a stream is read once. */
type MakeBody = () => Form | { readonly contentType: string; readonly body: string };

export type ApiClientOptions = {
  /** Of an API token or a session; without one only signing in works. */
  readonly token?: string;
  /** Ends what is under way, with an `ApiFailure` of status 0. */
  readonly stop?: AbortSignal;
};

export function createApiClient(baseUrl: string, { token, stop }: ApiClientOptions = {}): ApiClient {
  const request = async <Answer>(
    method: string,
    path: string,
    body?: MakeBody,
    timeoutMs = TIMEOUT_MS,
  ): Promise<Answer> => {
    for (let attempt = 1; ; attempt++) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const signal = stop === undefined ? timeout : AbortSignal.any([timeout, stop]);
      const response = await call(baseUrl, path, { method, token, body: body?.(), signal });
      if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Answer;
      if (response.status !== 429 || attempt === ATTEMPTS_MAX) throw await failureOf(response, method, path);
      await response.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, pauseMs(response, attempt)));
    }
  };
  const get = <Answer>(path: string) => request<Answer>("GET", path);
  return {
    get,
    send: (method, path, body) => request(method, path, body === undefined ? undefined : () => json(body)),
    upload: (path, fields, file) => request("POST", path, () => multipart(fields, file), UPLOAD_TIMEOUT_MS),
    list: async <Item>(path: string) => {
      const items: Item[] = [];
      let cursor: string | null = null;
      do {
        const query = new URLSearchParams({ limit: "1000", ...(cursor === null ? {} : { cursor }) });
        const page: Page<Item> = await get(`${path}${path.includes("?") ? "&" : "?"}${query}`);
        items.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      return items;
    },
  };
}

/** Signs in and returns a client with the session's rights. */
export async function signIn(
  baseUrl: string,
  email: string,
  password: string,
  stop?: AbortSignal,
): Promise<ApiClient> {
  const stopping = stop === undefined ? {} : { stop };
  const stranger = createApiClient(baseUrl, stopping);
  const { token } = await stranger.send<{ token: string }>("POST", "/v1/session", { email, password });
  return createApiClient(baseUrl, { token, ...stopping });
}

function json(body: unknown): ReturnType<MakeBody> {
  return { contentType: "application/json", body: JSON.stringify(body) };
}

type Call = {
  readonly method: string;
  readonly token: string | undefined;
  readonly body: ReturnType<MakeBody> | undefined;
  readonly signal: AbortSignal;
};

async function call(baseUrl: string, path: string, { method, token, body, signal }: Call): Promise<Response> {
  const { contentType, ...content } = body ?? {};
  try {
    return await fetch(new URL(path, baseUrl), {
      method,
      headers: {
        accept: "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(contentType === undefined ? {} : { "content-type": contentType }),
      },
      ...content,
      signal,
    });
  } catch (error) {
    throw new ApiFailure(
      `${method} ${path}: the API at ${baseUrl} could not be reached`,
      0,
      undefined,
      error,
    );
  }
}

function pauseMs(response: Response, attempt: number): number {
  const seconds = Number(response.headers.get("retry-after"));
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1000 : 250 * 2 ** attempt;
}

async function failureOf(response: Response, method: string, path: string): Promise<ApiFailure> {
  const text = await response.text();
  let problem: { code?: string; detail?: string; errors?: readonly { pointer: string; detail: string }[] } =
    {};
  if (response.headers.get("content-type")?.includes("json") === true) problem = JSON.parse(text);
  const fields = problem.errors?.map(({ pointer, detail }) => `; ${pointer}: ${detail}`).join("") ?? "";
  const said = problem.detail ?? text.slice(0, 200);
  return new ApiFailure(
    `${method} ${path} was answered ${response.status}: ${said}${fields}`,
    response.status,
    problem.code,
  );
}
