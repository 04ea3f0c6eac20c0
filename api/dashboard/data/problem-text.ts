// What went wrong, in the reader's language.
import { texts } from "../text/texts.svelte.ts";
import { explanationKeys, type RequestProblem } from "./problem.ts";

/** A sentence for each thing that is wrong; where we have no text, the API's English title. Never empty. */
export function problemTexts(problem: RequestProblem): readonly string[] {
  const { each, otherwise } = explanationKeys(problem);
  const known = (keys: readonly string[]): string[] =>
    keys.map((key) => texts.find(key)).filter((text) => text !== undefined);
  const own = known(each);
  return own.length > 0 ? own : [known(otherwise)[0] ?? problem.title];
}

/** The same as running text. */
export function problemText(problem: RequestProblem): string {
  return problemTexts(problem).join(" ");
}
