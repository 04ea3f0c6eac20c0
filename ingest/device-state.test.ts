// What is remembered of a device stays small, whatever its decoder makes anew for each message.
import { expect, test } from "vitest";
import { DeviceState } from "./device-state.ts";
import { registerSpec, storedRegister } from "./test-decoder.ts";

test("a spec is known by the object that a decoder interned; of specs made anew for each message few stay", () => {
  const device = new DeviceState(7, 0);
  const register = storedRegister();
  device.learnRegisters([register]);
  const first = registerSpec();
  device.remember(first, register);
  expect(device.known(first)).toBe(register);
  for (let message = 0; message < 100; message++) device.remember(registerSpec(), register);
  expect(device.known(first)).toBeUndefined();
  expect(device.named(first)).toBe(register);
});

test("a device with hundreds of registers has all of them remembered", () => {
  const device = new DeviceState(7, 0);
  const specs = Array.from({ length: 600 }, (_, nth) => registerSpec({ name: `register ${nth}` }));
  device.learnRegisters(specs.map(({ name }, nth) => storedRegister({ id: nth + 1, name })));
  for (const spec of specs) device.remember(spec, device.named(spec) ?? storedRegister());
  expect(specs.every((spec) => device.known(spec) === device.named(spec))).toBe(true);
});
