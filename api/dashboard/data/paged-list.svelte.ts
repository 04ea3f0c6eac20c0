// A list that the API gives page by page: the first page, and more of it below what is shown.
import { Resource } from "./resource.svelte.ts";

export type Page = { readonly items: readonly unknown[]; readonly nextCursor: string | null };

export class PagedList<Pages extends Page> extends Resource<Pages> {
  readonly #read: (cursor: string | null, signal: AbortSignal) => Promise<Pages>;
  #grown = false;

  /** `read`: one page; `cursor` is the page before's `nextCursor`. */
  constructor(read: (cursor: string | null, signal: AbortSignal) => Promise<Pages>) {
    super();
    this.#read = read;
  }

  /** The first page, in the place of all that is shown. */
  begin(options?: { keep?: boolean }): Promise<void> {
    this.#grown = false;
    return this.load((signal) => this.#read(null, signal), options);
  }

  /** Asks for the first page again, unless more is shown: whoever looks at what follows keeps it. */
  async refresh(): Promise<void> {
    if (!this.#grown) await this.begin({ keep: true });
  }

  /** What is there stays, and grows at its end. */
  async more(): Promise<void> {
    const before = this.value;
    if (before === undefined || before.nextCursor === null) return;
    const { nextCursor } = before;
    this.#grown = true;
    await this.load(
      async (signal) => {
        const page = await this.#read(nextCursor, signal);
        return { ...page, items: [...before.items, ...page.items] };
      },
      { keep: true },
    );
  }
}
