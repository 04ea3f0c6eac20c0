// The rooflines of the façades, as SVG path data above a wall: four kinds, each in up to three bays.
import type { Roof } from "./windows.ts";

export type Bay = { readonly x0: number; readonly x1: number };

/** `solid` is drawn like the wall, `detail` lighter: panels, dormers, antennas. */
export type Roofline = { readonly solid: string; readonly detail: string };

/** The roof over a bay whose wall begins at `y`; `middle` marks the bay that may stand out. */
export function rooflineOf(roof: Roof, { x0, x1 }: Bay, y: number, middle: boolean): Roofline {
  switch (roof) {
    case "mansard":
      return mansard(x0, x1, y);
    case "gable":
      return middle ? steppedGable(x0, x1, y) : parapet(x0, x1, y);
    case "flat":
      return flat(x0, x1, y, middle);
    case "solar":
      return solar(x0, x1, y);
  }
}

function mansard(x0: number, x1: number, y: number): Roofline {
  const third = (x1 - x0) / 3;
  const dormers = [x0 + third, x0 + 2 * third]
    .map((x) => `M${x - 4} ${y - 3}V${y - 11}A4 4 0 0 1 ${x + 4} ${y - 11}V${y - 3}Z`)
    .join("");
  const chimney = `M${x1 - 12} ${y - 19}V${y - 28}H${x1 - 5}V${y - 17}Z`;
  return {
    solid: `M${x0} ${y}L${x0 + 6} ${y - 20}H${x1 - 6}L${x1} ${y}Z${chimney}`,
    detail: dormers,
  };
}

function steppedGable(x0: number, x1: number, y: number): Roofline {
  const step = (x1 - x0) / 10;
  const rise = 8;
  let path = `M${x0} ${y}`;
  for (let index = 0; index < 4; index += 1) path += `v${-rise}h${step}`;
  path += `v${-rise / 2}h${2 * step}v${rise / 2}`;
  for (let index = 0; index < 4; index += 1) path += `h${step}v${rise}`;
  const middle = (x0 + x1) / 2;
  const oculus = `M${middle - 5} ${y - 16}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z`;
  return { solid: `${path}Z`, detail: oculus };
}

function parapet(x0: number, x1: number, y: number): Roofline {
  const chimney = `M${x0 + 12} ${y - 6}V${y - 18}H${x0 + 20}V${y - 6}Z`;
  return { solid: `M${x0} ${y}V${y - 7}H${x1}V${y}Z${chimney}`, detail: "" };
}

function flat(x0: number, x1: number, y: number, middle: boolean): Roofline {
  if (!middle) return { solid: `M${x0} ${y}V${y - 5}H${x1}V${y}Z`, detail: "" };
  const x = x0 + 14;
  const mast = `M${x1 - 16} ${y - 9}V${y - 36}h1V${y - 9}Zm-6 -23h13v1h-13Zm2 5h9v1h-9Z`;
  return {
    solid: `M${x0} ${y}V${y - 9}H${x1}V${y}ZM${x} ${y - 9}V${y - 23}H${x + 26}V${y - 9}Z${mast}`,
    detail: `M${x + 5} ${y - 9}V${y - 17}h6V${y - 9}Z`,
  };
}

function solar(x0: number, x1: number, y: number): Roofline {
  const ridge = x0 + (x1 - x0) * 0.72;
  const count = 3;
  const width = (ridge - x0 - 14) / count;
  const panels = Array.from({ length: count }, (_, index) => {
    const left = x0 + 10 + index * width;
    const lift = (x: number): number => y - 5 - ((x - x0) / (ridge - x0)) * 20;
    const right = left + width - 2.5;
    return `M${left} ${lift(left)}L${right} ${lift(right)}v-3.4L${left} ${lift(left) - 3.4}Z`;
  }).join("");
  return { solid: `M${x0} ${y}V${y - 4}L${ridge} ${y - 24}L${x1} ${y - 4}V${y}Z`, detail: panels };
}
