// Who may connect: user name = device id, password = its secret. Every refusal is a CONNACK with the code that fits.
import type { Client, ConnectPacket } from "aedes";
import type { Logger } from "pino";
import type { TimeSource } from "#devices/time";
import type { Will } from "./aedes-internals.ts";
import type { Counts, Refusal } from "./counts.ts";
import { deviceIdOf, hashSecret, type Credentials } from "./credentials.ts";
import type { BrokerLimits } from "./limits.ts";
import { publishFault } from "./mount.ts";
import { Session, type Sessions } from "./session.ts";

/** Silent sessions verified at one look: a broker that restarted has thousands due at once. */
const REVERIFY_AT_ONCE_MAX = 100;

/** Table 3.1 of MQTT 3.1.1, the refusals that are ours to give. */
const ReturnCode = {
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const;
type ReturnCode = (typeof ReturnCode)[keyof typeof ReturnCode];

const CODES: Record<Refusal, ReturnCode> = {
  anonymous: ReturnCode.notAuthorized,
  malformed: ReturnCode.badUserNameOrPassword,
  credential: ReturnCode.badUserNameOrPassword,
  will: ReturnCode.notAuthorized,
  identifier: ReturnCode.identifierRejected,
  busy: ReturnCode.serverUnavailable,
  store: ReturnCode.serverUnavailable,
};

class Refused extends Error {
  readonly refusal: Refusal;
  readonly returnCode: ReturnCode;
  constructor(refusal: Refusal, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.refusal = refusal;
    this.returnCode = CODES[refusal];
  }
}

type Options = {
  readonly credentials: Credentials;
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

export class Authenticator {
  readonly #options: Options;
  readonly #asked = new WeakMap<Client, Asked>();

  constructor(options: Options) {
    this.#options = options;
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

  /** One that ended closes the connection. While the store is away nothing is decided. */
  async #reverify(session: Session): Promise<void> {
    const { credentials, counts, log, time } = this.#options;
    session.verifying = true;
    try {
      const device = await credentials.verify(session.device.id, session.secretHash);
      session.verifiedAtMs = time.now();
      if (device !== undefined) {
        session.device = device;
        return;
      }
      counts.revoked++;
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
    const { credentials, sessions, limits, time, isBusy } = this.#options;
    if (isBusy()) throw new Refused("busy", "too much is unacknowledged");
    if (sessions.size >= limits.connectionCountMax) throw new Refused("busy", "too many connections");
    if (username === undefined) throw new Refused("anonymous", "no user name");
    const deviceId = deviceIdOf(username);
    if (deviceId === undefined || password === undefined) {
      throw new Refused("malformed", "the user name is not a device id, or the password is missing");
    }
    const asked = this.#asked.get(client);
    this.#asked.delete(client);
    if (asked === undefined) throw new Refused("malformed", "no CONNECT");
    const secretHash = hashSecret(password);
    const device = await credentials.verify(deviceId, secretHash).catch((cause: unknown) => {
      throw new Refused("store", "the store does not answer", cause);
    });
    if (device === undefined) throw new Refused("credential", "unknown device or wrong secret");
    this.#judge(asked, sessions.ofDevice(deviceId).size);
    // Devices that chose the same client id stay apart, and a missing one is made up [MQTT-3.1.3-6].
    client.id = asked.clientId === "" ? `${deviceId}/${client.id}` : `${deviceId}/${asked.clientId}`;
    sessions.introduce(new Session(client, device, asked.clientId, secretHash, time.now()));
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
    const level = refused.refusal === "store" ? "warn" : "info";
    log[level](
      { username, reason: refused.refusal, detail: refused.message, err: refused.cause, clientId: client.id },
      "connection refused",
    );
    return refused;
  }
}
