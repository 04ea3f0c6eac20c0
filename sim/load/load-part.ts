// A part of the load as a process of its own: its share of the connections, which speak by the clock (an open loop: a late
// answer delays none of the next, and counts from when its message was due).
import { SECOND_MS, systemTime } from "#devices/time";
import { createRandom } from "../world/random.ts";
import { KEPT_EVERY_MS } from "./count-kept.ts";
import { speakingOrder } from "./fleet.ts";
import { LatencyCounts } from "./latency-counts.ts";
import { LoadConnection, type Said } from "./load-connection.ts";
import type { ConnectOrder, LoadOrder, LoadReport, PlayOrder } from "./load-messages.ts";
import { createMeterPackets, STEP_MS_OF_KIND } from "./meter-packets.ts";
import { createPacer, lengthMs } from "./rate-plan.ts";

const TICK_MS = 2;
const CONNECTING_AT_ONCE = 64;
const INTRODUCED_AT_ONCE = 1000;

class LoadPart {
  readonly #connections: LoadConnection[];
  readonly #order: readonly { readonly meter: number; readonly connection: number }[];
  readonly #random: () => number;
  readonly #stepMs: number;
  readonly #keptEveryMs: number;
  /** By meter of the fleet: the last instant that was said, and the last kept one that was acknowledged. */
  readonly #lastMs = new Map<number, number>();
  readonly #lastKept = new Map<number, number>();
  readonly #keptOf = new Map<number, number>();
  readonly #latencies = new LatencyCounts();
  /** What happens when one more is open. */
  #proceed: () => void = () => undefined;
  #next = 0;
  #open = 0;
  #unacknowledged = 0;
  #count = noCounts();
  #kept = 0;
  #lateMs = 0;

