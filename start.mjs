#!/usr/bin/env node
// The way in, for any Node from 20 on: installs what is missing, then hands over to start/main.ts on Node 26.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NODE_MIN = 26;
const project = fileURLToPath(new URL(".", import.meta.url));
const inProject = (/** @type {string} */ path) => project + path;
const stampFile = inProject("node_modules/.koprogo-installed");

installIfNeeded();
handOver(process.argv.slice(2));

/** `npm install` when there are no dependencies, or those of another lock file. */
function installIfNeeded() {
  const lock = createHash("sha256")
    .update(readFileSync(inProject("package-lock.json")))
    .digest("hex");
  if (isInstalled(lock)) return;
  say("Installing the dependencies (npm install)");
  const startedMs = performance.now();
  // Not `npm ci`: it refuses a lock file made where the registry lacks other systems' platform packages.
  const npm = process.env["npm_execpath"];
  const [command, ...args] = npm?.endsWith("js") ? [process.execPath, npm] : ["npm"];
  const result = spawnSync(
    command ?? "npm",
    [...args, "install", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: project,
      stdio: "inherit",
      shell: process.platform === "win32",
    },
  );
  if (result.status !== 0) {
    fail("The dependencies could not be installed: npm install failed, see above.");
  }
  writeFileSync(stampFile, lock);
  say(`Installed the dependencies in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
}

/** By our own stamp, or by npm's record being newer than the lock file (someone ran npm by hand). */
function isInstalled(/** @type {string} */ lock) {
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === lock) return true;
  const record = inProject("node_modules/.package-lock.json");
  return existsSync(record) && statSync(record).mtimeMs >= statSync(inProject("package-lock.json")).mtimeMs;
}

/** Node 26: this one, or the one that came with the dependencies. */
function node26() {
  const bundled = [
    "node_modules/node/bin/node",
    `node_modules/node-${process.platform}-${process.arch}/bin/node`,
    `node_modules/node/node_modules/node-${process.platform}-${process.arch}/bin/node`,
  ].map(inProject);
  const found = bundled.find((path) => existsSync(path));
  if (found !== undefined) return found;
  if (Number(process.versions.node.split(".")[0]) >= NODE_MIN) return process.execPath;
  return fail(
    `Node ${NODE_MIN} is needed and the npm package "node" brought none for ${process.platform}-${process.arch}: ` +
      `install Node ${NODE_MIN} and run this again.`,
  );
}

/** Runs start/main.ts and ends as it ends. What we are told is passed on; Ctrl-C may so reach it twice, it knows. */
function handOver(/** @type {string[]} */ args) {
  const child = spawn(node26(), [inProject("start/main.ts"), ...args], {
    cwd: project,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  if (process.env["npm_lifecycle_event"] !== undefined) whenOrphaned(() => child.kill("SIGTERM"));
  child.on("error", (error) => {
    fail(`Node ${NODE_MIN} could not be started: ${error.message}`);
  });
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
    if (child.connected) child.disconnect();
  });
}

/** npm gives a signal to the shell that it runs us in, and the shell ends without a word to us. */
function whenOrphaned(/** @type {() => void} */ then) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, 500);
  timer.unref();
}

function say(/** @type {string} */ line) {
  process.stdout.write(`${line}\n`);
}

/** @returns {never} */
function fail(/** @type {string} */ line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
