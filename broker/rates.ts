// How much a device and a building may send: who is over its rate is read more slowly. Nothing is lost, nobody is
// disconnected, and nobody else pays.
//
//   level > 0: read ──take──▶ level falls, below 0 by what one read brought ──▶ unread ──time──▶ level > 0: read again
import { SECOND_MS, type TimeSource } from "#devices/time";
import type { DeviceContext } from "#store";
import type { Counts } from "./counts.ts";
import type { BrokerLimits } from "./limits.ts";
import type { Session } from "./session.ts";

type Bounds = Pick<
  BrokerLimits,
  | "deviceRateMax"
  | "buildingRateMax"
  | "rateBurstS"
  | "deviceConnectRateMax"
  | "deviceConnectBurst"
  | "buildingConnectRateMax"
  | "buildingConnectBurst"
  | "deviceControlRateMax"
  | "deviceControlBurst"
>;

const LOOK_EVERY_MS = 50;
/** So many bytes of SUBSCRIBE count like one more packet: it costs by its filters. */
const CONTROL_BYTES_A_PACKET = 64;
const FORGET_EVERY_MS = 60 * SECOND_MS;

/** A level that time fills and messages drain. */
class Bucket {
  #level: number;
  #atMs: number;
  readonly #perMs: number;
  readonly #capacity: number;

  constructor(ratePerS: number, capacity: number, nowMs: number) {
    this.#perMs = ratePerS / SECOND_MS;
    this.#capacity = capacity;
    this.#level = capacity;
    this.#atMs = nowMs;
  }

  take(count: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#level -= count;
  }

  isOpen(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#level > 0;
  }

  /** Whether there is enough for `count` without going below zero. */
  has(count: number, nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#level >= count;
  }

  isFull(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#level >= this.#capacity;
  }

  /** A clock that was set back fills nothing, and does not hold up what comes after. */
  #fill(nowMs: number): void {
    const sinceMs = nowMs - this.#atMs;
    if (sinceMs === 0) return;
    this.#atMs = nowMs;
    if (sinceMs > 0) this.#level = Math.min(this.#level + sinceMs * this.#perMs, this.#capacity);
  }
}

/** The buckets that a session drains: two with its messages, one with what is no message. */
export type Allowance = {
  readonly buildingId: number;
  readonly device: Bucket;
  readonly building: Bucket;
  readonly control: Bucket;
};

/** What each device and each building may still send, and who waits until it may again. */
export class Rates {
  readonly #time: TimeSource;
  readonly #counts: Pick<Counts, "slowed">;
  /** They outlive the connection: reconnecting fills nothing. */
  readonly #devices: Buckets;
  readonly #buildings: Buckets;
  readonly #controls: Buckets;
  readonly #deviceConnects: Buckets;
  readonly #buildingConnects: Buckets;
  readonly #held = new Set<Session>();
  readonly #sweep: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;

  constructor(bounds: Bounds, time: TimeSource, counts: Pick<Counts, "slowed">) {
    this.#time = time;
    this.#counts = counts;
    const { deviceRateMax, buildingRateMax, rateBurstS } = bounds;
    this.#devices = new Buckets(deviceRateMax, deviceRateMax * rateBurstS);
    this.#buildings = new Buckets(buildingRateMax, buildingRateMax * rateBurstS);
    this.#controls = new Buckets(bounds.deviceControlRateMax, bounds.deviceControlBurst);
    this.#deviceConnects = new Buckets(bounds.deviceConnectRateMax, bounds.deviceConnectBurst);
    this.#buildingConnects = new Buckets(bounds.buildingConnectRateMax, bounds.buildingConnectBurst);
    this.#sweep = setInterval(() => this.#forgetFull(), FORGET_EVERY_MS);
    this.#sweep.unref();
  }

  /** `count` messages of this session were taken in, or packets came that belong to one. */
  take(session: Session, count: number, nowMs: number): void {
    const { device, building } = this.#allowanceOf(session, nowMs);
    device.take(count, nowMs);
    building.take(count, nowMs);
  }