  constructor({ fleet, target, run, seed }: ConnectOrder) {
    const { packet } = createMeterPackets(fleet.kind);
    const random = createRandom(seed);
    this.#random = () => random.next();
    this.#stepMs = STEP_MS_OF_KIND[fleet.kind];
    this.#keptEveryMs = KEPT_EVERY_MS[fleet.kind];
    this.#order = speakingOrder(fleet);
    const listener = {
      acknowledged: (said: Said) => this.#settle(said),
      opened: () => {
        this.#open += 1;
        this.#count.opened += 1;
        this.#proceed();
      },
      lost: () => {
        this.#open -= 1;
      },
      failed: (what: string) => {
        const { errors } = this.#count;
        errors[what] = (errors[what] ?? 0) + 1;
      },
    };
    this.#connections = fleet.connections.map(
      (connection) =>
        new LoadConnection({
          target,
          connection,
          clientId: `${run}-${connection.username}`,
          packet,
          listener,
          random: this.#random,
        }),
    );
  }

  /** Opens all connections, a bounded number at once; those that are refused try again meanwhile. */
  async connect(): Promise<void> {
    const unopened = this.#connections.values();
    this.#proceed = () => unopened.next().value?.connect();
    for (let nth = 0; nth < CONNECTING_AT_ONCE; nth++) this.#proceed();
    while (this.#open < this.#connections.length) await sleep(TICK_MS);
    this.#proceed = () => undefined;
  }

  async introduce(): Promise<void> {
    this.#begin();
    for (const { meter, connection } of this.#order) {
      while (this.#unacknowledged >= INTRODUCED_AT_ONCE) await sleep(TICK_MS);
      this.#say(meter, connection, performance.now());
    }
    while (this.#unacknowledged > 0) await sleep(TICK_MS);
  }

  /** Speaks by the plan from now on, then waits for what is not acknowledged. */
  async play({ plan, storms, drainMs }: PlayOrder): Promise<void> {
    this.#begin();
    const startedMs = performance.now();
    const coming = storms.toSorted((a, b) => a.atMs - b.atMs);
    const due = createPacer(plan);
    const endMs = lengthMs(plan);
    for (let tickMs = startedMs; ;) {
      const nowMs = performance.now();
      this.#lateMs = Math.max(this.#lateMs, nowMs - tickMs - TICK_MS);
      tickMs = nowMs;
      for (const sinceMs of due(nowMs - startedMs)) this.#sayNext(startedMs + sinceMs);
      while (coming[0] !== undefined && coming[0].atMs <= nowMs - startedMs)
        this.#storm(coming.shift()?.jitterMs ?? 0);
      if (nowMs - startedMs >= endMs) break;
      await sleep(TICK_MS);
    }
    const drainedByMs = performance.now() + drainMs;
    while (this.#unacknowledged > 0 && performance.now() < drainedByMs) await sleep(TICK_MS);
  }

  report(done: boolean): LoadReport {
    const { user, system } = process.cpuUsage();
    const lateMs = this.#lateMs;
    this.#lateMs = 0;
    return {
      done,
      ...this.#count,
      unacknowledged: this.#unacknowledged,
      open: this.#open,
      kept: this.#kept,
      latencies: this.#latencies.take(),
      lateMs,
      cpuMs: (user + system) / 1000,
    };
  }

  /** Of the meters whose number is divisible by this. */
  keptOf(everyNth: number): [number, number][] {
    return [...this.#keptOf].filter(([meter]) => meter % everyNth === 0);
  }

  #begin(): void {
    this.#count = noCounts();
    this.#latencies.take();
  }

  #sayNext(dueMs: number): void {
    const next = this.#order[this.#next];
    this.#next = (this.#next + 1) % this.#order.length;
    if (next !== undefined) this.#say(next.meter, next.connection, dueMs);
  }

  #say(meter: number, connection: number, dueMs: number): void {
    const wantedMs = Math.floor((systemTime.now() + dueMs - performance.now()) / this.#stepMs) * this.#stepMs;
    const observedAtMs = Math.max(wantedMs, (this.#lastMs.get(meter) ?? 0) + this.#stepMs);
    this.#lastMs.set(meter, observedAtMs);
    this.#count.said += 1;
    if (this.#connections[connection]?.say(meter, observedAtMs, dueMs) === true) this.#unacknowledged += 1;
    else this.#count.dropped += 1;
  }

  #settle({ meter, observedAtMs, dueMs }: Said): void {
    this.#count.acknowledged += 1;
    this.#unacknowledged -= 1;
    this.#latencies.add(performance.now() - dueMs);
    const kept = Math.floor(observedAtMs / this.#keptEveryMs);
    if (this.#lastKept.get(meter) === kept) return;
    this.#lastKept.set(meter, kept);
    this.#kept += 1;
    this.#keptOf.set(meter, (this.#keptOf.get(meter) ?? 0) + 1);
  }

  #storm(jitterMs: number): void {
    for (const connection of this.#connections) connection.cut(this.#random() * jitterMs);
  }
}

type Counts = {
  said: number;
  acknowledged: number;
  opened: number;
  dropped: number;
  readonly errors: Record<string, number>;
};

const noCounts = (): Counts => ({ said: 0, acknowledged: 0, opened: 0, dropped: 0, errors: {} });

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const send = (report: LoadReport): void => void process.send?.(report);

let part: LoadPart | undefined;

async function obey(order: LoadOrder): Promise<void> {
  if (order.order === "connect") {
    part = new LoadPart(order);
    await part.connect();
  } else if (order.order === "introduce") await part?.introduce();
  else if (order.order === "play") await part?.play(order);
  if (part === undefined) return;
  const told = order.order === "tell" ? { keptOf: part.keptOf(order.everyNth) } : {};
  send({ ...part.report(true), ...told });
}

process.on("message", (order) => void obey(order as LoadOrder));
setInterval(() => part && send(part.report(false)), SECOND_MS);
// Whoever ordered the load has what it wants, or is gone.
process.on("disconnect", () => process.exit(0));
