// The text of a telegram as lines, and a line's values as the texts between its brackets.

const PAREN = 40;

/** The lines after the header that are not blank. A line that starts with a bracket continues the one before (DSMR 2.2 gas). */
export function rawLinesOf(text: string): string[] {
  const lines: string[] = [];
  let at = endOfLine(text, 0) + 1;
  while (at < text.length) {
    let to = endOfLine(text, at);
    while (text.charCodeAt(to + 1) === PAREN) to = endOfLine(text, to + 1);
    const line = text.slice(at, to);
    if (!isBlank(line, 0, line.length)) lines.push(line);
    at = to + 1;
  }
  return lines;
}

/** What stands in each pair of brackets; `undefined` where one is not closed or something stands between them. */
export function groupsOf(text: string): string[] | undefined {
  const groups: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text.charCodeAt(at) === PAREN) {
      const close = text.indexOf(")", at);
      if (close < 0) return undefined;
      groups.push(text.slice(at + 1, close));
      at = close + 1;
    } else if (isBlank(text, at, at + 1)) {
      at++;
    } else {
      return undefined;
    }
  }
  return groups.length === 0 ? undefined : groups;
}

/** The first of them, or "". */
export function firstOf(groups: string): string {
  const close = groups.indexOf(")");
  return close < 0 ? "" : groups.slice(1, close);
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at;
}

function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (text.charCodeAt(at) > 32) return false;
  return true;
}
