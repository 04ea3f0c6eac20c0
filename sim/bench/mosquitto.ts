// Mosquitto from Debian's package, private and in memory only: the reference that acknowledges and stores nothing.
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheFolder, freePort, installPackages, programPath, startProcess } from "#services";
import { progress } from "./bench-line.ts";

export type Mosquitto = { readonly port: number; readonly pid: number; readonly stop: () => Promise<void> };

const START_WITHIN_MS = 5000;

/** Starts it on loopback with its files in `folder`. */
export async function startMosquitto(folder: string): Promise<Mosquitto> {
  const packages = await installPackages(["mosquitto"], { cacheFolder: cacheFolder(), report: progress });
  const port = await freePort();
  const config = join(folder, "mosquitto.conf");
  const settings = [`listener ${port} 127.0.0.1`, "allow_anonymous true", "persistence false", "user root"];
  writeFileSync(config, `${settings.join("\n")}\n`);
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
