// Series as text/csv (RFC 4180) for whoever asks for it by Accept.
import type { FastifyReply, FastifyRequest } from "fastify";

export type Cell = string | number | null;

/** Whether CSV is preferred to JSON; without a preference the answer is JSON. */
export function prefersCsv(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? "*/*";
  return weightOf(accept, ["text/csv"]) > weightOf(accept, ["application/json", "application/*", "*/*"]);
}

/** The weight of the first of these types that the header lists; 0 where it lists none. */
function weightOf(accept: string, types: readonly string[]): number {
  const listed = accept.split(",").map((part) => {
    const [type = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    return { type, weight: weight === undefined ? 1 : Number(weight.slice(2)) || 0 };
  });
  for (const type of types) {
    const found = listed.find((one) => one.type === type);
    if (found !== undefined) return found.weight;
  }
  return 0;
}

export function csvOf(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  let text = `${header.map(cellText).join(",")}\r\n`;
  for (const row of rows) text += `${row.map(cellText).join(",")}\r\n`;
  return text;
}

/** How a text begins that a spreadsheet would run: also in full width, also behind a control character that it drops. */
const FORMULA = /^[=+\-@＝＋－＠\p{Cc}]/u;
/** Amounts and readings come as text, with their sign. */
const DECIMAL = /^-?\d+(\.\d+)?$/;

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const safe = FORMULA.test(cell) && !DECIMAL.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function sendCsv(reply: FastifyReply, name: string, text: string): FastifyReply {
  return reply
    .type("text/csv; charset=utf-8; header=present")
    .header("content-disposition", `attachment; filename="${name.replace(/[^\w.-]/g, "_")}.csv"`)
    .send(text);
}
