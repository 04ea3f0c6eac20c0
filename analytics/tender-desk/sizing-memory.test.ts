// What is remembered is never older than the question, and computed once.
import { expect, test } from "vitest";
import { SizingMemory } from "./sizing-memory.ts";

/** A value that changes under the memory, and a computation that ends when the test says so. */
function world(countMax = 2) {
  const memory = new SizingMemory<string>(countMax);
  const state = { version: 1, keys: 0, made: 0, running: 0, mostRunning: 0 };
  const gates: (() => void)[] = [];
  const ask = (tenderId: number) =>
    memory.of(tenderId, () => {
      state.keys++;
      const key = `v${state.version}`;
      return Promise.resolve({ key, make: () => made(`${tenderId} ${key}`) });
    });
  const made = async (value: string) => {
    state.made++;
    state.mostRunning = Math.max(state.mostRunning, ++state.running);
    await new Promise<void>((resolve) => gates.push(resolve));
    state.running--;
    return value;
  };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  /** Lets everything end that is being computed, and what begins because of it. */
  const finish = async () => {
    for (let turn = 0; turn < 20; turn++) {
      await settle();
      gates.shift()?.();
    }
  };
  return { ask, finish, settle, state };
}

test("many who ask at once cost one computation, and the answer is kept while the key is the same", async () => {
  const { ask, finish, state } = world();
  const asked = Promise.all(Array.from({ length: 20 }, () => ask(1)));
  await finish();
  expect(new Set(await asked)).toEqual(new Set(["1 v1"]));
  expect(await ask(1)).toBe("1 v1");
  expect(state).toMatchObject({ made: 1, keys: 3 });
});

test("who asks after a change is not answered with what was begun before it", async () => {
  const { ask, finish, settle, state } = world();
  const before = ask(1);
  await settle();
  state.version = 2;
  const after = [ask(1), ask(1)];
  await finish();
  expect(await before).toBe("1 v1");
  expect(await Promise.all(after)).toEqual(["1 v2", "1 v2"]);
  expect(state).toMatchObject({ made: 2, mostRunning: 1 });
});

test("groups are computed one after another, and the longest unused is forgotten", async () => {
  const { ask, finish, state } = world(2);
  const asked = Promise.all([ask(1), ask(2), ask(3)]);
  await finish();
  expect(await asked).toEqual(["1 v1", "2 v1", "3 v1"]);
  expect(state.mostRunning).toBe(1);
  await ask(3);
  await ask(2);
  expect(state.made).toBe(3);
  const again = ask(1);
  await finish();
  expect(await again).toBe("1 v1");
  expect(state.made).toBe(4);
});

test("a failure is told to who waits for it, and the next one tries again", async () => {
  const memory = new SizingMemory<number>(2);
  const failing = () => Promise.resolve({ key: "a", make: () => Promise.reject(new Error("away")) });
  const results = await Promise.allSettled([memory.of(1, failing), memory.of(1, failing)]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await expect(memory.of(1, () => Promise.reject(new Error("no key")))).rejects.toThrow("no key");
  expect(await memory.of(1, () => Promise.resolve({ key: "a", make: () => Promise.resolve(7) }))).toBe(7);
});
