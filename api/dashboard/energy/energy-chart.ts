// Draws a chart view with ECharts on a canvas. Loaded only where a chart is shown: nothing else imports ECharts.
import { BarChart, CustomChart, LineChart, type CustomSeriesOption } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import type { ChartColours, ChartView } from "./chart-view.ts";

use([BarChart, LineChart, CustomChart, GridComponent, CanvasRenderer]);

/** Where a bar lies, in pixels of the chart's box. */
export type ChartColumn = { readonly index: number; readonly x: number; readonly width: number };

export type EnergyChart = {
  draw(view: ChartView, colours: ChartColours, options: { readonly animate: boolean }): void;
  /** The bar under a horizontal pixel, or `undefined` outside the plot. */
  columnAt(xPx: number): ChartColumn | undefined;
  columnOf(index: number): ChartColumn | undefined;
  resize(): void;
  dispose(): void;
};

const NARROW_PX = 520;
/** Of a slot's width; the bar before it is narrower. */
const GHOST_SHARE = 0.88;
/** Beyond this many bars growing from the ground is a flicker, not a movement. */
const ANIMATED_BARS_MAX = 400;

export function createEnergyChart(element: HTMLElement): EnergyChart {
  const chart: EChartsType = init(element, null, { renderer: "canvas" });
  let count = 0;
  const centreOf = (index: number): number => chart.convertToPixel({ xAxisIndex: 0 }, index);
  const columnOf = (index: number): ChartColumn | undefined => {
    if (index < 0 || index >= count) return undefined;
    const width = count > 1 ? Math.abs(centreOf(1) - centreOf(0)) : element.clientWidth;
    return { index, x: centreOf(index) - width / 2, width };
  };
  return {
    draw(view, colours, { animate }) {
      count = view.values.length;
      const narrow = element.clientWidth < NARROW_PX;
      const animation = animate && view.kind === "bars" && count <= ANIMATED_BARS_MAX;
      chart.setOption({ ...optionOf(view, colours, narrow), animation }, { notMerge: true });
    },
    columnAt(xPx) {
      const index = Math.round(chart.convertFromPixel({ xAxisIndex: 0 }, xPx));
      return columnOf(index);
    },
    columnOf,
    resize: () => chart.resize(),
    dispose: () => chart.dispose(),
  };
}

function optionOf(view: ChartView, colours: ChartColours, narrow: boolean) {
  const ticks = view.ticks(narrow);
  const labels = new Map(ticks.map(({ index, label }) => [index, label]));
  const font = { fontFamily: '"KoproGo Text", system-ui, sans-serif', fontSize: 13 };
  return {
    animationDuration: 420,
    animationEasing: "cubicOut" as const,
    grid: { left: 4, right: 4, top: 30, bottom: 4, outerBoundsMode: "same" as const },
    xAxis: {
      // Slots are numbers, not categories: 35,040 of them cost nothing, and labels stand only where there is a tick.
      type: "value" as const,
      min: -0.5,
      max: view.values.length - 0.5,
      axisTick: { show: false },
      splitLine: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
      axisLabel: {
        ...font,
        color: colours.inkSoft,
        hideOverlap: true,
        showMinLabel: true,
        showMaxLabel: true,
        customValues: ticks.map(({ index }) => index),
        formatter: (index: number) => labels.get(index) ?? "",
      },
    },
    yAxis: {
      type: "value" as const,
      name: view.axisUnit,
      nameLocation: "end" as const,
      nameGap: 14,
      nameTextStyle: { ...font, color: colours.inkSoft, align: "right" as const },
      axisLine: { show: false },
      axisTick: { show: false },
      splitNumber: narrow ? 3 : 4,
      axisLabel: { ...font, color: colours.inkSoft, formatter: view.formatAxis },
      splitLine: { lineStyle: { color: colours.line, opacity: 0.7 } },
    },
    series: [
      missingSeries(view, colours),
      ...(view.ghost.length > 0 ? [ghostSeries(view, colours)] : []),
      view.kind === "bars" ? barSeries(view, colours) : curveSeries(view, colours),
    ],
  };
}

/** Index and value in turn; what is missing is not a number, and breaks the line. */
function pointsOf(values: ChartView["values"]): Float64Array {
  const points = new Float64Array(2 * values.length);
  values.forEach((value, index) => {
    points[2 * index] = index;
    points[2 * index + 1] = value ?? Number.NaN;
  });
  return points;
}

function barSeries(view: ChartView, colours: ChartColours) {
  const radius = view.values.length > 200 ? 0 : view.values.length > 60 ? 1.5 : 4;
  return {
    type: "bar" as const,
    data: pointsOf(view.values),
    dimensions: ["index", "value"],
    barWidth: view.ghost.length > 0 ? "52%" : `${view.values.length > 60 ? 82 : 74}%`,
    itemStyle: {
      borderRadius: [radius, radius, 0, 0],
      color: ({ dataIndex }: { dataIndex: number }) => shade(colours, view.estimated[dataIndex] ?? 0),
    },
    emphasis: { disabled: true },
    silent: true,
  };
}

