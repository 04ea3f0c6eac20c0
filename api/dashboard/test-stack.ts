// The product for the browser test: broker, workers and API as real processes, a building to look at, and a meter that speaks.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import mqtt from "mqtt";
import { encodeTelegram } from "#devices/profiles/dsmr-p1/encode";

export type TestProcess = { readonly address: string; readonly stop: () => Promise<void> };

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 8000;

/** Starts an entry and waits until it says that it serves; `address` is the one that it names, if any. */
export async function startEntry(entry: string, env: Readonly<Record<string, string>>): Promise<TestProcess> {
  const child = spawn(process.execPath, [entry], {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => void said.push(text));
  }
  const address = await readyAddress(child).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw new Error(`${entry} did not start:\n${said.join("").slice(-4000)}`, { cause: error });
  });
  return { address, stop: () => stop(child) };
}

async function readyAddress(child: ChildProcess): Promise<string> {
  const signal = AbortSignal.timeout(READY_WITHIN_MS);
  const ended = once(child, "exit", { signal }).then(() => {
    throw new Error("it ended before it was ready");
  });
  const ready = once(child, "message", { signal });
  const [message] = (await Promise.race([ready, ended])) as [{ mqtt?: string; http?: string }];
  return message.mqtt ?? message.http ?? "";
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  const patience = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  child.kill("SIGTERM");
  await gone;
  clearTimeout(patience);
}

export type ApiClient = {
  readonly post: <Answer>(path: string, body: unknown) => Promise<Answer>;
  readonly patch: <Answer>(path: string, body: unknown) => Promise<Answer>;
  readonly put: <Answer>(path: string, body: unknown) => Promise<Answer>;
  readonly upload: <Answer>(path: string, form: FormData) => Promise<Answer>;
  readonly get: <Answer>(path: string) => Promise<Answer>;
};

/** The API as a script uses it: with a bearer token. */
export async function signedIn(apiUrl: string, email: string, password: string): Promise<ApiClient> {
  const ask = async <Answer>(
    method: string,
    path: string,
    token: string | undefined,
    body?: unknown,
  ): Promise<Answer> => {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        // A form says itself where its parts end.
        ...(body === undefined || body instanceof FormData ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  const { token } = await ask<{ token: string }>("POST", "/v1/session", undefined, { email, password });
  return {
    post: (path, body) => ask("POST", path, token, body),
    patch: (path, body) => ask("PATCH", path, token, body),
    put: (path, body) => ask("PUT", path, token, body),
    upload: (path, form) => ask("POST", path, token, form),
    get: (path) => ask("GET", path, token),
  };
}

export type Telegram = {
  readonly atMs: number;
  readonly importWh: number;
  readonly importW: number;
  /** The meter's serial number. */
  readonly meterId?: string;
};

/** A P1 meter on its own connection: every telegram is acknowledged before the next is sent. */
export async function connectMeter(
  mqttUrl: string,
  device: { readonly id: string; readonly secret: string },
) {
  const client = await mqtt.connectAsync(mqttUrl, {
    protocolVersion: 4,
    username: device.id,
    password: device.secret,
  });
  return {
    tell: async ({ atMs, importWh, importW, meterId = "1SAG1105093123" }: Telegram): Promise<void> => {
      const payload = encodeTelegram({
        meterId,
        observedAtMs: atMs,
        importWh: [importWh, 0],
        exportWh: [0, 0],
        tariff: 1,
        importW,
        exportW: 0,
        demandW: importW,
        monthPeak: { atMs, powerW: importW },
      });
      await client.publishAsync("telegram", payload, { qos: 1 });
    },
    close: () => client.endAsync(),
  };
}
