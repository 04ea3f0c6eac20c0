// A document of an operator's API as rows, so that one reader serves its documents and its CSV files.
import type { Line } from "./csv-lines.ts";
import type { FormatId, FormatReader } from "./format.ts";
import { FileFault } from "./row-fault.ts";

export type JsonFormat = {
  readonly id: FormatId;
  /** Whether the document's beginning is of this format. */
  readonly recognises: (beginning: string) => boolean;
  /** `undefined`: the document is another one. @throws FileFault for one that holds no intervals. */
  readonly open: (
    document: unknown,
    text: string,
  ) => { readonly reader: FormatReader; readonly rows: readonly Line[] } | undefined;
};

/** @throws FileFault */
export function readJson(
  text: string,
  formats: readonly JsonFormat[],
): { readonly reader: FormatReader; readonly rows: readonly Line[] } {
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new FileFault(
      "json_invalid",
      `This begins like JSON and is none (${detail.slice(0, 120)}): ask for the document again.`,
    );
  }
  for (const format of formats) {
    const opened = format.open(document, text);
    if (opened !== undefined) return opened;
  }
  throw new FileFault(
    "json_invalid",
    `The document holds none of the intervals of the format ${formats[0]?.id ?? ""}: ask the operator for the load curve.`,
  );
}

const LINE_FEED = 10;

/** On which line each occurrence of a member's name stands; all 0 unless there are `count`. */
export function linesOf(text: string, member: string, count: number): readonly number[] {
  const lines: number[] = [];
  let line = 1;
  let seen = 0;
  for (const { index } of text.matchAll(new RegExp(`"${member}"\\s*:`, "g"))) {
    for (; seen < index; seen++) if (text.charCodeAt(seen) === LINE_FEED) line++;
    lines.push(line);
  }
  return lines.length === count ? lines : Array.from({ length: count }, () => 0);
}

/** A member of an object that came from outside. */
export function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

export function listIn(value: unknown, name: string): readonly unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}

/** A text or a number as text; "" for anything else. */
export function textIn(value: unknown, name: string): string {
  const found = member(value, name);
  return typeof found === "string" || typeof found === "number" ? String(found) : "";
}
