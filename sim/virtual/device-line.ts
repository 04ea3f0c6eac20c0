// One device's connection in virtual time: sends in order, waits for each acknowledgement, and says again what was not acknowledged.
import { SECOND_MS } from "#devices/time";
import { AckLine } from "#ingest";
import type { Delivery } from "../story/story.ts";
import type { Random } from "../world/random.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Takes a message that arrived; calls `done` when it is acknowledged. `undefined`: nobody is there. */
export type Accept = ((delivery: Delivery, done: () => void) => void) | undefined;

export type LineOptions = {
  readonly clock: VirtualClock;
  readonly random: Random;
  /** Who is at the other end now. */
  readonly accept: () => Accept;
  /** A message without a time of its own counts from its arrival: later than this it is not sent any more. */
  readonly datedWithinMs: number;
  readonly onAcknowledged: (delivery: Delivery) => void;
};

const TRAVEL_MAX_MS = 80;
const RECONNECT_LEAST_MS = SECOND_MS / 2;
const RECONNECT_MOST_MS = 30 * SECOND_MS;

export class DeviceLine {
  readonly #options: LineOptions;
  /** Sent or to be sent, in order, each until it is acknowledged. */
  readonly #waiting: Delivery[] = [];
  readonly #unanswered = new Set<Delivery>();
  /** Of each connection its own: what was sent on an older one is answered to nobody. */
  #connection = 0;
  #isConnected = true;
  /** The broker answers in order. */
  #acks = new AckLine();
  #lastArrivalMs = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** How much is not acknowledged. */
  get waiting(): number {
    return this.#waiting.length;
  }

  send(delivery: Delivery): void {
    if (delivery.qos > 0) {
      this.#waiting.push(delivery);
      this.#unanswered.add(delivery);
    }
    if (this.#isConnected) this.#travel(delivery);
  }

  /** The connection is lost, the device comes back after a while. */
  cut(): void {
    if (!this.#isConnected) return;
    this.#connection += 1;
    this.#isConnected = false;
    this.#acks.drop();
    this.#comeBack();
  }

  #comeBack(): void {
    const { clock, random, accept } = this.#options;
    const waitMs = RECONNECT_LEAST_MS + random.below(RECONNECT_MOST_MS - RECONNECT_LEAST_MS);
    clock.at(clock.now() + waitMs, () => {
      if (accept() === undefined) return this.#comeBack();
      this.#isConnected = true;
      this.#acks = new AckLine();
      const nowMs = clock.now();
      const { datedWithinMs } = this.#options;
      // A copy leaves a moment after what it repeats: it counts from when that was taken. What the device says of itself holds.
      const isTooOld = ({ leavesAtMs, tells, introduces = false }: Delivery) =>
        datedWithinMs > 0 &&
        !(introduces && tells.length === 0) &&
        nowMs + TRAVEL_MAX_MS - Math.min(leavesAtMs, ...tells.map((one) => one.observedAtMs)) > datedWithinMs;
      const again = this.#waiting.filter((delivery) => !isTooOld(delivery));
      this.#waiting.splice(0, this.#waiting.length, ...again);
      for (const delivery of again) this.#travel(delivery);
    });
  }

  #travel(delivery: Delivery): void {
    const { clock, random, accept } = this.#options;
    const connection = this.#connection;
    // Of one connection nothing overtakes anything.
    const arrivesAtMs = Math.max(this.#lastArrivalMs, clock.now() + random.below(TRAVEL_MAX_MS));
    this.#lastArrivalMs = arrivesAtMs;
    clock.at(arrivesAtMs, () => {
      const take = accept();
      if (connection !== this.#connection || take === undefined) return;
      const answer = () =>
        clock.at(clock.now() + random.below(TRAVEL_MAX_MS), () => {
          if (connection === this.#connection) this.#answered(delivery);
        });
      take(delivery, this.#acks.hold(answer));
    });
  }

  /** What left together is said again together: a telegram that is split over topics has its time in the first of them. */
  #answered(delivery: Delivery): void {
    this.#options.onAcknowledged(delivery);
    this.#unanswered.delete(delivery);
    const { leavesAtMs } = delivery;
    const isWhole = this.#waiting.every((one) => one.leavesAtMs !== leavesAtMs || !this.#unanswered.has(one));
    if (!isWhole) return;
    const left = this.#waiting.filter((one) => one.leavesAtMs !== leavesAtMs);
    this.#waiting.splice(0, this.#waiting.length, ...left);
  }
}