/** The period compared with: wide and pale, so that both can be read where one covers the other. */
function ghostSeries(view: ChartView, colours: ChartColours) {
  return {
    type: "custom" as const,
    silent: true,
    animation: false,
    data: view.ghost.flatMap((value, index) => (value === null ? [] : [[index, value]])),
    encode: { x: 0, y: 1 },
    clip: true,
    renderItem: ((_params, api) => {
      const [slot = 0] = [api.size?.([1, 0])].flat();
      const width = Math.max(1, slot * GHOST_SHARE);
      const [x = 0, top = 0] = api.coord([api.value(0), api.value(1)]);
      const [, ground = 0] = api.coord([api.value(0), 0]);
      const r = Math.min(4, width / 4);
      return {
        type: "rect" as const,
        shape: { x: x - width / 2, y: top, width, height: ground - top, r: [r, r, 0, 0] },
        style: { fill: colours.ghost },
      };
    }) satisfies CustomSeriesOption["renderItem"],
  };
}

/** An estimated bar keeps its hue and fades towards the paper, as far as it is estimated. */
function shade({ series, surface }: ChartColours, estimated: number): string {
  return mixHex(series, surface, 0.55 * estimated);
}

function curveSeries(view: ChartView, colours: ChartColours) {
  return {
    type: "line" as const,
    data: pointsOf(view.values),
    dimensions: ["index", "value"],
    step: view.values.length <= 1000 ? ("middle" as const) : false,
    // Of the points that share a pixel the lowest and the highest stay: a peak is never averaged away.
    sampling: "minmax" as const,
    symbol: "none",
    connectNulls: false,
    lineStyle: { color: colours.series, width: view.values.length > 1000 ? 1 : 1.8 },
    areaStyle: { color: colours.series, opacity: 0.16 },
    emphasis: { disabled: true },
    silent: true,
  };
}

/** One hatched patch for each run that is missing, over the whole height: absent, not zero. What misses less is fainter. */
function missingSeries(view: ChartView, colours: ChartColours) {
  return {
    type: "custom" as const,
    silent: true,
    animation: false,
    data: view.missing.map(({ first, last, share }) => [first, last, share]),
    encode: { x: [0, 1], y: [] },
    clip: true,
    renderItem: ((params, api) => {
      // On a cartesian grid the coordinate system is the plot's rectangle, in pixels.
      const plot = params.coordSys as unknown as { x: number; y: number; width: number; height: number };
      const [width = 0] = [api.size?.([1, 0])].flat();
      const centreOf = (dimension: number): number => api.coord([api.value(dimension), 0])[0] ?? 0;
      const fromX = Math.max(plot.x, centreOf(0) - width / 2);
      const toX = Math.min(plot.x + plot.width, centreOf(1) + width / 2);
      return {
        type: "rect" as const,
        shape: { x: fromX, y: plot.y, width: Math.max(1, toX - fromX), height: plot.height },
        style: { fill: hatchOf(colours.hatch), opacity: 0.3 + 0.7 * Number(api.value(2)) },
      };
    }) satisfies CustomSeriesOption["renderItem"],
  };
}

const hatches = new Map<string, { image: HTMLCanvasElement; repeat: "repeat" }>();
const HATCH_PX = 8;

function hatchOf(colour: string): { image: HTMLCanvasElement; repeat: "repeat" } {
  let hatch = hatches.get(colour);
  if (hatch === undefined) {
    const image = document.createElement("canvas");
    image.width = HATCH_PX;
    image.height = HATCH_PX;
    const pen = image.getContext("2d");
    if (pen !== null) {
      pen.strokeStyle = colour;
      pen.lineWidth = 1.4;
      pen.beginPath();
      // Three strokes, so that the diagonal goes on unbroken where tiles meet.
      for (const shift of [-HATCH_PX, 0, HATCH_PX]) {
        pen.moveTo(shift - 1, HATCH_PX + 1);
        pen.lineTo(shift + HATCH_PX + 1, -1);
      }
      pen.stroke();
    }
    hatch = { image, repeat: "repeat" };
    hatches.set(colour, hatch);
  }
  return hatch;
}

function mixHex(from: string, to: string, share: number): string {
  const channel = (hex: string, index: number): number =>
    Number.parseInt(hex.slice(1 + 2 * index, 3 + 2 * index), 16);
  const mixed = [0, 1, 2].map((index) =>
    Math.round(channel(from, index) * (1 - share) + channel(to, index) * share)
      .toString(16)
      .padStart(2, "0"),
  );
  return `#${mixed.join("")}`;
}
