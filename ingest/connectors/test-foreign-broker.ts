// A real Mosquitto that plays somebody else's broker: passwords that change, kill -9, a session that outlives it.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type MqttClient } from "mqtt";
import { freePort, startMosquitto, throwAwayFolder, type Mosquitto } from "#services";
import { until } from "#testing";
import { passwordLine } from "../upstream/test-external-broker.ts";

export type ForeignBroker = {
  readonly url: string;
  readonly port: number;
  /** Publishes as somebody's device; resolves when the broker has acknowledged it. */
  readonly publish: (
    topic: string,
    payload: string | Buffer,
    options?: { qos?: 0 | 1; retain?: boolean },
  ) => Promise<void>;
  /** Another password for this user from now on, for connections that are opened from now on. */
  readonly setPassword: (user: string, password: string) => void;
  /** What it has kept for the session of this name, and is delivered within a moment. */
  readonly keptFor: (session: Session) => Promise<string[]>;
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type Session = { readonly user: string; readonly password: string; readonly clientId: string };

const PUBLISHER = "publisher";
const KEPT_WITHIN_MS = 200;

export async function openForeignBroker(
  users: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): Promise<ForeignBroker> {
  const { folder, discard } = await throwAwayFolder();
  const port = await freePort();
  const passwords = new Map(Object.entries({ ...users, [PUBLISHER]: PUBLISHER }));
  const file = join(folder, "passwords");
  const writePasswords = (): void =>
    writeFileSync(file, [...passwords].map(([name, word]) => `${passwordLine(name, word)}\n`).join(""), {
      mode: 0o600,
    });
  writePasswords();
  const settings = [
    "allow_anonymous false",
    `password_file ${file}`,
    // What it has acknowledged is on its disk: a kill -9 then loses nothing that a test could blame us for.
    "persistence true",
    `persistence_location ${folder}/`,
    "autosave_on_changes true",
    "autosave_interval 1",
    "max_queued_messages 0",
    ...more,
  ];
  const open = (): Promise<Mosquitto> => startMosquitto({ folder, port, report: () => undefined, settings });
  let mosquitto = await open();
  let publisher: Promise<MqttClient> | undefined;
  const session = ({ user, password, clientId }: Session): MqttClient =>
    connect(`mqtt://127.0.0.1:${port}`, {
      protocolVersion: 4,
      clean: false,
      clientId,
      username: user,
      password,
      reconnectPeriod: 100,
    });
  const publishing = (): Promise<MqttClient> =>
    (publisher ??= opened(
      session({
        user: PUBLISHER,
        password: PUBLISHER,
        clientId: `publisher${randomBytes(4).toString("hex")}`,
      }),
    ));
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    keptFor: async (of) => {
      const kept: string[] = [];
      // Before it is connected: what was kept comes at once.
      const client = session(of).on("message", (_, payload) => kept.push(payload.toString()));
      await opened(client);
      await sleep(KEPT_WITHIN_MS);
      await client.endAsync();
      return kept;
    },
    publish: async (topic, payload, { qos = 1, retain = false } = {}) => {
      await (await publishing()).publishAsync(topic, payload, { qos, retain });
    },
    setPassword: (user, password) => {
      passwords.set(user, password);
      writePasswords();
      process.kill(mosquitto.pid, "SIGHUP");
    },
    kill: async () => {
      const { pid } = mosquitto;
      process.kill(pid, "SIGKILL");
      await until(() => !isRunning(pid), "Mosquitto is gone");
    },
    stop: () => mosquitto.stop(),
    start: async () => {
      mosquitto = await open();
    },
    close: async () => {
      await (await publisher)?.endAsync(true);
      await mosquitto.stop();
      await discard();
    },
  };
}

async function opened(client: MqttClient): Promise<MqttClient> {
  if (!client.connected) await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  return client;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
