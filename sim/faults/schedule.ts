// What goes wrong and when, drawn from a seed: the same seed is the same schedule, on any machine.
import { createRandom, derive, type Random } from "../world/random.ts";

/**
 * - `kill-…`: SIGKILL, and a start after `holdMs`; of PostgreSQL the postmaster, or with `kill-session` one session;
 * - `pause-…`: SIGSTOP, and SIGCONT after `holdMs`: connections stay open and nothing answers;
 * - `restart-postgres`: the fast shutdown of an administrator;
 * - `flush-redis`: everything in it is gone, and it goes on.
 */
export const FAULTS = [
  "kill-broker",
  "pause-broker",
  "kill-worker",
  "kill-postgres",
  "kill-session",
  "restart-postgres",
  "pause-postgres",
  "kill-redis",
  "pause-redis",
  "flush-redis",
] as const;
export type Fault = (typeof FAULTS)[number];

/** What a fault strikes: faults of one target wait for each other, of several they overlap. */
export const TARGET_OF = {
  "kill-broker": "broker",
  "pause-broker": "broker",
  "kill-worker": "worker",
  "kill-postgres": "postgres",
  "kill-session": "postgres",
  "restart-postgres": "postgres",
  "pause-postgres": "postgres",
  "kill-redis": "redis",
  "pause-redis": "redis",
  "flush-redis": "redis",
} as const satisfies Record<Fault, string>;

export type Step = {
  readonly fault: Fault;
  /** After the beginning of the load. */
  readonly atMs: number;
  /** How long it stays so. */
  readonly holdMs: number;
  /** Which of several alike: a broker, a session. */
  readonly nth: number;
};

/** How a device behaves, as odds per message. */
export type Manners = {
  /** Half of the packet is written, then the connection destroyed. */
  readonly cut: number;
  /** The packet leaves in small pieces, and acknowledgements are not read for a while. */
  readonly slow: number;
  /** Something that was acknowledged is sent again as new. */
  readonly repeat: number;
  /** Sent with QoS 0. */
  readonly unacknowledged: number;
  /** Sent later than what comes after it: up to so many messages. */
  readonly shuffledWithin: number;
  /** It listens to everything that it may hear. */
  readonly listens: boolean;
};

export type Schedule = {
  readonly seed: number;
  /** Devices connect to any of them, and after a loss to any again. */
  readonly brokerCount: 1 | 2;
  readonly devices: readonly Manners[];
  /** In order of time. */
  readonly steps: readonly Step[];
};

const FIRST_AT_MS = 300;
const STEP_GAP_MAX_MS = 900;
const HOLD_MAX_MS = 1200;

/** Two to four devices, two to four faults within some three seconds. */
export function drawSchedule(seed: number): Schedule {
  const random = createRandom(derive(seed, "schedule"));
  const devices = Array.from({ length: 2 + random.below(3) }, (_, at) => drawManners(random, at));
  const steps: Step[] = [];
  let atMs = FIRST_AT_MS + random.below(STEP_GAP_MAX_MS);
  for (let left = 2 + random.below(3); left > 0; left--) {
    steps.push({
      fault: FAULTS[random.below(FAULTS.length)] ?? "kill-broker",
      atMs,
      holdMs: random.below(HOLD_MAX_MS),
      nth: random.below(8),
    });
    atMs += random.below(STEP_GAP_MAX_MS);
  }
  return { seed, brokerCount: random.below(2) === 0 ? 1 : 2, devices, steps };
}

/** Cuts and slowness are rare, as each costs the time of many messages; one device in two has none. */
function drawManners(random: Random, at: number): Manners {
  const rough = at % 2 === 0;
  return {
    cut: rough ? 0.01 * random.next() : 0,
    slow: rough ? 0.02 * random.next() : 0,
    repeat: 0.1 * random.next(),
    unacknowledged: 0.1 * random.next(),
    shuffledWithin: random.below(3) === 0 ? 1 : 2 + random.below(40),
    listens: random.below(3) === 0,
  };
}
