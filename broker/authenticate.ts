// Who may connect, and for how long: user name = device id with its secret, or a certificate with the id as its name.
// Every refusal is a CONNACK with the code that fits.
import type { Client, ConnectPacket } from "aedes";
import type { Logger } from "pino";
import type { TimeSource } from "#devices/time";
import type { DeviceContext } from "#store";
import type { Will } from "./aedes-internals.ts";
import type { Counts, Refusal } from "./counts.ts";
import type { Credentials } from "./credentials.ts";
import { identify, type Identity } from "./identify.ts";
import type { BrokerLimits } from "./limits.ts";
import type { Peer } from "./listeners.ts";
import type { LockOut } from "./lock-out.ts";
import { publishFault } from "./mount.ts";
import type { Rates } from "./rates.ts";
import { Refused } from "./refusal.ts";
import { Session, type Sessions } from "./session.ts";

/** Silent sessions verified at one look: a broker that restarted has thousands due at once. */
const REVERIFY_AT_ONCE_MAX = 100;

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

/** Those that come in floods are counted; what they follow from was said once. */
const LEVELS: Partial<Record<Refusal, "debug" | "warn">> = { store: "warn", locked: "debug", rate: "debug" };

export class Authenticator {
  readonly #options: Options;
  readonly #asked = new WeakMap<Client, Asked>();
  readonly #peers = new WeakMap<Client, Peer>();

  constructor(options: Options) {
    this.#options = options;
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

  /** Verifies those that are silent, a bounded number a call: who only listens must not outlive its credential. */
  reverifyIdle(nowMs: number): void {
    const { sessions, limits } = this.#options;
    let left = REVERIFY_AT_ONCE_MAX;
    for (const session of sessions) {
      if (left === 0) return;
      if (!session.verifying && nowMs - session.verifiedAtMs > limits.reverifyAfterMs) left--;
      this.reverifyWhenDue(session, nowMs);
    }
  }

  /** Called for every message: verifies the credential of a session again that has been open for a while. */
  reverifyWhenDue(session: Session, nowMs: number): void {
    if (session.verifying || nowMs - session.verifiedAtMs <= this.#options.limits.reverifyAfterMs) return;
    void this.#reverify(session);
  }

  /** Its CONNACK is on the way. What changed between its verification and now is looked at again. */
  opened(session: Session): void {
    if (session.shown.epoch !== this.#options.credentials.epoch) void this.#reverify(session);
  }

  /** Who may connect as this device changed: what is remembered of it is dropped, its sessions are verified now. */
  accessChanged(deviceId: number): void {
    const { credentials, sessions } = this.#options;
    credentials.forget(deviceId);
    for (const session of sessions.ofDevice(deviceId)) if (!session.verifying) void this.#reverify(session);
  }

  /** One that ended closes the connection. While the store is away nothing is decided. */
  async #reverify(session: Session): Promise<void> {
    const { credentials, counts, log, time } = this.#options;
    session.verifying = true;
    try {
      const { proof, endsAtMs } = session.shown;
      const device = time.now() >= endsAtMs ? undefined : await credentials.verify(session.device.id, proof);
      session.verifiedAtMs = time.now();
      if (device !== undefined) {
        session.device = device;
        return;
      }
      counts.revoked++;
      session.ended = true;
      log.info({ deviceId: session.device.id }, "credential ended, connection closed");
      session.client.close();
    } catch (error) {
      session.verifiedAtMs = time.now();
      log.debug({ err: error, deviceId: session.device.id }, "credential not verified again yet");
    } finally {
      session.verifying = false;
    }
  }

  /** The refusal, or null. Never rejects. */
  async #decide(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<Refused | null> {
    try {
      await this.#admit(client, username, password);
      return null;
    } catch (error) {
      return this.#refuse(client, username, error);
    }
  }

  async #admit(client: Client, username: string | undefined, password: Buffer | undefined): Promise<void> {
    const { credentials, sessions, rates, limits, time, isBusy } = this.#options;
    if (isBusy()) throw new Refused("busy", "too much is unacknowledged");
    if (sessions.size >= limits.connectionCountMax) throw new Refused("busy", "too many connections");
    const peer = this.#peers.get(client);
    const asked = this.#asked.get(client);
    this.#asked.delete(client);
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

  /** The device, if what it shows is its own. Guesses are counted and delayed; a certificate cannot be guessed. */
  async #verified({ deviceId, proof }: Identity, address: string): Promise<DeviceContext> {
    const { credentials, lockOut, time } = this.#options;
    const guessable = proof.kind === "secret";
    // The right secret that is remembered needs no query, so no attack on others holds it up.
    if (guessable && !credentials.knows(deviceId, proof)) {
      const judgement = lockOut.judge(address, deviceId, time.now());
      if (judgement === "locked") throw new Refused("locked", "too many wrong secrets");
      if (judgement === "wait") throw new Refused("rate", "this device is under attack, and new here");
    }
    const device = await credentials.verify(deviceId, proof).catch((cause: unknown) => {
      throw new Refused("store", "the store does not answer", cause);
    });
    if (device === undefined) {
      if (!guessable) throw new Refused("certificate", "unknown device, or a certificate that was revoked");
      this.#countFailure(address, deviceId);
      throw new Refused("credential", "unknown device or wrong secret");
    }
    if (guessable) lockOut.succeeded(address, deviceId);
    return device;
  }

  #countFailure(address: string, deviceId: number): void {
    const { lockOut, time, log } = this.#options;
    const delayMs = lockOut.failed(address, deviceId, time.now());
    if (delayMs > 0) log.warn({ address, deviceId, delayMs }, "wrong secrets, locked out for a while");
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

  #refuse(client: Client, username: string | undefined, error: unknown): Refused {
    const refused = error instanceof Refused ? error : new Refused("store", "authentication failed", error);
    const { counts, log } = this.#options;
    counts.refused[refused.refusal]++;
    log[LEVELS[refused.refusal] ?? "info"](
      { username, reason: refused.refusal, detail: refused.message, err: refused.cause, clientId: client.id },
      "connection refused",
    );
    return refused;
  }
}
