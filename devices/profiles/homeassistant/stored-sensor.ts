// What is kept of a sensor that was described: a fact of the device.

/** A fact: what a discovery message says of a sensor, its letters short because there are hundreds. */
export type StoredSensor = {
  /** State topic. */
  readonly s: string;
  /** Value template. */
  readonly t?: string;
  /** Template of the last reset. */
  readonly l?: string;
  /** Unit, device class, state class; "" for none. */
  readonly u: string;
  readonly d: string;
  readonly k: string;
  /** The register's name, and the device it is of. */
  readonly n: string;
  readonly e: string;
  /** What it is called, and where its value stands: several texts, a line each. */
  readonly w: string;
  /** Its identifiers, a line each, which name rooms and serial numbers too. */
  readonly i?: string;
  /** Other topics of it. */
  readonly o: readonly string[];
};

/** Between several texts in one. */
export const TEXTS = "\n";
