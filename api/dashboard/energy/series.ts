// The energies that a reader can choose between, and which of them a building has.

export const SERIES = [
  { id: "electricity-import", carrier: "electricity", direction: "import" },
  { id: "electricity-export", carrier: "electricity", direction: "export" },
  { id: "gas-import", carrier: "gas", direction: "import" },
  { id: "heat-import", carrier: "heat", direction: "import" },
  { id: "water-import", carrier: "water", direction: "import" },
] as const;

export type Series = (typeof SERIES)[number];
export type SeriesId = Series["id"];

type Connection = { readonly carrier: string; readonly direction: string };

/** The series that a building's supply points can have, in the order of the tabs. */
export function seriesOf(supplyPoints: readonly Connection[]): Series[] {
  return SERIES.filter(({ carrier, direction }) =>
    supplyPoints.some(
      (point) => point.carrier === carrier && (point.direction === direction || point.direction === "both"),
    ),
  );
}

/** The series named in an address, if the building has it; else the first it has. */
export function chooseSeries(wished: string | null, available: readonly Series[]): Series | undefined {
  return available.find(({ id }) => id === wished) ?? available[0];
}