  /** A packet of this session came that belongs to no message: SUBSCRIBE, UNSUBSCRIBE, PINGREQ. */
  takeControl(session: Session, packetBytes: number, nowMs: number): void {
    this.#allowanceOf(session, nowMs).control.take(1 + packetBytes / CONTROL_BYTES_A_PACKET, nowMs);
  }

  /** Whether this session's connection may be read now. If not, it gets a `readable` event once it may. */
  admits(session: Session, nowMs: number): boolean {
    if (this.#isOpen(session, nowMs)) return true;
    this.#counts.slowed++;
    this.#held.add(session);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
    return false;
  }

  /** Whether bytes of this session may wait unread, a PINGREQ among them. */
  holds(session: Session): boolean {
    return this.#held.has(session);
  }

  forget(session: Session): void {
    this.#held.delete(session);
  }

  /**
   * Counts a CONNECT with the right credential; false when there were too many. Wrong ones are not counted here: a
   * stranger cannot use up a device's.
   */
  admitsConnect(device: Pick<DeviceContext, "id" | "buildingId">, nowMs: number): boolean {
    const ofDevice = this.#deviceConnects.of(device.id, nowMs);
    if (!ofDevice.has(1, nowMs)) return false;
    // A device that is over its own is not counted for its building: the neighbours do not pay.
    const ofBuilding = this.#buildingConnects.of(device.buildingId, nowMs);
    if (!ofBuilding.has(1, nowMs)) return false;
    ofDevice.take(1, nowMs);
    ofBuilding.take(1, nowMs);
    return true;
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#stopLooking();
    this.#held.clear();
  }

  #isOpen(session: Session, nowMs: number): boolean {
    const { device, building, control } = this.#allowanceOf(session, nowMs);
    return device.isOpen(nowMs) && building.isOpen(nowMs) && control.isOpen(nowMs);
  }

  #allowanceOf(session: Session, nowMs: number): Allowance {
    const known = session.allowance;
    // Verified again, the device may be in another building.
    if (known?.buildingId === session.device.buildingId) return known;
    const { id, buildingId } = session.device;
    session.allowance = {
      buildingId,
      device: this.#devices.of(id, nowMs),
      building: this.#buildings.of(buildingId, nowMs),
      control: this.#controls.of(id, nowMs),
    };
    return session.allowance;
  }

  /** In the order in which they were held: those of one building take turns. One that is held again comes last. */
  #look(): void {
    const nowMs = this.#time.now();
    for (const session of this.#held) {
      if (!this.#isOpen(session, nowMs)) continue;
      this.#held.delete(session);
      session.client.conn.emit("readable");
    }
    if (this.#held.size === 0) this.#stopLooking();
  }

  #forgetFull(): void {
    const nowMs = this.#time.now();
    for (const buckets of [
      this.#devices,
      this.#buildings,
      this.#controls,
      this.#deviceConnects,
      this.#buildingConnects,
    ]) {
      buckets.forgetFull(nowMs);
    }
  }

  #stopLooking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

class Buckets {
  readonly #ratePerS: number;
  readonly #capacity: number;
  readonly #buckets = new Map<number, Bucket>();

  constructor(ratePerS: number, capacity: number) {
    this.#ratePerS = ratePerS;
    this.#capacity = capacity;
  }

  of(id: number, nowMs: number): Bucket {
    const known = this.#buckets.get(id);
    if (known !== undefined) return known;
    const bucket = new Bucket(this.#ratePerS, this.#capacity, nowMs);
    this.#buckets.set(id, bucket);
    return bucket;
  }

  /** A full bucket says no more than none. */
  forgetFull(nowMs: number): void {
    for (const [id, bucket] of this.#buckets) if (bucket.isFull(nowMs)) this.#buckets.delete(id);
  }
}
