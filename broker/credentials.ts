// May this device connect with what it shows? Asked of the store for many at once, remembered for seconds: a reconnect
// storm of 10,000 devices is tens of queries.
//
//   claim ──▶ known? ──▶ waiting ──at most one query per 50 ms──▶ asked ──▶ answered
//                           ▲                                       │
//                           └── its access changed meanwhile ───────┘
import { createHash } from "node:crypto";
import { hasPassed, type TimeSource } from "#devices/time";
import type { Claim, DeviceContext } from "#store";
import type { BrokerLimits } from "./limits.ts";

export type Proof = Claim["proof"];

/** Looks claims up in the store; rejects when the store is away. */
export type LookUp = (
  claims: readonly Claim[],
  nowMs: number,
) => Promise<readonly (DeviceContext | undefined)[]>;

type Bounds = Pick<
  BrokerLimits,
  | "credentialCacheMs"
  | "credentialCacheCountMax"
  | "authenticateWithinMs"
  | "lookUpEveryMs"
  | "lookUpCountMax"
  | "lookUpWaitingMax"
>;

type Known = { readonly key: string; readonly device: DeviceContext; readonly sinceMs: number };

type Question = {
  readonly key: string;
  readonly claim: Claim;
  /** When somebody last wanted to know. */
  wantedAtMs: number;
  /** The device's access changed after the store was asked: the answer may be from before. */
  stale: boolean;
  readonly answer: PromiseWithResolvers<DeviceContext | undefined>;
};

/** Queries at once; the other connections of the pool are for commits. One that is silent gives its place up in time. */
const UNDER_WAY_MAX = 2;

/** Answers whether what a device shows is its own: from what it knows for some seconds, else from the store. */
export class Credentials {
  readonly #lookUp: LookUp;
  readonly #time: TimeSource;
  readonly #bounds: Bounds;
  /** Only accepted claims, each device's latest, oldest first: a guess costs its sender a query and evicts nobody. */
  readonly #known = new Map<number, Known>();
  readonly #asked = new Map<string, Question>();
  #waiting: Question[] = [];
  #gathering = false;
  #underWay = 0;
  #forgotten = 0;

  constructor(lookUp: LookUp, time: TimeSource, bounds: Bounds) {
    this.#lookUp = lookUp;
    this.#time = time;
    this.#bounds = bounds;
  }

  /** Grows whenever some device was forgotten: what was verified under another number may have ended since. */
  get epoch(): number {
    return this.#forgotten;
  }

  /**
   * The device, or undefined when what it shows is not (or no longer) its own.
   * Rejects when the store does not answer in time, and at once when too many wait for it.
   */
  async verify(deviceId: number, proof: Proof): Promise<DeviceContext | undefined> {
    const key = keyOf(deviceId, proof);
    const known = this.#knownAs(deviceId, key);
    if (known !== undefined) return known;
    if (!this.#asked.has(key) && this.#asked.size >= this.#bounds.lookUpWaitingMax) {
      throw new Error("too many wait for the store");
    }
    const question = this.#asked.get(key) ?? this.#ask(key, { deviceId, proof });
    question.wantedAtMs = this.#time.now();
    return within(question.answer.promise, this.#bounds.authenticateWithinMs);
  }

  /** Whether `verify` would answer without asking the store. */
  knows(deviceId: number, proof: Proof): boolean {
    return this.#knownAs(deviceId, keyOf(deviceId, proof)) !== undefined;
  }

  #knownAs(deviceId: number, key: string): DeviceContext | undefined {
    const known = this.#known.get(deviceId);
    if (known === undefined || known.key !== key) return undefined;
    return hasPassed(this.#bounds.credentialCacheMs, known.sinceMs, this.#time.now())
      ? undefined
      : known.device;
  }

  /** Its access changed: nothing that was known of it before is answered from now on, nor what is being asked. */
  forget(deviceId: number): void {
    this.#forgotten++;
    this.#known.delete(deviceId);
    for (const question of this.#asked.values()) {
      if (question.claim.deviceId === deviceId) question.stale = true;
    }
  }

  #ask(key: string, claim: Claim): Question {
    const question = {
      key,
      claim,
      wantedAtMs: this.#time.now(),
      stale: false,
      answer: Promise.withResolvers<DeviceContext | undefined>(),
    };
    this.#asked.set(key, question);
    this.#waiting.push(question);
    if (!this.#gathering) {
      this.#gathering = true;
      // One that comes alone is asked at once; those that come with or soon after it share the next query.
      setImmediate(() => this.#askWaiting());
    }
    return question;
  }

  #askWaiting(): void {
    this.#dropUnwanted();
    if (this.#waiting.length === 0) {
      this.#gathering = false;
      return;
    }
    if (this.#underWay < UNDER_WAY_MAX) {
      const batch = this.#waiting.splice(0, this.#bounds.lookUpCountMax);
      this.#underWay++;
      void this.#answer(batch).finally(() => this.#underWay--);
    }
    setTimeout(() => this.#askWaiting(), this.#bounds.lookUpEveryMs);
  }

  /** Whoever asked has given up: after a silence of the store those who still wait come first. */
  #dropUnwanted(): void {
    const nowMs = this.#time.now();
    const { authenticateWithinMs } = this.#bounds;
    this.#waiting = this.#waiting.filter((question) => {
      if (!hasPassed(authenticateWithinMs, question.wantedAtMs, nowMs)) return true;
      this.#asked.delete(question.key);
      question.answer.reject(new Error(`not asked within ${authenticateWithinMs} ms`));
      return false;
    });
  }

  /** What is lost when the store fails or is silent: this attempt; the device is told to try again. */
  async #answer(batch: readonly Question[]): Promise<void> {
    for (const question of batch) question.stale = false;
    try {
      const looked = this.#lookUp(
        batch.map(({ claim }) => claim),
        this.#time.now(),
      );
      const devices = await within(looked, this.#bounds.authenticateWithinMs);
      for (const [index, question] of batch.entries()) this.#settle(question, devices[index]);
    } catch (error) {
      for (const question of batch) {
        this.#asked.delete(question.key);
        question.answer.reject(error);
      }
    }
  }

  #settle(question: Question, device: DeviceContext | undefined): void {
    if (question.stale) {
      this.#asked.delete(question.key);
      this.#ask(question.key, question.claim).answer.promise.then(
        question.answer.resolve,
        question.answer.reject,
      );
      return;
    }
    this.#asked.delete(question.key);
    if (device !== undefined) this.#remember(question.key, device);
    question.answer.resolve(device);
  }

  #remember(key: string, device: DeviceContext): void {
    this.#known.delete(device.id);
    this.#known.set(device.id, {
      key,
      device,
      sinceMs: this.#time.now(),
    });
    if (this.#known.size <= this.#bounds.credentialCacheCountMax) return;
    const oldest = this.#known.keys().next();
    if (!oldest.done) this.#known.delete(oldest.value);
  }
}

function keyOf(deviceId: number, proof: Proof): string {
  return proof.kind === "secret"
    ? `${deviceId} ${proof.secretHash.toString("base64")}`
    : `${deviceId} since ${proof.validFromMs}`;
}

/** Device secrets are long and random, so a plain hash is the right one. */
export function hashSecret(secret: Buffer): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** The device id in a user name: a positive decimal without leading zeros, or undefined. */
export function deviceIdOf(username: string): number | undefined {
  return /^[1-9]\d{0,9}$/.test(username) ? Number(username) : undefined;
}

async function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
