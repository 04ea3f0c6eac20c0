// ingest.idle_connection: the memory of a connection that says nothing, 10,000 of them, beside Mosquitto's.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchDevice } from "./bench-devices.ts";
import { benchLine, progress, type BenchLine } from "./bench-line.ts";
import type { Target } from "./publish-load.ts";
import { connectAll } from "./reconnect-storm.ts";

const AT_ONCE = 200;
/** The memory that connecting took, and the collector has not given back yet. */
const SETTLE_MS = 10_000;

export async function benchIdleMemory(
  ours: Target,
  mosquitto: Target,
  devices: readonly BenchDevice[],
): Promise<BenchLine> {
  progress(`${devices.length} idle connections: Mosquitto, then ours`);
  const reference = await bytesPerConnection(mosquitto, devices);
  const measured = await bytesPerConnection(ours, devices);
  return benchLine({
    name: "ingest.idle_connection",
    value: measured / 1024,
    unit: "KiB",
    reference: "mosquitto",
    referenceValue: reference / 1024,
    context: { connections: devices.length, measured: "resident memory of the process, after minus before" },
  });
}

async function bytesPerConnection(target: Target, devices: readonly BenchDevice[]): Promise<number> {
  const before = residentBytes(target.pid);
  const connected = await connectAll({ host: "127.0.0.1", port: target.port, devices, atOnce: AT_ONCE });
  try {
    const accepted = connected.result.answers["0"] ?? 0;
    if (accepted < devices.length) throw new Error(`only ${accepted} of ${devices.length} were accepted`);
    await sleep(SETTLE_MS);
    return (residentBytes(target.pid) - before) / devices.length;
  } finally {
    connected.end();
  }
}

/** From /proc: what of the process is in memory. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  return Number(kib) * 1024;
}
