// The mount: nothing reaches out of it, nothing in it is changed.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mounted, mountOf, publishFault, subscribeFault, unmounted } from "./mount.ts";

const deviceId = fc.integer({ min: 1, max: 2_147_483_647 });
/** Made of the parts that topics are attacked with. */
const topic = fc
  .array(fc.constantFrom("d", "17", "18", "+", "#", "..", "$SYS", "", "tele", "\0", "é"), { maxLength: 6 })
  .map((levels) => levels.join("/"));

test("a topic comes out of the mount as it went in", () => {
  fc.assert(
    fc.property(deviceId, topic, (id, text) => {
      expect(unmounted(mountOf(id), mounted(mountOf(id), text))).toBe(text);
    }),
  );
});

test("no topic of one device lies in another device's mount", () => {
  fc.assert(
    fc.property(deviceId, deviceId, topic, (one, other, text) => {
      fc.pre(one !== other);
      expect(unmounted(mountOf(other), mounted(mountOf(one), text))).toBeUndefined();
    }),
  );
});

test("publishing is refused for wildcards, NUL, $SYS, an empty topic and one that is too deep", () => {
  expect(publishFault("")).toBe("topic_empty");
  expect(publishFault("$SYS/broker")).toBe("topic_reserved");
  expect(publishFault("a/+/b")).toBe("topic_wildcard");
  expect(publishFault("a/#")).toBe("topic_wildcard");
  expect(publishFault("a\0b")).toBe("topic_nul");
  expect(publishFault("a/".repeat(98))).toBe("topic_too_deep");
  expect(publishFault("a/".repeat(97))).toBeUndefined();
  expect(publishFault("homie/5/meter/$state")).toBeUndefined();
});

test("subscribing is refused for shared and reserved filters, and allowed for wildcards", () => {
  expect(subscribeFault("$SYS/#")).toBe("topic_reserved");
  expect(subscribeFault("$share/group/x")).toBe("topic_reserved");
  expect(subscribeFault("#")).toBeUndefined();
  expect(subscribeFault("cmnd/+/POWER")).toBeUndefined();
});
