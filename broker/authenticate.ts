// Who may connect, and for how long: user name = device id with its secret, or a certificate with the id as its name.
// Every refusal is a CONNACK with the code that fits.
import type { Client, ConnectPacket } from "aedes";
import type { Logger } from "pino";
import { hasPassed, SECOND_MS, type TimeSource } from "#devices/time";
import type { DeviceContext } from "#store";
import type { Will } from "./aedes-internals.ts";
import type { Counts } from "./counts.ts";
import type { Credentials } from "./credentials.ts";
import { identify, type Identity } from "./identify.ts";
import type { BrokerLimits } from "./limits.ts";
import type { Peer } from "./listeners.ts";
import type { LockOut } from "./lock-out.ts";
import { publishFault } from "./mount.ts";
import type { Rates } from "./rates.ts";
import { Refused } from "./refusal.ts";
import { RefusalLog } from "./refusal-log.ts";
import { Session, type Sessions } from "./session.ts";

/**
 * The looks, a second each, in which all silent sessions are verified if all are due, as after a restart; fewer than the
 * seconds between two verifications of one.
 */
const LOOKS_FOR_ALL = 50;

/** A session whose verification the store did not answer is verified again after this. */
const RETRY_AFTER_MS = SECOND_MS;

type Options = {
  readonly credentials: Credentials;
  readonly lockOut: LockOut;
  readonly rates: Pick<Rates, "admitsConnect">;
  readonly sessions: Sessions;
  readonly counts: Counts;
  readonly limits: BrokerLimits;
  readonly time: TimeSource;
  readonly log: Logger;
  /** Whether new work is refused now. */
  readonly isBusy: () => boolean;
};

/** What the CONNECT said beside the credential; kept until the credential is verified. */
type Asked = { readonly clientId: string; readonly clean: boolean; readonly will: Will | undefined };

/** Decides who may connect, and again while a connection lasts whether it still may. */
export class Authenticator {
  readonly #options: Options;
  readonly #asked = new WeakMap<Client, Asked>();
  readonly #peers = new WeakMap<Client, Peer>();
  readonly #refusals: RefusalLog;
  /** Where the last look at silent sessions stopped: one that came meanwhile is behind all others. */
  #silent: Iterator<Session>;

  constructor(options: Options) {
    this.#options = options;
    this.#refusals = new RefusalLog(options.log);
    this.#silent = options.sessions[Symbol.iterator]();
  }

  /** Tells where this connection comes from, before its first byte. */
  meet(client: Client, peer: Peer): void {
    this.#peers.set(client, peer);
  }

  /**
   * Reads and adapts the CONNECT before aedes acts on it. The client id is withheld until the credential is
   * verified: nobody without one may take over, or even name, a session. Sessions are clean, whatever was asked: no
   * queue of ours fills while a device is away [session present stays 0, so the client subscribes again].
   */
  prepare(client: Client, packet: ConnectPacket): void {
    this.#asked.set(client, { clientId: packet.clientId, clean: packet.clean ?? true, will: packet.will });
    packet.clientId = "";
    packet.clean = true;
    const { keepAliveMaxS } = this.#options.limits;
    packet.keepalive = Math.min(packet.keepalive || keepAliveMaxS, keepAliveMaxS);
  }

  /** aedes' hook: answers with the session's acceptance or with a refusal. */
  authenticate(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
    done: (error: Refused | null, success: boolean | null) => void,
  ): void {
    void this.#decide(client, username, password).then((error) => setImmediate(done, error, error === null));
  }

  /**
   * Called once a second. Verifies those that are silent, a bounded number a call: who only listens must not outlive
   * its credential. Those that are known to have ended, or to have changed, are not counted.
   */
  reverifyIdle(nowMs: number): void {
    const { sessions } = this.#options;
    for (const session of sessions) {
      if (nowMs >= session.shown.endsAtMs) this.#end(session);
      else if (session.changed) this.reverifyWhenDue(session, nowMs);
    }
    let left = Math.ceil(sessions.size / LOOKS_FOR_ALL);
    for (let looked = sessions.size; looked > 0 && left > 0; looked--) {
      const session = this.#nextSilent();
      if (session === undefined || !this.#isDue(session, nowMs)) continue;
      left--;
      void this.#reverify(session);
    }
  }

  /** All sessions in turn, round after round; undefined when there are none. */
  #nextSilent(): Session | undefined {
    const next = this.#silent.next();
    if (next.done !== true) return next.value;
    this.#silent = this.#options.sessions[Symbol.iterator]();
    const first = this.#silent.next();
    return first.done === true ? undefined : first.value;
  }

  /** Called for every message: verifies the credential of a session again that has been open for a while. */
  reverifyWhenDue(session: Session, nowMs: number): void {
    if (this.#isDue(session, nowMs)) void this.#reverify(session);
  }

  #isDue(session: Session, nowMs: number): boolean {
    if (session.verifying || session.ended) return false;
    const { reverifyAfterMs } = this.#options.limits;
    const afterMs = session.unsure ? Math.min(RETRY_AFTER_MS, reverifyAfterMs) : reverifyAfterMs;
    return hasPassed(afterMs, session.verifiedAtMs, nowMs);
  }

