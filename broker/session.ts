// One authenticated connection: whose it is, what waits for its acknowledgement, when its credential was last verified.
import type { Client } from "aedes";
import { filterMatches } from "#devices/topic";
import { AckLine } from "#ingest";
import type { DeviceContext } from "#store";
import type { Identity } from "./identify.ts";
import { mountOf } from "./mount.ts";
import { Pubacks } from "./pubacks.ts";
import type { Allowance } from "./rates.ts";
import type { SentCommands } from "./sent-commands.ts";

export type Qos = 0 | 1 | 2;

/** What a session came with, to be verified again while it lasts. */
export type SessionProof = Pick<Identity, "proof" | "endsAtMs"> & {
  /** The credentials' epoch before they were asked. */
  readonly epoch: number;
};

/** One connection that came in as a device, and all that is known of it. */
export class Session {
  /** Replaced when the credential is verified again: a device may have been given another profile. */
  device: DeviceContext;
  verifiedAtMs: number;
  /** The store did not answer then: it is asked again soon. */
  unsure = false;
  /** Who may connect as its device changed, and that was not verified since. */
  changed = false;
  /** Its credential has ended: nothing is published in its name any more, not its will either. */
  ended = false;
  /** A verification is under way. */
  verifying = false;
  /** What it may send; undefined until it does. */
  allowance: Allowance | undefined;
  /** What it is subscribed to, by the filter as the device gave it. */
  readonly granted = new Map<string, Qos>();
  /** Commands on their way; undefined when it never subscribed. */
  sent: SentCommands | undefined;
  readonly acks = new AckLine();
  readonly pubacks: Pubacks;
  /** While its connection is left unread for want of room: called when some of what waits was answered. */
  readAgain: (() => void) | undefined;
  /** Packet ids of QoS 2 whose publish waits for the store. */
  readonly handshakes = new Set<number>();
  readonly mount: string;
  readonly client: Client;
  /** As the device gave it, without the prefix that keeps devices apart. */
  readonly clientId: string;
  readonly shown: SessionProof;

  constructor(client: Client, device: DeviceContext, clientId: string, shown: SessionProof, nowMs: number) {
    this.client = client;
    this.pubacks = new Pubacks(client, () => this.readAgain?.());
    this.device = device;
    this.clientId = clientId;
    this.shown = shown;
    this.verifiedAtMs = nowMs;
    this.mount = mountOf(device.id);
  }
}

/** The highest quality that was granted to a filter which hears `topic`; undefined when none does. */
export function grantedQos(session: Session, topic: string): Qos | undefined {
  let highest: Qos | undefined;
  for (const [filter, qos] of session.granted) {
    if ((highest === undefined || qos > highest) && filterMatches(filter, topic)) highest = qos;
  }
  return highest;
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

  /** The devices that have any. */
  deviceIds(): number[] {
    return [...this.#byDevice.keys()];
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
    for (const session of this.ofDevice(deviceId)) if (session.granted.size > 0) return true;
    return false;
  }
}

const NONE: ReadonlySet<Session> = new Set();
