// A building is held to its best device, whose status is the API's; each status has a word in every language.
import { expect, test } from "vitest";
import { DEVICE_STATUSES } from "../../device-status.ts";
import en from "../messages/en.json" with { type: "json" };
import fr from "../messages/fr.json" with { type: "json" };
import nl from "../messages/nl.json" with { type: "json" };
import { buildingStatus, lastSeenMs, type DeviceStatus } from "./building-status.ts";

const of = (...statuses: DeviceStatus[]) => buildingStatus(statuses.map((status) => ({ status })));

test("a building speaks when one of its devices does, and is unheard for the nearest of its causes", () => {
  expect(of("silent", "online", "offline")).toBe("online");
  expect(of("never-seen", "silent")).toBe("silent");
  expect(of("gateway-offline", "offline", "gateway-offline")).toBe("offline");
  expect(of("gateway-offline", "never-seen")).toBe("gateway-offline");
  expect(of()).toBeUndefined();
});

test("whatever the API may say of a device is a building's status and has a word in each language", () => {
  for (const status of DEVICE_STATUSES) {
    expect(of(status)).toBe(status);
    for (const texts of [fr, nl, en]) expect(texts).toHaveProperty([`status.${status}`]);
  }
});

test("the last instant is that of the device seen last", () => {
  const at = (iso: string | null) => ({ lastSeenAt: iso });
  const [earlier, later] = ["2026-01-06T09:59:00Z", "2026-01-06T09:59:55Z"];
  expect(lastSeenMs([at(earlier), at(later), at(null)])).toBe(Date.parse(later));
  expect(lastSeenMs([])).toBeUndefined();
});
