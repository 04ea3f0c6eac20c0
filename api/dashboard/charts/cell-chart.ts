// A chart made of cells, as a figure handles it: where each cell lies, so that mouse, finger and keys read the same one.

/** In pixels of the chart's box. */
export type ChartCell = {
  readonly index: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

/** Reads a custom property of the style in force, such as `--lamp`. */
export type ReadStyle = (property: string) => string;

export type CellChart<View> = {
  draw(view: View, style: ReadStyle): void;
  cellAt(xPx: number, yPx: number): ChartCell | undefined;
  cellOf(index: number): ChartCell | undefined;
  resize(): void;
  dispose(): void;
};

export const CHART_FONT = { fontFamily: '"KoproGo Text", system-ui, sans-serif', fontSize: 13 };

const hatches = new Map<string, { image: HTMLCanvasElement; repeat: "repeat" }>();
const TILE_PX = 8;

/** Diagonal strokes on a ground, as a fill: what tells losers from winners without colour. */
export function strokedFill(stroke: string, ground: string): { image: HTMLCanvasElement; repeat: "repeat" } {
  const key = `${stroke} ${ground}`;
  const known = hatches.get(key);
  if (known !== undefined) return known;
  const image = document.createElement("canvas");
  image.width = TILE_PX;
  image.height = TILE_PX;
  const pen = image.getContext("2d");
  if (pen !== null) {
    pen.fillStyle = ground;
    pen.fillRect(0, 0, TILE_PX, TILE_PX);
    pen.strokeStyle = stroke;
    pen.lineWidth = 2.4;
    pen.beginPath();
    // Three strokes, so that the diagonal goes on unbroken where tiles meet.
    for (const shift of [-TILE_PX, 0, TILE_PX]) {
      pen.moveTo(shift - 1, TILE_PX + 1);
      pen.lineTo(shift + TILE_PX + 1, -1);
    }
    pen.stroke();
  }
  const fill = { image, repeat: "repeat" as const };
  hatches.set(key, fill);
  return fill;
}
