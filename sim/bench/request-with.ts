// Asks the API from a process of its own (`requester.ts`).
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { RequesterResult, RequesterTask } from "./requester.ts";

export async function requestWith(task: RequesterTask): Promise<RequesterResult> {
  const result = await requested(task);
  return { ...result, p50: finite(result.p50), p99: finite(result.p99) };
}

function requested(task: RequesterTask): Promise<RequesterResult> {
  const child = fork(fileURLToPath(new URL("./requester.ts", import.meta.url)));
  return new Promise((resolve, reject) => {
    child.once("message", (result) => resolve(result as RequesterResult));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the requester ended with ${code} before its result`)));
    child.send(task);
  });
}

/** Where nothing was answered in time there is no percentile: JSON between processes knows no NaN. */
function finite(ms: number | null): number {
  return ms === null || Number.isNaN(ms) ? Infinity : ms;
}
