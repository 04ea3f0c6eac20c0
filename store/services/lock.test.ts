// The lock between processes: one holder, who can be named, and none that survives its process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { tryLock, withLock } from "./lock.ts";

const MODULE = new URL("./lock.ts", import.meta.url).href;

/** A process that holds the lock until it is killed. */
async function otherHolder(path: string): Promise<ReturnType<typeof spawn>> {
  const code = `import { tryLock } from ${JSON.stringify(MODULE)};
    await tryLock(${JSON.stringify(path)}); setInterval(() => {}, 1000); console.log("held");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.stdout === null) throw new Error("no output to wait for");
  await once(child.stdout, "data");
  return child;
}

test("a second taker learns who holds the lock, and gets it after the release", async () => {
  const path = randomUUID();
  const first = await tryLock(path);
  if (!("release" in first)) throw new Error("the lock was taken");
  expect(await tryLock(path)).toEqual({ pid: process.pid });
  await first.release();
  const second = await tryLock(path);
  expect(second).toHaveProperty("release");
  if ("release" in second) await second.release();
});

test("a lock dies with the process that held it, even by kill -9", async () => {
  const path = randomUUID();
  const child = await otherHolder(path);
  expect(await tryLock(path)).toEqual({ pid: child.pid });
  child.kill("SIGKILL");
  await once(child, "exit");
  const lock = await tryLock(path);
  expect(lock).toHaveProperty("release");
  if ("release" in lock) await lock.release();
});

test("whoever waits runs one after another, and is told once that it waits", async () => {
  const path = randomUUID();
  const events: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    events.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    events.push(`${name} ends`);
  };
  let waits = 0;
  const onWait = (): void => void (waits += 1);
  await Promise.all([withLock(path, onWait, work("a")), withLock(path, onWait, work("b"))]);
  expect(waits).toBe(1);
  const [first] = events[0]?.split(" ") ?? [];
  const other = first === "a" ? "b" : "a";
  expect(events).toEqual([`${first} begins`, `${first} ends`, `${other} begins`, `${other} ends`]);
});
