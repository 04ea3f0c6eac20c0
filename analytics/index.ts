// The door to the mathematics: load profiles as series over civil time.
export { loadSeries, LOAD_RESOLUTIONS } from "./load/load-series.ts";
export type { LoadPoint, LoadQuality, LoadRequest, LoadResolution } from "./load/load-series.ts";
