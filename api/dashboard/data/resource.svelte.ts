// Something fetched: loading, ready or failed, never two at once; what was shown stays while it is fetched again.
import { isAbort, problemOfFailure, type RequestProblem } from "./problem.ts";

export type ResourceState<Value> =
  | { readonly status: "loading"; readonly value?: undefined; readonly problem?: undefined }
  | { readonly status: "ready"; readonly value: Value; readonly problem?: undefined }
  /** `value` is what was there before, if anything. */
  | { readonly status: "failed"; readonly value: Value | undefined; readonly problem: RequestProblem };

export class Resource<Value> {
  #state = $state.raw<ResourceState<Value>>({ status: "loading" });
  #refreshing = $state.raw(false);
  #running: AbortController | undefined;

  get state(): ResourceState<Value> {
    return this.#state;
  }

  get value(): Value | undefined {
    return this.#state.value;
  }

  /** True while new values are fetched behind those shown. */
  get refreshing(): boolean {
    return this.#refreshing;
  }

  /**
   * Fetches; a fetch still running is given up, so the last one asked for is the one shown. With `keep` the present
   * value stays on the page meanwhile.
   */
  async load(read: (signal: AbortSignal) => Promise<Value>, { keep = false } = {}): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    const before = keep ? this.#state.value : undefined;
    if (before === undefined) this.#state = { status: "loading" };
    this.#refreshing = before !== undefined;
    try {
      const value = await read(running.signal);
      if (this.#running === running) this.#state = { status: "ready", value };
    } catch (error) {
      if (this.#running === running && !isAbort(error)) {
        this.#state = { status: "failed", value: before, problem: problemOfFailure(error) };
      }
    } finally {
      if (this.#running === running) this.#refreshing = false;
    }
  }

  /** Gives up what is running, when the page leaves. */
  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }
}
