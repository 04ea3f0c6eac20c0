// What the load's command and its processes say to each other.
import type { Fleet } from "./fleet.ts";
import type { LoadTarget } from "./load-connection.ts";
import type { RatePlan } from "./rate-plan.ts";

/** The first order: these connections are its own from then on. */
export type ConnectOrder = {
  readonly order: "connect";
  readonly fleet: Fleet;
  readonly target: LoadTarget;
  /** Begins the client ids, so that two loads do not take each other's sessions over. */
  readonly run: string;
  readonly seed: number;
};

/** Every meter says one message, so that the product knows it; as fast as they are acknowledged. */
export type IntroduceOrder = { readonly order: "introduce" };

/** All connections are lost at this time after the beginning, and come back within the jitter, each at its own moment. */
export type Storm = { readonly atMs: number; readonly jitterMs: number };

export type PlayOrder = {
  readonly order: "play";
  /** This process's share. */
  readonly plan: RatePlan;
  readonly storms: readonly Storm[];
  /** How long to wait for the last acknowledgements. */
  readonly drainMs: number;
};

/** What was acknowledged of the meters whose number is divisible by this. */
export type TellOrder = { readonly order: "tell"; readonly everyNth: number };

export type LoadOrder = ConnectOrder | IntroduceOrder | PlayOrder | TellOrder;

/** Each second, and at the end of an order; counts are since the order began. */
export type LoadReport = {
  readonly done: boolean;
  readonly said: number;
  readonly acknowledged: number;
  readonly unacknowledged: number;
  readonly open: number;
  /** Connections that were opened, the first time and again. */
  readonly opened: number;
  readonly dropped: number;
  readonly errors: Readonly<Record<string, number>>;
  /** Acknowledged instants that the storage policy must keep something of; over the whole life of the process. */
  readonly kept: number;
  /** The same by meter, of those that were asked for. */
  readonly keptOf?: readonly (readonly [meter: number, kept: number])[];
  /** Since the last report: pairs of `LatencyCounts`. */
  readonly latencies: readonly number[];
  /** How late this process was at worst since the last report, ms. */
  readonly lateMs: number;
  /** Of this process so far, ms. */
  readonly cpuMs: number;
};
