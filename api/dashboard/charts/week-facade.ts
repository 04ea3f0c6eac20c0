// The week as a façade: seven floors of 24 windows, each as bright as the group draws at that hour. ECharts on a canvas.
import { CustomChart, type CustomSeriesOption } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { CHART_FONT, type CellChart, type ChartCell, type ReadStyle } from "./cell-chart.ts";
import { levelOf, mixColours, type WeekView } from "./week-view.ts";

use([CustomChart, GridComponent, CanvasRenderer]);

const COLUMNS = 24;
const ROWS = 7;
const NARROW_PX = 560;
const GAP_SHARE = 0.22;

export function createWeekFacade(element: HTMLElement): CellChart<WeekView> {
  const chart: EChartsType = init(element, null, { renderer: "canvas" });
  const pixelOf = (column: number, row: number): readonly number[] =>
    chart.convertToPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [column, row]);
  const cellOf = (index: number): ChartCell => {
    const column = index % COLUMNS;
    const row = Math.floor(index / COLUMNS);
    const [x = 0, y = 0] = pixelOf(column - 0.5, row - 0.5);
    const [right = 0, bottom = 0] = pixelOf(column + 0.5, row + 0.5);
    return { index, x, y, width: right - x, height: bottom - y };
  };
  return {
    draw(view, style) {
      chart.setOption(optionOf(view, style, element.clientWidth < NARROW_PX), { notMerge: true });
    },
    cellAt(xPx, yPx) {
      const [x = -1, y = -1] = chart.convertFromPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [xPx, yPx]);
      const column = Math.round(x);
      const row = Math.round(y);
      const inside = column >= 0 && column < COLUMNS && row >= 0 && row < ROWS;
      return inside ? cellOf(row * COLUMNS + column) : undefined;
    },
    cellOf,
    resize: () => chart.resize(),
    dispose: () => chart.dispose(),
  };
}

function optionOf(view: WeekView, style: ReadStyle, narrow: boolean) {
  const axis = {
    type: "value" as const,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
  };
  const label = { ...CHART_FONT, color: style("--on-sky-soft"), showMinLabel: true, showMaxLabel: true };
  return {
    animation: false,
    grid: { left: 14, right: 14, top: 14, bottom: 10, outerBoundsMode: "same" as const },
    xAxis: {
      ...axis,
      min: -0.5,
      max: COLUMNS - 0.5,
      axisLabel: {
        ...label,
        customValues: narrow ? [0, 6, 12, 18] : [0, 3, 6, 9, 12, 15, 18, 21],
        formatter: (hour: number) => view.hourLabels[hour] ?? "",
      },
    },
    yAxis: {
      ...axis,
      // Monday is the top floor.
      inverse: true,
      min: -0.5,
      max: ROWS - 0.5,
      axisLabel: {
        ...label,
        customValues: [0, 1, 2, 3, 4, 5, 6],
        formatter: (row: number) => view.weekdayLabels[row] ?? "",
      },
    },
    series: [windowSeries(view, style)],
  };
}

function windowSeries(view: WeekView, style: ReadStyle) {
  const dark = style("--pane-dark");
  const ember = style("--ember");
  const lamp = style("--lamp");
  const shut = style("--pane");
  return {
    type: "custom" as const,
    silent: true,
    data: Array.from(view.means, (mean, cell) => [cell % COLUMNS, Math.floor(cell / COLUMNS), mean]),
    encode: { x: 0, y: 1 },
    renderItem: ((params, api) => {
      const [x = 0, y = 0] = api.coord([api.value(0), api.value(1)]);
      const [stepX = 0, stepY = 0] = [api.size?.([1, 1])].flat();
      const width = Math.abs(stepX) * (1 - GAP_SHARE);
      const height = Math.abs(stepY) * (1 - GAP_SHARE);
      const level = levelOf(view, view.means[params.dataIndex] ?? Number.NaN);
      const shape = { x: x - width / 2, y: y - height / 2, width, height, r: Math.min(2.5, width / 4) };
      if (level === undefined) return shutter(shape, dark, shut);
      return { type: "rect" as const, shape, style: { fill: mixColours([dark, ember, lamp], level) } };
    }) satisfies CustomSeriesOption["renderItem"],
  };
}

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** An hour that nothing is known of: the window is shut. */
function shutter(shape: Box, ground: string, slat: string) {
  const slats = [0.25, 0.5, 0.75].map((share) => ({
    type: "line" as const,
    shape: {
      x1: shape.x + 1,
      x2: shape.x + shape.width - 1,
      y1: shape.y + share * shape.height,
      y2: shape.y + share * shape.height,
    },
    style: { stroke: slat, lineWidth: 1.2 },
  }));
  return {
    type: "group" as const,
    children: [{ type: "rect" as const, shape, style: { fill: ground } }, ...slats],
  };
}
