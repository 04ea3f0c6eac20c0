// Who is signed in: known after the first answer, gone when the API says so.
import { chooseLocale, type Locale } from "../text/messages.ts";
import { rememberedLocale, texts } from "../text/texts.svelte.ts";
import * as api from "./api.ts";
import { problemOfFailure, type RequestProblem } from "./problem.ts";

type SessionState =
  | { readonly status: "unknown" }
  /** `expired`: there was a session a moment ago. */
  | { readonly status: "signed-out"; readonly expired: boolean }
  | { readonly status: "signed-in"; readonly user: api.User }
  /** Whether someone is signed in could not be found out. */
  | { readonly status: "failed"; readonly problem: RequestProblem };

class SessionStore {
  #state = $state.raw<SessionState>({ status: "unknown" });

  get state(): SessionState {
    return this.#state;
  }

  /** Asks the API once, when the page starts or when the reader tries again. */
  async resume(): Promise<void> {
    this.#state = { status: "unknown" };
    try {
      await this.#enter(await api.readSession());
    } catch (error) {
      const problem = problemOfFailure(error);
      this.#state =
        problem.status === 401 ? { status: "signed-out", expired: false } : { status: "failed", problem };
    }
  }

  /** Rejects with the API's problem where the two do not match. */
  async signIn(email: string, password: string): Promise<void> {
    await this.#enter(await api.signIn(email, password));
  }

  /** The same with an invitation's token and a password of the reader's choice. */
  async acceptInvitation(token: string, password: string): Promise<void> {
    await this.#enter(await api.acceptInvitation(token, password));
  }

  /** Where the API cannot be told, the cookie stays valid there: the failure is the caller's to show. */
  async signOut(): Promise<void> {
    await api.signOut();
    this.#state = { status: "signed-out", expired: false };
  }

  /** An answer said that the session is over. */
  expire(): void {
    if (this.#state.status === "signed-in") this.#state = { status: "signed-out", expired: true };
  }

  /** The reader's own choice in this browser goes before the account's language. */
  async #enter(user: api.User): Promise<void> {
    const locale: Locale = chooseLocale([rememberedLocale(), user.locale, ...navigator.languages]);
    if (locale !== texts.locale) await texts.use(locale);
    this.#state = { status: "signed-in", user };
  }
}

export const session = new SessionStore();
