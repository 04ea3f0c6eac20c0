// Which supply point a row is of: by its code, or the one that was chosen for the whole file unless the code speaks against it.
import { quoted } from "#devices/quote";
import { cleanCode } from "./cells.ts";
import { canBeCode } from "./code-shape.ts";
import type { ImportTarget } from "./format.ts";
import { FileFault, rowFault, type RowFault } from "./row-fault.ts";

const CODES_MAX = 10_000;

export type CodeBookOptions = {
  /** Of these codes (spaces removed, upper case), those that whoever sends the file may write to. */
  readonly targetsOf: (codes: readonly string[]) => Promise<readonly ImportTarget[]>;
  /** The supply point of rows without a code. */
  readonly target: ImportTarget | undefined;
  /** With a chosen supply point no other code than its own is taken, not even one that can be nobody's. */
  readonly strict: boolean;
};

export type CodeBook = {
  /** Looks up what is new, all at once. */
  readonly learn: (codes: Iterable<string>) => Promise<void>;
  readonly targetOf: (code: string, column: string) => ImportTarget | RowFault;
  readonly notes: () => readonly string[];
};

export function createCodeBook({ targetsOf, target, strict }: CodeBookOptions): CodeBook {
  const known = new Map<string, ImportTarget | undefined>();
  /** What rows are called that are the chosen supply point's by choice, not by code. */
  let alias: string | undefined;
  let lastText: string | undefined;
  let last: ImportTarget | RowFault | undefined;

  function chosen(text: string, column: string, own: ImportTarget): ImportTarget | RowFault {
    const code = cleanCode(text);
    if (code === "" || code === own.code) return own;
    const mayBeNamed = !strict && known.get(code) === undefined && (own.code === null || !canBeCode(code));
    if (mayBeNamed && (alias ??= code) === code) return own;
    const why =
      mayBeNamed && alias !== undefined
        ? `is not what the rows before are called (${quoted(alias)}), and all of the file is taken for the supply point that was chosen: divide the file, or choose none.`
        : "is not the code of the supply point that was chosen for this file: choose none, or correct the code.";
    return rowFault(column, "code_contradicts_supply_point", `${quoted(text)} ${why}`);
  }

  function byCode(text: string, column: string): ImportTarget | RowFault {
    const code = cleanCode(text);
    if (code === "") {
      const detail =
        "There is no code: write the EAN, PRM or POD, or choose a supply point for the whole file.";
      return rowFault(column, "code_missing", detail);
    }
    return known.get(code) ?? rowFault(column, "code_unknown", unknownCode(text));
  }

  return {
    learn: async (texts) => {
      if (target !== undefined && strict) return;
      const fresh = new Set<string>();
      for (const text of texts) {
        const code = cleanCode(text);
        if (code !== "" && code !== target?.code && !known.has(code)) fresh.add(code);
      }
      if (fresh.size === 0) return;
      if (known.size + fresh.size > CODES_MAX) {
        throw new FileFault(
          "too_many_codes",
          `The file holds more than ${CODES_MAX} codes: divide it into several.`,
        );
      }
      // What PostgreSQL cannot take as text is no code.
      const askable = [...fresh].filter((code) => !code.includes("\u0000"));
      for (const code of fresh) known.set(code, undefined);
      for (const one of await targetsOf(askable)) if (one.code !== null) known.set(one.code, one);
      lastText = undefined;
    },
    targetOf: (text, column) => {
      if (text === lastText && last !== undefined) return last;
      lastText = text;
      return (last = target === undefined ? byCode(text, column) : chosen(text, column, target));
    },
    notes: () =>
      alias === undefined
        ? []
        : [
            `The file calls the supply point ${quoted(alias)}; it was taken for the one that was chosen, because nothing speaks against it.`,
          ],
  };
}

/** Of a supply point that exists and one that does not, the same: which codes exist is nobody's business. */
function unknownCode(text: string): string {
  if (/^\d[.,]\d+E\+\d+$/i.test(text)) {
    return `${quoted(text)} was shortened by a spreadsheet: give the column the format text before saving.`;
  }
  return `${quoted(text)} is not the code of a supply point that you may import for: check it, choose a supply point for the whole file, or register it first.`;
}
