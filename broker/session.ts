// One authenticated connection: whose it is, what waits for its acknowledgement, when its credential was last verified.
import type { Client } from "aedes";
import type { DeviceContext } from "#store";
import { AckLine } from "./ack-line.ts";
import { mountOf } from "./mount.ts";

export class Session {
  /** Replaced when the credential is verified again: a device may have been given another profile. */
  device: DeviceContext;
  verifiedAtMs: number;
  /** A verification is under way. */
  verifying = false;
  /** The highest quality of service of its subscriptions; undefined when it never subscribed. */
  grantedQos: 0 | 1 | 2 | undefined;
  readonly acks = new AckLine();
  readonly mount: string;
  readonly client: Client;
  /** As the device gave it, without the prefix that keeps devices apart. */
  readonly clientId: string;
  /** SHA-256 of the secret it came with. */
  readonly secretHash: Buffer;

  constructor(client: Client, device: DeviceContext, clientId: string, secretHash: Buffer, nowMs: number) {
    this.client = client;
    this.device = device;
    this.clientId = clientId;
    this.secretHash = secretHash;
    this.verifiedAtMs = nowMs;
    this.mount = mountOf(device.id);
  }
}

/** The sessions by connection and by device. */
export class Sessions {
  /** From authentication until the connection is forgotten: its will comes after its end. */
  readonly #byClient = new WeakMap<Client, Session>();
  readonly #open = new Set<Session>();
  readonly #byDevice = new Map<number, Set<Session>>();

  /** Remembers whose connection this is, before it counts as open. */
  introduce(session: Session): void {
    this.#byClient.set(session.client, session);
  }

  of(client: Client): Session | undefined {
    return this.#byClient.get(client);
  }

  ofDevice(deviceId: number): ReadonlySet<Session> {
    return this.#byDevice.get(deviceId) ?? NONE;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.#open.values();
  }

  /** True when it is its device's first. */
  open(session: Session): boolean {
    this.#open.add(session);
    const siblings = this.#byDevice.get(session.device.id);
    if (siblings === undefined) this.#byDevice.set(session.device.id, new Set([session]));
    else siblings.add(session);
    return siblings === undefined;
  }

  /** True when it was its device's last. What waits is stored all the same, and answered to nobody. */
  close(session: Session): boolean {
    session.acks.drop();
    this.#open.delete(session);
    const siblings = this.#byDevice.get(session.device.id);
    siblings?.delete(session);
    if (siblings?.size !== 0) return false;
    this.#byDevice.delete(session.device.id);
    return true;
  }

  /** Whether any connection of this device listens to what it publishes. */
  isHeard(deviceId: number): boolean {
    for (const session of this.ofDevice(deviceId)) if (session.grantedQos !== undefined) return true;
    return false;
  }
}

const NONE: ReadonlySet<Session> = new Set();
