// Winners and losers of a bid as a histogram: losers stroked, winners plain, so that no colour is needed. ECharts on a canvas.
import { CustomChart, type CustomSeriesOption } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { CHART_FONT, strokedFill, type CellChart, type ChartCell, type ReadStyle } from "./cell-chart.ts";

use([CustomChart, GridComponent, CanvasRenderer]);

export type HistogramView = {
  readonly bars: readonly { readonly count: number; readonly side: "losers" | "winners" }[];
  /** The texts below the borders of the classes, one more than there are bars. */
  readonly borders: readonly string[];
};

const NARROW_PX = 560;

export function createSavingHistogram(element: HTMLElement): CellChart<HistogramView> {
  const chart: EChartsType = init(element, null, { renderer: "canvas" });
  let view: HistogramView = { bars: [], borders: [] };
  const cellOf = (index: number): ChartCell | undefined => {
    const bar = view.bars[index];
    if (bar === undefined) return undefined;
    const top = Math.max(1, ...view.bars.map(({ count }) => count));
    const [x = 0, y = 0] = chart.convertToPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [index, top]);
    const [right = 0, bottom = 0] = chart.convertToPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [index + 1, 0]);
    return { index, x, y, width: right - x, height: bottom - y };
  };
  return {
    draw(present, style) {
      view = present;
      chart.setOption(optionOf(present, style, element.clientWidth < NARROW_PX), { notMerge: true });
    },
    cellAt(xPx) {
      return cellOf(Math.floor(chart.convertFromPixel({ xAxisIndex: 0 }, xPx)));
    },
    cellOf,
    resize: () => chart.resize(),
    dispose: () => chart.dispose(),
  };
}

function optionOf({ bars, borders }: HistogramView, style: ReadStyle, narrow: boolean) {
  const label = { ...CHART_FONT, color: style("--ink-soft") };
  const every = narrow && borders.length > 6 ? 2 : 1;
  // The border at nothing keeps its text whatever else goes.
  const nought = Math.max(0, bars.filter(({ side }) => side === "losers").length);
  const marked = borders.flatMap((_, index) => ((index - nought) % every === 0 ? [index] : []));
  return {
    animation: false,
    grid: { left: 4, right: 18, top: 14, bottom: 4, outerBoundsMode: "same" as const },
    xAxis: {
      type: "value" as const,
      min: 0,
      max: bars.length,
      axisTick: { show: false },
      splitLine: { show: false },
      axisLine: { lineStyle: { color: style("--line") } },
      axisLabel: {
        ...label,
        customValues: marked,
        showMinLabel: true,
        showMaxLabel: true,
        hideOverlap: true,
        formatter: (index: number) => borders[index] ?? "",
      },
    },
    yAxis: {
      type: "value" as const,
      minInterval: 1,
      splitNumber: 4,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: label,
      splitLine: { lineStyle: { color: style("--line"), opacity: 0.7 } },
    },
    series: [barSeries(bars, style)],
  };
}

function barSeries(bars: HistogramView["bars"], style: ReadStyle) {
  const win = style("--electricity-export");
  const lose = style("--heat-import");
  const stroked = strokedFill(lose, style("--surface"));
  return {
    type: "custom" as const,
    silent: true,
    data: bars.map(({ count }, index) => [index, count]),
    encode: { x: 0, y: 1 },
    renderItem: ((params, api) => {
      const bar = bars[params.dataIndex];
      if (bar === undefined || bar.count === 0) return null;
      const [x = 0, y = 0] = api.coord([params.dataIndex, bar.count]);
      const [right = 0, bottom = 0] = api.coord([params.dataIndex + 1, 0]);
      const shape = { x: x + 2, y, width: Math.max(2, right - x - 4), height: bottom - y, r: [4, 4, 0, 0] };
      const wins = bar.side === "winners";
      const style = wins ? { fill: win } : { fill: stroked, stroke: lose, lineWidth: 1.5 };
      return { type: "rect" as const, shape, style };
    }) satisfies CustomSeriesOption["renderItem"],
  };
}
