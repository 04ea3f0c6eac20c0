// Is this secret one of this device's? Asked of the store, remembered for seconds: a reconnect storm asks once each.
import { createHash } from "node:crypto";
import type { TimeSource } from "#devices/time";
import type { DeviceContext } from "#store";

/** Looks a credential up in the store; rejects when the store is away. */
export type LookUp = (
  deviceId: number,
  secretHash: Buffer,
  nowMs: number,
) => Promise<DeviceContext | undefined>;

type Bounds = {
  readonly credentialCacheMs: number;
  readonly credentialCacheCountMax: number;
  readonly authenticateWithinMs: number;
};

type Known = { readonly device: DeviceContext; readonly untilMs: number };

export class Credentials {
  readonly #lookUp: LookUp;
  readonly #time: TimeSource;
  readonly #bounds: Bounds;
  /** Only accepted credentials, oldest first: a guess costs its sender a query and evicts nobody. */
  readonly #known = new Map<string, Known>();
  readonly #asked = new Map<string, Promise<DeviceContext | undefined>>();

  constructor(lookUp: LookUp, time: TimeSource, bounds: Bounds) {
    this.#lookUp = lookUp;
    this.#time = time;
    this.#bounds = bounds;
  }

  /**
   * The device, or undefined when the secret is not (or no longer) one of its own.
   * Rejects when the store does not answer in time.
   */
  async verify(deviceId: number, secretHash: Buffer): Promise<DeviceContext | undefined> {
    const key = `${deviceId} ${secretHash.toString("base64")}`;
    const known = this.#known.get(key);
    if (known !== undefined && known.untilMs > this.#time.now()) return known.device;
    const asked = this.#asked.get(key) ?? this.#ask(key, deviceId, secretHash);
    return within(asked, this.#bounds.authenticateWithinMs);
  }

  #ask(key: string, deviceId: number, secretHash: Buffer): Promise<DeviceContext | undefined> {
    const asked = this.#lookUp(deviceId, secretHash, this.#time.now())
      .then((device) => {
        this.#known.delete(key);
        if (device !== undefined) this.#remember(key, device);
        return device;
      })
      .finally(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    return asked;
  }

  #remember(key: string, device: DeviceContext): void {
    this.#known.set(key, { device, untilMs: this.#time.now() + this.#bounds.credentialCacheMs });
    if (this.#known.size <= this.#bounds.credentialCacheCountMax) return;
    const oldest = this.#known.keys().next();
    if (!oldest.done) this.#known.delete(oldest.value);
  }
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
