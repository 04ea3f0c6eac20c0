// Mosquitto 2 from Debian's package, as a private copy on loopback: for tests of an external broker, and as a reference.
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installPackages, programPath } from "./debian-packages.ts";
import { freePort } from "./free-port.ts";
import type { Report } from "./private-apt.ts";
import { startProcess } from "./service-process.ts";
import { cacheFolder } from "./services.ts";

export type Mosquitto = {
  readonly port: number;
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

export type MosquittoOptions = {
  /** For its files; must exist. */
  readonly folder: string;
  readonly report: Report;
  /** A port of 127.0.0.1; any free one by default. */
  readonly port?: number;
  /** Lines of mosquitto.conf(5) beside the listener; by default anonymous and in memory only. */
  readonly settings?: readonly string[];
};

const START_WITHIN_MS = 5000;
const IN_MEMORY = ["allow_anonymous true", "persistence false"];

/** Starts it with its files in `folder`; what an earlier one left there is found again where persistence is on. */
export async function startMosquitto(options: MosquittoOptions): Promise<Mosquitto> {
  const { folder, report, settings = IN_MEMORY } = options;
  const packages = await installPackages(["mosquitto"], { cacheFolder: cacheFolder(), report });
  const port = options.port ?? (await freePort());
  const config = join(folder, "mosquitto.conf");
  writeFileSync(config, `${[`listener ${port} 127.0.0.1`, "user root", ...settings].join("\n")}\n`);
  const service = startProcess({
    program: programPath(packages, "mosquitto"),
    args: ["-c", config],
    user: undefined,
    logFile: join(folder, "mosquitto.log"),
    home: folder,
    orphanSignal: "KILL",
  });
  const stop = (): Promise<void> => service.stop(["SIGTERM"], START_WITHIN_MS);
  const startedMs = performance.now();
  while (!(await answers(port))) {
    if (!service.running()) throw new Error(`Mosquitto ended ${await service.exited}`);
    if (performance.now() - startedMs > START_WITHIN_MS) {
      await stop();
      throw new Error("Mosquitto does not listen");
    }
    await sleep(20);
  }
  return { port, pid: service.pid, stop };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
