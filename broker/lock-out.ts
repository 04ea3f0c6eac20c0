// Wrong secrets cost time, and only those who send them: counted per address, per device, and for the two together.
//
//   free ──5th failure──▶ locked 1 s ──over, failed again──▶ 2 s ──▶ 4 s … 5 min
//     ▲                        │
//     └── the right secret, or an hour without a failure
import { hasPassed, HOUR_MS, MINUTE_MS, SECOND_MS } from "#devices/time";

export const LOCK_OUT_BOUNDS = {
  /** The failure from which on there is a delay. */
  failuresMax: 5,
  /** The same of an address as a whole: a building's devices share one, and some of them are misconfigured. */
  addressFailuresMax: 40,
  firstDelayMs: SECOND_MS,
  delayMaxMs: 5 * MINUTE_MS,
  forgetAfterMs: HOUR_MS,
  /**
   * While a device is attacked, an address that is new to it is heard this often, all new ones together; one where it
   * has been, after too many wrong secrets from there, as often.
   */
  turnEveryMs: SECOND_MS,
  /** Addresses, devices and pairs remembered, each; the oldest go first. */
  countMax: 20_000,
  /** Pairs of address and device that succeeded, each with the secret's hash. */
  vouchedCountMax: 40_000,
};

export type LockOutBounds = typeof LOCK_OUT_BOUNDS;

type Tally = { failures: number; failedAtMs: number; lockedUntilMs: number };

/**
 * The pair carries the growing delay: a meter with a wrong secret does not shut its neighbours behind the same address
 * out, because of its failures only the first four count for the address. An address is locked when it fails for
 * several devices; a device under attack hears no address that failed for it, and few that it does not know.
 * Where a device succeeded before, the secret that it came with is heard whatever others send from there, until it fails;
 * any other secret only waits for the failures of the pair, and a second at most: it has 256 random bits, so nobody gets
 * nearer to it.
 */
export class LockOut {
  readonly #bounds: LockOutBounds;
  readonly #pairs: Tallies;
  readonly #addresses: Tallies;
  readonly #devices: Tallies;
  /** By pair, the secret that succeeded last; undefined once it failed. */
  readonly #vouched = new Map<string, string | undefined>();
  /** When the last turn was: of a locked pair, or of all that are new to a device. */
  readonly #turnAtMs = new Map<string | number, number>();

  constructor(bounds: LockOutBounds = LOCK_OUT_BOUNDS) {
    this.#bounds = bounds;
    this.#pairs = new Tallies(bounds, bounds.failuresMax);
    this.#addresses = new Tallies(bounds, bounds.addressFailuresMax);
    this.#devices = new Tallies(bounds, bounds.failuresMax);
  }

