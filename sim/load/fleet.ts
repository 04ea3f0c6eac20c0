// A fleet of meters as the load sees it: which connection carries which meters, and how processes share them.
import type { PayloadKind } from "./meter-packets.ts";

/** One MQTT connection: a meter that connects itself, or a gateway that speaks for several. */
export type FleetConnection = {
  /** The device's id and secret. */
  readonly username: string;
  readonly password: string;
  /** Numbers of the meters that speak through it. */
  readonly meters: readonly number[];
};

export type Fleet = {
  readonly kind: PayloadKind;
  readonly connections: readonly FleetConnection[];
};

/** What is to be registered: `connections` of them, each with its meters; more than one each makes them gateways. */
export type FleetPlan = {
  readonly kind: PayloadKind;
  readonly meters: number;
  readonly connections: number;
  /** Connections of a building. */
  readonly perBuilding: number;
};

const METERS_PER_BUILDING = 50;

/** A building has some fifty meters, whatever they connect through. */
export function planFleet(kind: PayloadKind, meters: number, connectionsMax: number): FleetPlan {
  const connections = Math.min(meters, connectionsMax);
  const perConnection = Math.ceil(meters / connections);
  return {
    kind,
    meters,
    connections,
    perBuilding: Math.max(1, Math.floor(METERS_PER_BUILDING / perConnection)),
  };
}

/** The meters behind a connection: dealt out one by one, so that none has two more than another. */
export function metersOf({ meters, connections }: FleetPlan, connection: number): number[] {
  const own: number[] = [];
  for (let meter = connection; meter < meters; meter += connections) own.push(meter);
  return own;
}

/** The connections of one of so many processes. */
export function partOf(fleet: Fleet, part: number, parts: number): Fleet {
  return { ...fleet, connections: fleet.connections.filter((_, index) => index % parts === part) };
}

/**
 * All meters in the order in which they speak: each connection's first, then each one's second …, so that those behind one
 * gateway are spread over time.
 */
export function speakingOrder(fleet: Fleet): { readonly meter: number; readonly connection: number }[] {
  const order: { meter: number; connection: number }[] = [];
  const most = fleet.connections.reduce((max, { meters }) => Math.max(max, meters.length), 0);
  for (let nth = 0; nth < most; nth++) {
    for (const [connection, { meters }] of fleet.connections.entries()) {
      const meter = meters[nth];
      if (meter !== undefined) order.push({ meter, connection });
    }
  }
  return order;
}
