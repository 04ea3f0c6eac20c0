// The addresses of the dashboard, and what each shows.

export type Route =
  | { readonly page: "login" }
  | { readonly page: "invitation" }
  | { readonly page: "buildings" }
  | { readonly page: "building"; readonly id: string }
  | { readonly page: "missing" };

const BUILDING = /^\/buildings\/(\d+)$/;

/** `/` and `/buildings` are the list; identifiers are decimal numbers. */
export function parseRoute(pathname: string): Route {
  const path = pathname.length > 1 ? pathname.replace(/\/$/, "") : pathname;
  if (path === "/login") return { page: "login" };
  if (path === "/invitation") return { page: "invitation" };
  if (path === "/" || path === "/buildings") return { page: "buildings" };
  const id = BUILDING.exec(path)?.[1];
  return id === undefined ? { page: "missing" } : { page: "building", id };
}

/** Where to go after signing in: only a path of ours, never another site (`//host`, `/\host`). */
export function safeReturnPath(wished: string | null): string {
  if (wished === null || !/^\/(?![/\\])/.test(wished) || wished.startsWith("/login")) return "/buildings";
  return wished;
}
