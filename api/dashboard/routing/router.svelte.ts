// A router on the History API: the address is the state, links are links.
import { parseRoute, type Route } from "./routes.ts";

class Router {
  #url = $state.raw(new URL(location.href));
  readonly route: Route = $derived(parseRoute(this.#url.pathname));

  get query(): URLSearchParams {
    return this.#url.searchParams;
  }

  /** Path and query, as they would be returned to after signing in. */
  get address(): string {
    return this.#url.pathname + this.#url.search;
  }

  /** Starts listening to links and to the browser's own back and forward; gives what stops it. */
  listen(): () => void {
    const read = (): void => {
      this.#url = new URL(location.href);
    };
    const follow = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      if (link === null || event.defaultPrevented || event.button !== 0) return;
      const ours = link.origin === location.origin && !link.hasAttribute("download") && link.target === "";
      if (!ours || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      if (link.hash !== "" && link.pathname === location.pathname) return;
      event.preventDefault();
      this.go(link.pathname + link.search);
    };
    addEventListener("popstate", read);
    document.addEventListener("click", follow);
    return () => {
      removeEventListener("popstate", read);
      document.removeEventListener("click", follow);
    };
  }

  go(address: string, { replace = false } = {}): void {
    if (replace) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    const samePage = location.pathname === this.#url.pathname;
    this.#url = new URL(location.href);
    if (!samePage) scrollTo(0, 0);
  }

  /** Changes the query only, `null` removes: a filter, not a page, so it makes no step for the back button. */
  setQuery(changes: Readonly<Record<string, string | null>>): void {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) query.delete(name);
      else query.set(name, value);
    }
    const text = query.toString();
    this.go(location.pathname + (text === "" ? "" : `?${text}`), { replace: true });
  }
}

export const router = new Router();
