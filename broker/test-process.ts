// One of our processes as a test's child, started again as often as it is killed.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

type Ready = { readonly mqtt?: string; readonly http?: string };

export class OwnProcess {
  readonly #entry: string;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #killed = false;
  /** The same after every start. */
  mqttPort = 0;
  /** Where it serves HTTP, if it does. */
  http = "";
  readonly #death = Promise.withResolvers<never>();
  /** Rejects when it ends by itself. */
  readonly died = this.#death.promise;

  constructor(entry: string, env: NodeJS.ProcessEnv) {
    // It is awaited at the end; until then its rejection is not one that nobody handles.
    this.died.catch(() => undefined);
    this.#entry = fileURLToPath(new URL(`../${entry}`, import.meta.url));
    this.#env = env;
  }

  async start(): Promise<void> {
    const child = fork(this.#entry, {
      env: { ...this.#env, MQTT_PORT: String(this.mqttPort) },
      stdio: "inherit",
    });
    this.#child = child;
    this.#killed = false;
    child.once("exit", (code, signal) => {
      if (!this.#killed) this.#death.reject(new Error(`${this.#entry} ended by itself: ${signal ?? code}`));
    });
    const [ready] = await Promise.race([once(child, "message"), this.died]);
    const { mqtt, http } = ready as Ready;
    if (mqtt !== undefined) this.mqttPort = Number(new URL(mqtt).port);
    this.http = http ?? "";
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    this.#killed = true;
    child.kill(signal);
    await gone;
  }
}
