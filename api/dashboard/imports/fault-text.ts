// A fault of a file in the reader's language: what is wrong and what to do, and the value that it is about.
import type { ImportFault } from "../data/imports.ts";

/** `1.23405E+12`: what a spreadsheet makes of a long code. */
const SHORTENED = /^\d[.,]\d+E\+\d+$/i;

export function faultKey({ code, detail }: Pick<ImportFault, "code" | "detail">): string {
  const shortened = code === "code_unknown" && SHORTENED.test(faultValue({ detail }) ?? "");
  return `imports.fault.${shortened ? "code_shortened" : code}`;
}

/** The API's sentences begin with the value that is wrong, in quotation marks, where there is one. */
export function faultValue({ detail }: Pick<ImportFault, "detail">): string | undefined {
  // The mark that ends it is followed by a blank: one within the value rarely is.
  const value = /^"(.*?)"(?= )/s.exec(detail)?.[1];
  return value === "" ? undefined : value;
}
