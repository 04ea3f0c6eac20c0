// Why a file was not even taken to be read, in the reader's language, with the API's own sentence where it says more.
import { problemTexts } from "../data/problem-text.ts";
import type { RequestProblem } from "../data/problem.ts";
import { texts } from "../text/texts.svelte.ts";
import type { MessageKey } from "../text/messages.ts";

/** What the API takes at most. */
export const FILE_MAX_BYTES = 64 * 1024 * 1024;

const BY_MEMBER: Readonly<Record<string, MessageKey>> = {
  "/format": "imports.formatUnknown",
  "/supplyPointId": "imports.supplyPointRefused",
  "/file": "imports.fileRefused",
};

export type UploadFault = {
  readonly texts: readonly string[];
  /** In English. */
  readonly exactly: string | undefined;
};

export function uploadFault(problem: RequestProblem): UploadFault {
  const [error] = problem.extras.errors;
  const key = error === undefined ? undefined : BY_MEMBER[error.pointer];
  if (error === undefined || key === undefined)
    return {
      texts:
        problem.code === "payload_too_large" ? [texts.text("imports.fileTooLarge")] : problemTexts(problem),
      exactly: undefined,
    };
  // "is needed" is said of the member, which people do not know by its name.
  return { texts: [texts.text(key)], exactly: error.detail.replace(/^is needed\. /, "") };
}