  /**
   * Whether the store may be asked about a secret (its hash) now. `locked`: too many wrong ones; `wait`: others are
   * attacking this device, and this address is one of many that it does not know.
   */
  judge(address: string, deviceId: number, secret: string, nowMs: number): "free" | "locked" | "wait" {
    const pair = pairOf(address, deviceId);
    if (this.#vouched.get(pair) === secret) return "free";
    if (this.#vouched.has(pair)) {
      const isFree =
        this.#pairs.failures(pair, nowMs) < this.#bounds.failuresMax || this.#isTurn(pair, nowMs);
      return isFree ? "free" : "locked";
    }
    if (this.#pairs.isLocked(pair, nowMs)) return "locked";
    if (this.#addresses.isLocked(address, nowMs)) return "locked";
    if (this.#devices.failures(deviceId, nowMs) < this.#bounds.failuresMax) return "free";
    if (this.#pairs.failures(pair, nowMs) > 0) {
      return this.#devices.isLocked(deviceId, nowMs) ? "locked" : "free";
    }
    return this.#isTurn(deviceId, nowMs) ? "free" : "wait";
  }

  /** A wrong secret. Answers how long this address is now kept from this device, in ms. */
  failed(address: string, deviceId: number, secret: string, nowMs: number): number {
    const pair = pairOf(address, deviceId);
    if (this.#vouched.get(pair) === secret) this.#vouched.set(pair, undefined);
    const failures = this.#pairs.count(pair, nowMs);
    if (failures < this.#bounds.failuresMax) this.#addresses.count(address, nowMs);
    this.#devices.count(deviceId, nowMs);
    if (this.#vouched.has(pair)) return failures < this.#bounds.failuresMax ? 0 : this.#bounds.turnEveryMs;
    return Math.max(this.#pairs.lockedForMs(pair, nowMs), this.#addresses.lockedForMs(address, nowMs));
  }

  /** The right secret: what was counted against the two is forgotten. */
  succeeded(address: string, deviceId: number, secret: string): void {
    const pair = pairOf(address, deviceId);
    this.#pairs.forget(pair);
    this.#addresses.forget(address);
    this.#devices.forget(deviceId);
    this.#turnAtMs.delete(pair);
    this.#turnAtMs.delete(deviceId);
    remember(this.#vouched, pair, secret, this.#bounds.vouchedCountMax);
  }

  #isTurn(whose: string | number, nowMs: number): boolean {
    const lastMs = this.#turnAtMs.get(whose);
    if (lastMs !== undefined && !hasPassed(this.#bounds.turnEveryMs, lastMs, nowMs)) return false;
    remember(this.#turnAtMs, whose, nowMs, this.#bounds.countMax);
    return true;
  }
}

/** Failures by key, bounded, each with the delay that it has grown to. */
class Tallies {
  readonly #bounds: LockOutBounds;
  readonly #failuresMax: number;
  readonly #tallies = new Map<string | number, Tally>();

  constructor(bounds: LockOutBounds, failuresMax: number) {
    this.#bounds = bounds;
    this.#failuresMax = failuresMax;
  }

  /** Counts a failure, unless it was under way when the lock closed: many at once are one step of the delay. */
  count(key: string | number, nowMs: number): number {
    const tally = this.#of(key, nowMs) ?? { failures: 0, failedAtMs: nowMs, lockedUntilMs: 0 };
    tally.failedAtMs = nowMs;
    if (tally.lockedUntilMs <= nowMs) {
      tally.failures++;
      tally.lockedUntilMs = nowMs + this.#delayMs(tally.failures);
    }
    remember(this.#tallies, key, tally, this.#bounds.countMax);
    return tally.failures;
  }

  failures(key: string | number, nowMs: number): number {
    return this.#of(key, nowMs)?.failures ?? 0;
  }

  lockedForMs(key: string | number, nowMs: number): number {
    const tally = this.#of(key, nowMs);
    return tally === undefined ? 0 : Math.max(tally.lockedUntilMs - nowMs, 0);
  }

  isLocked(key: string | number, nowMs: number): boolean {
    return this.lockedForMs(key, nowMs) > 0;
  }

  forget(key: string | number): void {
    this.#tallies.delete(key);
  }

  #delayMs(failures: number): number {
    const { firstDelayMs, delayMaxMs } = this.#bounds;
    const beyond = failures - this.#failuresMax;
    return beyond < 0 ? 0 : Math.min(firstDelayMs * 2 ** beyond, delayMaxMs);
  }

  /** A clock that was set back makes no lock longer: what lies in the future is forgotten. */
  #of(key: string | number, nowMs: number): Tally | undefined {
    const tally = this.#tallies.get(key);
    if (tally === undefined) return undefined;
    const sinceMs = nowMs - tally.failedAtMs;
    if (sinceMs >= 0 && sinceMs <= this.#bounds.forgetAfterMs) return tally;
    this.#tallies.delete(key);
    return undefined;
  }
}

/**
 * What counts as one address: an IPv4 address, or the half of an IPv6 address that its owner was given (a /64 has
 * 2^64 others).
 */
export function addressKeyOf(address: string | undefined): string {
  if (address === undefined) return "unknown";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const before = groups(head);
  const after = groups(tail ?? "");
  const zeros = tail === undefined ? 0 : Math.max(8 - before.length - after.length, 0);
  return `${[...before, ...Array.from({ length: zeros }, () => "0"), ...after].slice(0, 4).join(":")}::/64`;
}

function pairOf(address: string, deviceId: number): string {
  return `${address} ${deviceId}`;
}

/** As the newest; above the bound, the oldest goes. */
function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, countMax: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= countMax) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
