// What a process tells about itself: plain numbers, shown to Prometheus on a listener of its own.
export { Histogram } from "./histogram.ts";
export { MetricSheet } from "./metric-sheet.ts";
export { openMetrics, type MetricsListener } from "./metrics-listener.ts";
