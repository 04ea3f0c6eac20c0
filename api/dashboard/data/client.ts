// The typed client of the API: what every request carries, and what every failure becomes.
import createClient from "openapi-fetch";
import type { paths } from "../api-types.d.ts";
import { isAbort, problemOfAnswer, problemOfFailure } from "./problem.ts";

/** The session's cookie goes by itself; what changes something must also prove that it comes from this page. */
let csrfToken: string | null = null;
let signedOut = (): void => undefined;

export function useCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** `act` runs when an answer says that the session is over. */
export function whenSignedOut(act: () => void): void {
  signedOut = act;
}

export const client = createClient<paths, "application/json">({ baseUrl: "/" });

client.use({
  onRequest({ request }) {
    if (csrfToken !== null && request.method !== "GET") request.headers.set("x-csrf-token", csrfToken);
    return request;
  },
});

type Answer<Data> = { readonly data?: Data; readonly error?: unknown; readonly response: Response };

/** The answer's data. @throws RequestProblem, or the abort of a request that was given up. */
export async function dataOf<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  let answer: Answer<Data>;
  try {
    answer = await asked;
  } catch (error) {
    throw isAbort(error) ? error : problemOfFailure(error);
  }
  const { data, error, response } = answer;
  if (response.ok) {
    // An answer without a body (204) has no data, and its type says so.
    return data as Data;
  }
  const problem = problemOfAnswer(response.status, error);
  if (problem.code === "session_missing") signedOut();
  throw problem;
}
