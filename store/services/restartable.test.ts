// The watch over a service, with a hand-written one: restarted when it dies, left alone when it is stopped.
import { expect, test } from "vitest";
import { keepRunning, type Startable } from "./restartable.ts";

/** A service that dies on demand, and refuses the first `refusals` starts. */
function fakeService(refusals = 0): Startable & { die: (how: string) => void; starts: () => number } {
  let death = Promise.withResolvers<string>();
  let starts = 0;
  return {
    name: "Fake",
    exited: () => death.promise,
    running: () => true,
    start: () => {
      starts += 1;
      if (starts <= refusals) return Promise.reject(new Error("not yet"));
      death = Promise.withResolvers<string>();
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    ping: () => Promise.resolve(),
    die: (how) => death.resolve(how),
    starts: () => starts,
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("a service that dies is named, said how, and started again", async () => {
  const service = fakeService();
  const told: string[] = [];
  const watch = new AbortController();
  const watching = keepRunning(service, (line) => told.push(line), watch.signal);
  service.die("by SIGKILL");
  await until(() => told.length === 2);
  expect(told).toEqual(["Fake ended by SIGKILL; restarting it", "Fake runs again"]);
  watch.abort();
  await watching;
});

test("a start that fails is tried again, and each failure is told", async () => {
  const service = fakeService(1);
  const told: string[] = [];
  const watch = new AbortController();
  const watching = keepRunning(service, (line) => told.push(line), watch.signal);
  service.die("with exit code 1");
  await until(() => told.length === 3);
  expect(told.slice(1)).toEqual(["Fake does not start: not yet", "Fake runs again"]);
  watch.abort();
  await watching;
});

test("once the watch ends nothing is started any more", async () => {
  const service = fakeService();
  const watch = new AbortController();
  const watching = keepRunning(service, () => undefined, watch.signal);
  watch.abort();
  await watching;
  service.die("by SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(service.starts()).toBe(0);
});
