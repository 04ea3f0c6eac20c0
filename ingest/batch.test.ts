// Which days a batch makes stale, and whether by late readings.
import { expect, test } from "vitest";
import { MINUTE_MS, utcDayNumber } from "#devices/time";
import { RowBuffer } from "#store";
import { Batch } from "./batch.ts";
import { DeviceState } from "./device-state.ts";
import { storedRegister } from "./test-decoder.ts";

const NOW = Date.UTC(2026, 0, 15, 12);

function touchesOf(...ages: number[]) {
  const device = new DeviceState(7, NOW);
  const register = storedRegister({});
  device.learnRegisters([register]);
  device.learnLayouts([{ id: 3, deviceId: 7, registerIds: [register.id] }]);
  const layout = device.shapeOf([register])?.layout;
  if (layout === undefined) throw new Error("the layout was not learned");
  const batch = new Batch(new RowBuffer());
  for (const age of ages) batch.touch(layout, NOW - age * MINUTE_MS, NOW);
  return batch.touches;
}

test("a live counter touches its day once a batch, and is not late", () => {
  expect(touchesOf(0, 0, 1)).toMatchObject([{ layoutId: 3, rowDay: utcDayNumber(NOW), late: false }]);
});

test("a reading older than a quarter-hour says so, also after a live one of the same day", () => {
  expect(touchesOf(0, 16, 30).map(({ late }) => late)).toEqual([false, true]);
  expect(touchesOf(15).map(({ late }) => late)).toEqual([false]);
});