  /** Its CONNACK is on the way. What changed between its verification and now is looked at again. */
  opened(session: Session): void {
    if (session.shown.epoch !== this.#options.credentials.epoch) void this.#reverify(session);
  }

  /** Who may connect as this device changed: what is remembered of it is dropped, its sessions are verified now. */
  accessChanged(deviceId: number): void {
    const { credentials, sessions } = this.#options;
    credentials.forget(deviceId);
    for (const session of sessions.ofDevice(deviceId)) {
      session.changed = true;
      if (!session.verifying) void this.#reverify(session);
    }
  }

  /** One that ended closes the connection. While the store is away nothing is decided, and it is asked again soon. */
  async #reverify(session: Session): Promise<void> {
    const { credentials, log, time } = this.#options;
    session.verifying = true;
    try {
      const { proof, endsAtMs } = session.shown;
      const device = time.now() >= endsAtMs ? undefined : await credentials.verify(session.device.id, proof);
      session.unsure = false;
      session.changed = false;
      if (device === undefined) this.#end(session);
      else session.device = device;
    } catch (error) {
      session.unsure = true;
      log.debug({ err: error, deviceId: session.device.id }, "credential not verified again yet");
    } finally {
      session.verifiedAtMs = time.now();
      session.verifying = false;
    }
  }

  #end(session: Session): void {
    if (session.ended) return;
    const { counts, log } = this.#options;
    counts.revoked++;
    session.ended = true;
    log.info({ deviceId: session.device.id }, "credential ended, connection closed");
    session.client.close();
  }

  /** The refusal, or null. Never rejects. */
  async #decide(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<Refused | null> {
    const asked = this.#asked.get(client);
    this.#asked.delete(client);
    try {
      await this.#admit(client, asked, username, password);
      return null;
    } catch (error) {
      return this.#refuse({ username, clientId: asked?.clientId }, error);
    }
  }

  async #admit(
    client: Client,
    asked: Asked | undefined,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<void> {
    const { credentials, sessions, rates, limits, time, isBusy } = this.#options;
    if (isBusy()) throw new Refused("busy", "too much is unacknowledged");
    if (sessions.size >= limits.connectionCountMax) throw new Refused("busy", "too many connections");
    const peer = this.#peers.get(client);
    if (peer === undefined || asked === undefined) throw new Refused("malformed", "no CONNECT");
    const identity = identify({ certificate: peer.certificate, username, password }, time.now());
    const { epoch } = credentials;
    const device = await this.#verified(identity, peer.address);
    if (!rates.admitsConnect(device, time.now())) throw new Refused("rate", "connects too often");
    const { deviceId } = identity;
    this.#judge(asked, sessions.ofDevice(deviceId).size);
    // Devices that chose the same client id stay apart, and a missing one is made up [MQTT-3.1.3-6].
    client.id = asked.clientId === "" ? `${deviceId}/${client.id}` : `${deviceId}/${asked.clientId}`;
    const shown = { ...identity, epoch };
    sessions.introduce(new Session(client, device, asked.clientId, shown, time.now()));
  }

  /** The device, if what it shows is its own. Guesses are counted and delayed. */
  async #verified({ deviceId, proof }: Identity, address: string): Promise<DeviceContext> {
    const { credentials, lockOut, time } = this.#options;
    // A certificate cannot be guessed.
    const secret = proof.kind === "secret" ? proof.secretHash.toString("base64") : undefined;
    // The right secret that is remembered needs no query, so no attack on others holds it up.
    if (secret !== undefined && !credentials.knows(deviceId, proof)) {
      const judgement = lockOut.judge(address, deviceId, secret, time.now());
      if (judgement === "locked") throw new Refused("locked", "too many wrong secrets");
      if (judgement === "wait") throw new Refused("rate", "this device is under attack, and new here");
    }
    const device = await credentials.verify(deviceId, proof).catch((cause: unknown) => {
      throw new Refused("store", "the store does not answer", cause);
    });
    if (device === undefined) {
      if (secret === undefined)
        throw new Refused("certificate", "unknown device, or a certificate that was revoked");
      this.#countFailure(address, deviceId, secret);
      throw new Refused("credential", "unknown device or wrong secret");
    }
    if (secret !== undefined) lockOut.succeeded(address, deviceId, secret);
    return device;
  }

  #countFailure(address: string, deviceId: number, secret: string): void {
    const { lockOut, time } = this.#options;
    const delayMs = lockOut.failed(address, deviceId, secret, time.now());
    if (delayMs > 0) this.#refusals.lockedOut({ address, deviceId, delayMs }, time.now());
  }

  #judge(asked: Asked, connections: number): void {
    if (asked.clientId === "" && !asked.clean) {
      throw new Refused("identifier", "an empty client id needs a clean session"); // [MQTT-3.1.3-8]
    }
    const fault = asked.will === undefined ? undefined : publishFault(asked.will.topic);
    if (fault !== undefined) throw new Refused("will", `the will's topic is refused: ${fault}`);
    if (connections >= this.#options.limits.connectionsPerDeviceMax) {
      throw new Refused("busy", "too many connections of this device");
    }
  }

  #refuse(who: { username: string | undefined; clientId: string | undefined }, error: unknown): Refused {
    const refused = error instanceof Refused ? error : new Refused("store", "authentication failed", error);
    const { counts, time } = this.#options;
    counts.refused[refused.refusal]++;
    this.#refusals.refused(refused, who, time.now());
    return refused;
  }
}
