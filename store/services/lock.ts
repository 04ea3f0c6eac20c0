// A lock between processes that cannot go stale: the kernel drops it with the process that held it.
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export type Lock = { readonly release: () => Promise<void> };

/** Who has the lock; `undefined` when it did not say within a second. */
export type Holder = { readonly pid: number | undefined };

const RETRY_MS = 200;
const ASK_TIMEOUT_MS = 1000;

/**
 * Takes the lock on `path` (any text, normally a folder), or says who holds it. The lock is a listening socket
 * named after the path; on Linux it lives in the abstract namespace and leaves no file behind.
 */
export async function tryLock(path: string): Promise<Lock | Holder> {
  const address = socketFor(path);
  const server = await listen(address);
  if (server !== undefined) return lockOf(server);
  const holder = await ask(address);
  if (holder !== "nobody") return holder;
  // A socket file of a killed process (only outside Linux): nobody answers, so it is free to take.
  if (!address.startsWith("\0")) rmSync(address, { force: true });
  const second = await listen(address);
  return second === undefined ? { pid: undefined } : lockOf(second);
}

/** Runs `work` with the lock held, waiting for it as long as it takes; `onWait` hears once that it has to wait. */
export async function withLock<T>(
  path: string,
  onWait: (holder: Holder) => void,
  work: () => Promise<T>,
): Promise<T> {
  let told = false;
  for (;;) {
    const lock = await tryLock(path);
    if ("release" in lock) {
      try {
        return await work();
      } finally {
        await lock.release();
      }
    }
    if (!told) onWait(lock);
    told = true;
    await sleep(RETRY_MS);
  }
}

function socketFor(path: string): string {
  const name = `koprogo-${createHash("sha256").update(path).digest("hex").slice(0, 32)}`;
  return process.platform === "linux" ? `\0${name}` : join(tmpdir(), `${name}.sock`);
}

function lockOf(server: Server): Lock {
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

/** The server, answering every caller with our process id; `undefined` when the address is taken. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.end(String(process.pid));
    });
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    // exclusive: a cluster worker or a test's worker must not share the socket of its parent.
    server.listen({ path, exclusive: true }, () => {
      server.unref();
      resolve(server);
    });
  });
}

function ask(path: string): Promise<Holder | "nobody"> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ path });
    socket.setTimeout(ASK_TIMEOUT_MS, () => {
      socket.destroy();
      resolve({ pid: undefined });
    });
    socket.on("data", (bytes) => {
      answer += bytes.toString();
    });
    socket.on("end", () => resolve({ pid: /^\d+$/.test(answer) ? Number(answer) : undefined }));
    socket.on("error", () => resolve("nobody"));
  });
}
