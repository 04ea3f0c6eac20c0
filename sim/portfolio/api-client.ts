// The HTTP API as the simulator uses it: JSON in, JSON out, every refusal an error that says what was asked.

export type ApiClient = {
  get<Answer>(path: string): Promise<Answer>;
  send<Answer>(method: "POST" | "PUT" | "PATCH", path: string, body: unknown): Promise<Answer>;
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
/** How often a request that met the limit of requests is tried again, a little later each time. */
const ATTEMPTS_MAX = 8;

/** `token`: of an API token or a session; without one only signing in works. */
export function createApiClient(baseUrl: string, token?: string): ApiClient {
  const request = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    for (let attempt = 1; ; attempt++) {
      const response = await call(baseUrl, token, method, path, body);
      if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Answer;
      if (response.status !== 429 || attempt === ATTEMPTS_MAX) throw await failureOf(response, method, path);
      await response.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, pauseMs(response, attempt)));
    }
  };
  const get = <Answer>(path: string) => request<Answer>("GET", path);
  return {
    get,
    send: (method, path, body) => request(method, path, body),
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
export async function signIn(baseUrl: string, email: string, password: string): Promise<ApiClient> {
  const stranger = createApiClient(baseUrl);
  const { token } = await stranger.send<{ token: string }>("POST", "/v1/session", { email, password });
  return createApiClient(baseUrl, token);
}

async function call(
  baseUrl: string,
  token: string | undefined,
  method: string,
  path: string,
  body: unknown,
): Promise<Response> {
  try {
    return await fetch(new URL(path, baseUrl), {
      method,
      headers: {
        accept: "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
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
