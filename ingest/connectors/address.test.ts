// Where connectors may go: every way of writing an address of ours is found, also behind a name.
import type { lookup } from "node:dns";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AddressForbidden, guardedLookup, mayReach, targetOf } from "./address.ts";

test.each([
  "0.0.0.0",
  "0.1.2.3",
  "169.254.169.254",
  "169.254.1.1",
  "100.100.100.200",
  "168.63.129.16",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "fe80::1",
  "fe80::1%eth0",
  "ff02::1",
  "fd00:ec2::254",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "not an address",
])("%s is never reached", (ip) => {
  expect([mayReach(ip, false), mayReach(ip, true)]).toEqual([false, false]);
});

test.each([
  "127.0.0.1",
  "127.255.0.1",
  "10.0.0.1",
  "172.31.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "::1",
  "fd12:3456::1",
  "::ffff:127.0.0.1",
  "::ffff:10.0.0.1",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
])("%s is reached where that is configured", (ip) => {
  expect([mayReach(ip, false), mayReach(ip, true)]).toEqual([false, true]);
});

test.each(["1.1.1.1", "172.32.0.1", "52.212.223.226", "2606:4700::1111"])("%s is the Internet", (ip) => {
  expect(mayReach(ip, false)).toBe(true);
});

test.each([
  [
    "mqtts://eu1.cloud.thethings.network:8883",
    { scheme: "mqtts", host: "eu1.cloud.thethings.network", port: 8883 },
  ],
  ["mqtt://[2606:4700::1111]", { scheme: "mqtt", host: "2606:4700::1111", port: 1883 }],
  ["wss://broker.example/mqtt?v=1", { scheme: "wss", host: "broker.example", port: 443 }],
  ["http://broker.example", "scheme"],
  ["mqtt+unix:///var/run/x", "scheme"],
  ["file:///etc/passwd", "scheme"],
  ["mqtt://user:word@broker.example", "credentials"],
  ["mqtt://broker.example/path", "extra"],
  ["mqtt://broker.example?clientId=x", "extra"],
  ["wss://broker.example/#x", "extra"],
  ["mqtt://", "not_a_url"],
  ["mqtt://broker.example:0", "not_a_url"],
  ["broker.example", "not_a_url"],
  ["mqtt://127.0.0.1", "forbidden_address"],
  ["mqtt://[::1]", "forbidden_address"],
  ["ws://2130706433/", "forbidden_address"],
  ["ws://0x7f.1/", "forbidden_address"],
  ["mqtt://[::ffff:169.254.169.254]", "forbidden_address"],
])("%s", (url, target) => {
  expect(targetOf(url, false)).toEqual(target);
});

test("an address is read or refused, and nothing throws", () => {
  fc.assert(
    fc.property(fc.webUrl(), fc.string(), (url, text) => {
      for (const one of [url, text, `mqtt://${text}`, url.replace(/^https?/, "mqtts")])
        expect(["string", "object"]).toContain(typeof targetOf(one, false));
    }),
  );
});

const resolvesTo = (...addresses: string[]) =>
  ((_host: string, _options: object, found: (error: null, all: object[]) => void) =>
    found(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    )) as unknown as typeof lookup;

test.each([
  [["1.1.1.1"], "1.1.1.1"],
  [["1.1.1.1", "127.0.0.1"], AddressForbidden],
  [["169.254.169.254"], AddressForbidden],
  [["::ffff:10.0.0.1"], AddressForbidden],
  [[], AddressForbidden],
])("a name that leads to %j", (addresses, expected) => {
  const answers: unknown[] = [];
  guardedLookup(false, resolvesTo(...addresses))("some.example", {}, (error, address) =>
    answers.push(error ?? address),
  );
  if (typeof expected === "string") expect(answers).toEqual([expected]);
  else expect(answers[0]).toBeInstanceOf(expected);
});
