// A chart in its element: made when the drawing code has come, drawn again when the element's size or the reader's theme changes.
import { problemOfFailure, type RequestProblem } from "../data/problem.ts";

type Drawing = { resize(): void; dispose(): void };

export class HeldChart<Chart extends Drawing> {
  #chart = $state.raw<Chart>();
  #problem = $state.raw<RequestProblem>();

  get chart(): Chart | undefined {
    return this.#chart;
  }

  /** The drawing code could not be fetched; the table has every number all the same. */
  get problem(): RequestProblem | undefined {
    return this.#problem;
  }

  /** `load` fetches the drawing code and gives what makes a chart in an element. Returns what takes the chart away. */
  hold(
    element: HTMLElement,
    load: () => Promise<(element: HTMLElement) => Chart>,
    redraw: () => void,
  ): () => void {
    let gone = false;
    const make = async (): Promise<void> => {
      try {
        const create = await load();
        if (!gone) this.#chart = create(element);
      } catch (error) {
        this.#problem = problemOfFailure(error);
      }
    };
    void make();
    const sized = new ResizeObserver(() => {
      this.#chart?.resize();
      redraw();
    });
    sized.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", redraw);
    return () => {
      gone = true;
      sized.disconnect();
      scheme.removeEventListener("change", redraw);
      this.#chart?.dispose();
      this.#chart = undefined;
    };
  }
}
