// Shows plain numbers to Prometheus: they are read when it asks, so that counting costs an addition and nothing more.
import { Counter, Gauge, type Metric, type Registry } from "prom-client";
import type { Histogram } from "./histogram.ts";

type Value = number | undefined;

/** One set of metrics of a registry: declared once, with the function that reads each; nothing is kept in between. */
export class MetricSheet {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** A number that only grows while the process lives. */
  counter(name: string, help: string, read: () => number): void {
    const shown: Counter = new Counter({
      name,
      help,
      registers: [this.#registry],
      collect: () => {
        shown.reset();
        shown.inc(read());
      },
    });
  }

  /** One such number for each value of a label. */
  counters(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
    const shown: Counter = new Counter({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect: () => {
        shown.reset();
        for (const [value, count] of Object.entries(read())) shown.inc({ [label]: value }, count);
      },
    });
  }

  /** A number as it is now; `undefined`: nobody knows, and nothing is shown. */
  gauge(name: string, help: string, read: () => Value | Promise<Value>): void {
    const shown: Gauge = new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect: async () => {
        const value = await read();
        if (value === undefined) shown.remove();
        else shown.set(value);
      },
    });
  }

  histogram(name: string, help: string, read: () => Histogram): void {
    const get = () => {
      const { bounds, buckets, count, sum } = read();
      const values = [
        ...bounds.map((bound, at) => bucket(name, String(bound), buckets[at] ?? 0)),
        bucket(name, "+Inf", count),
        { metricName: `${name}_sum`, labels: {}, value: sum },
        { metricName: `${name}_count`, labels: {}, value: count },
      ];
      return Promise.resolve({ name, help, type: "histogram", aggregator: "sum", values });
    };
    // The library's own histogram takes observations only. A registry asks its metrics for nothing but their name and this.
    this.#registry.registerMetric({ name, get } as unknown as Metric);
  }
}

function bucket(name: string, le: string, value: number) {
  return { metricName: `${name}_bucket`, labels: { le }, value };
}
