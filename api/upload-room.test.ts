// The room for uploads: so many of an account, so many bytes of all, and four at once in their turn.
import { expect, test } from "vitest";
import { createUploadRoom } from "./upload-room.ts";

const MB = 1024 * 1024;

test("a third file of the same account waits outside, whoever else comes in", () => {
  const room = createUploadRoom();
  const first = room.enter(1);
  room.enter(1);
  expect(() => room.enter(1)).toThrow("2 of your files are on their way");
  room.enter(2);
  first.leave();
  room.enter(1);
});

test("the bytes of all uploads together are bounded, and given back", () => {
  const room = createUploadRoom();
  const places = [1, 2, 3, 4].map((account) => room.enter(account));
  for (const place of places) place.take(64 * MB);
  expect(() => room.enter(5).take(1)).toThrow("Too many files");
  places[0]?.leave();
  room.enter(6).take(64 * MB);
  expect(() => room.enter(7).take(1)).toThrow("Too many files");
});

test("four are worked on at once, the others in the order of their coming, also after one that failed", async () => {
  const room = createUploadRoom();
  const begun: number[] = [];
  const ends: ((fails: boolean) => void)[] = [];
  const all = Array.from({ length: 7 }, (_, index) =>
    room.inTurn(async () => {
      begun.push(index);
      if (await new Promise<boolean>((resolve) => ends.push(resolve))) throw new Error(`${index}`);
      return index;
    }),
  );
  const settled = Promise.allSettled(all);
  for (const count of [4, 5, 6, 7]) {
    await expect.poll(() => begun.length).toBe(count);
    ends[count - 4]?.(count === 5);
  }
  for (const end of ends.slice(4)) end(false);
  expect((await settled).map(({ status }) => status)).toEqual(
    [0, 1, 2, 3, 4, 5, 6].map((index) => (index === 1 ? "rejected" : "fulfilled")),
  );
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
});
