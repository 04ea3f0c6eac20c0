// A real Mosquitto with the settings that we recommend, consumers of it, and devices that publish to it.
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { freePort, startMosquitto, throwAwayFolder, type Mosquitto } from "#services";

export const CONSUMER = { name: "ingest", password: "of the: consumers/" };

export type ExternalBroker = {
  /** For consumers, with their credentials. */
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** Starts it again on the same port, with what it has saved, or with nothing. */
  readonly start: (options?: { empty: boolean }) => Promise<void>;
  /** A client of this device, which must be among those of `openExternalBroker`. */
  readonly device: (name: string, over?: { protocolVersion?: 4 | 5 }) => Promise<MqttClient>;
  readonly close: () => Promise<void>;
};

const ITERATIONS = 101;
const EXAMPLES = new URL("../../start/mosquitto/", import.meta.url);

/** `start/mosquitto/` as it stands, but for its paths and its port; every user's password is its name. */
export async function openExternalBroker(devices: readonly (string | number)[]): Promise<ExternalBroker> {
  const { folder, discard } = await throwAwayFolder();
  const port = await freePort();
  const users = [
    passwordLine(CONSUMER.name, CONSUMER.password),
    ...devices.map((device) => passwordLine(String(device), String(device))),
  ];
  writeFileSync(join(folder, "passwords"), `${users.join("\n")}\n`, { mode: 0o600 });
  writeFileSync(join(folder, "acl"), readFileSync(new URL("acl", EXAMPLES)), { mode: 0o600 });
  const settings = readFileSync(new URL("mosquitto.conf", EXAMPLES), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("listener"))
    .map((line) => line.replace(/\/mosquitto\/(?:data|config)/, folder));
  const memory = ["persistence false", ...settings.filter((line) => !/^(?:persistence|autosave)/.test(line))];
  const start = (empty: boolean): Promise<Mosquitto> =>
    startMosquitto({ folder, port, report: () => undefined, settings: empty ? memory : settings });
  let mosquitto = await start(false);
  return {
    url: `mqtt://${CONSUMER.name}:${encodeURIComponent(CONSUMER.password)}@127.0.0.1:${port}`,
    stop: () => mosquitto.stop(),
    start: async (options) => {
      mosquitto = await start(options?.empty ?? false);
    },
    device: (name, over) =>
      connectAsync(`mqtt://127.0.0.1:${port}`, {
        protocolVersion: over?.protocolVersion ?? 5,
        clientId: `device-${name}-${randomBytes(4).toString("hex")}`,
        username: name,
        password: name,
        reconnectPeriod: 100,
      }),
    close: async () => {
      await mosquitto.stop();
      await discard();
    },
  };
}

/** As `mosquitto_passwd` writes it: PBKDF2 with SHA-512. */
export function passwordLine(name: string, password: string): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, ITERATIONS, 64, "sha512");
  return `${name}:$7$${ITERATIONS}$${salt.toString("base64")}$${hash.toString("base64")}`;
}
