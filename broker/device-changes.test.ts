// The watcher misses nothing that is said while it reads, and goes on where it was after an outage.
import { expect, test } from "vitest";
import type { DeviceChange } from "#store";
import { DeviceChanges } from "./device-changes.ts";

function setUp(answers: (DeviceChange[] | Error)[]) {
  const heard: string[] = [];
  const cursors: string[] = [];
  const note = (kind: string) => (deviceId: number) => void heard.push(`${kind} ${deviceId}`);
  const warnings: string[] = [];
  const held: (() => void)[] = [];
  let hold = false;
  const changes = new DeviceChanges({
    begin: async () => "0",
    read: async (cursor) => {
      cursors.push(cursor);
      const answer = answers.shift() ?? [];
      if (hold) await new Promise<void>((resolve) => held.push(resolve));
      if (answer instanceof Error) throw answer;
      return { changes: answer, cursor: String(Number(cursor) + 1) };
    },
    handlers: { access: note("access"), command: note("command"), claim: note("claim") },
    everyMs: 3_600_000,
    log: { warn: (_: unknown, text?: string) => void warnings.push(text ?? ""), info: () => undefined },
  });
  return { changes, heard, cursors, warnings, held, holding: (value: boolean) => void (hold = value) };
}

test("each kind goes to its handler, and a device whose rows are many is told once", async () => {
  const { changes, heard } = setUp([
    [
      { kind: "access", deviceId: 1 },
      { kind: "access", deviceId: 1 },
      { kind: "command", deviceId: 1 },
      { kind: "claim", deviceId: 2 },
    ],
  ]);
  await changes.start();
  await changes.look();
  expect(heard).toEqual(["access 1", "command 1", "claim 2"]);
  await changes.close();
});

test("a word that comes while it reads makes it read once more", async () => {
  const { changes, heard, held, holding } = setUp([[], [{ kind: "access", deviceId: 3 }]]);
  await changes.start();
  holding(true);
  const first = changes.look();
  void changes.look();
  void changes.look();
  holding(false);
  held.shift()?.();
  await first;
  expect(heard).toEqual(["access 3"]);
  await changes.close();
});

test("an outage is said once, and reading goes on from where it was", async () => {
  const { changes, heard, cursors, warnings } = setUp([
    new Error("refused"),
    new Error("refused"),
    [{ kind: "access", deviceId: 4 }],
  ]);
  await changes.start();
  for (let i = 0; i < 4; i++) await changes.look();
  expect(cursors).toEqual(["0", "0", "0", "1"]);
  expect(warnings).toHaveLength(1);
  expect(heard).toEqual(["access 4"]);
  await changes.close();
});
