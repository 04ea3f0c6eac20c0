// The addresses of the dashboard, and what each shows.

export type Route =
  | { readonly page: "login" }
  | { readonly page: "invitation" }
  | { readonly page: "buildings" }
  | { readonly page: "building" | "registers"; readonly id: string }
  | { readonly page: "tenders" }
  | { readonly page: "tender-new" }
  | { readonly page: TenderPage; readonly id: string }
  | { readonly page: "history" | "unclaimed" | "quarantine" | "calorific" }
  | { readonly page: "history-file"; readonly id: string }
  | { readonly page: "missing" };

type TenderPage = "tender" | "tender-dossier" | "tender-offers" | "tender-bid";

const BUILDING = /^\/buildings\/(\d+)(\/registers)?$/;
const TENDER = /^\/tenders\/(\d+)(?:\/(dossier|offers|bid))?$/;
const IMPORT = /^\/imports\/(\d+)$/;
const TENDER_PAGES: Readonly<Record<string, TenderPage>> = {
  dossier: "tender-dossier",
  offers: "tender-offers",
  bid: "tender-bid",
};

/** `/` and `/buildings` are the list; identifiers are decimal numbers. */
export function parseRoute(pathname: string): Route {
  const path = pathname.length > 1 ? pathname.replace(/\/$/, "") : pathname;
  if (path === "/login") return { page: "login" };
  if (path === "/invitation") return { page: "invitation" };
  if (path === "/" || path === "/buildings") return { page: "buildings" };
  if (path === "/tenders") return { page: "tenders" };
  if (path === "/tenders/new") return { page: "tender-new" };
  if (path === "/imports") return { page: "history" };
  if (path === "/unclaimed") return { page: "unclaimed" };
  if (path === "/quarantine") return { page: "quarantine" };
  if (path === "/calorific-values") return { page: "calorific" };
  const file = IMPORT.exec(path)?.[1];
  if (file !== undefined) return { page: "history-file", id: file };
  const [, building, registers] = BUILDING.exec(path) ?? [];
  if (building !== undefined)
    return { page: registers === undefined ? "building" : "registers", id: building };
  const [, tender, part] = TENDER.exec(path) ?? [];
  if (tender === undefined) return { page: "missing" };
  return { page: (part === undefined ? undefined : TENDER_PAGES[part]) ?? "tender", id: tender };
}

/** Where someone begins: suppliers have no buildings, everybody else has. */
export function homeOf(role: string): string {
  return role === "supplier" ? "/tenders" : "/buildings";
}

/** Where to go after signing in: only a path of ours, never another site (`//host`, `/\host`). */
export function safeReturnPath(wished: string | null, home = "/buildings"): string {
  if (wished === null || !/^\/(?![/\\])/.test(wished) || wished.startsWith("/login")) return home;
  return wished;
}
