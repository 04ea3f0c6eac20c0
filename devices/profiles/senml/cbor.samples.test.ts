// The examples of RFC 8428 in CBOR: written with integer labels by cbor-x, they mean what they mean in JSON.
import { encode } from "cbor-x";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { sharedDir } from "#testing";
import { decodeSenml } from "./decode.ts";
import { family } from "./index.ts";
import { KEYS } from "./labels.ts";

const shared = sharedDir();
const CONTEXT = {
  topic: "t",
  receivedAtMs: Date.UTC(2026, 2, 1),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

test.runIf(shared !== undefined).each([
  ["rfc8428-5.1.1-single.json", 1],
  ["rfc8428-5.1.2-multiple.json", 2],
  ["rfc8428-5.1.2-base-time.json", 7],
  ["constructed.energy_sum.json", 3],
])("%s", (file, values) => {
  const json = JSON.parse(readFileSync(resolve(shared ?? "", "samples/senml", file), "utf8")) as unknown;
  const pack = (Array.isArray(json) ? json : (json as { payload: unknown }).payload) as Record<
    string,
    unknown
  >[];
  const cbor = encode(
    pack.map(
      (record) => new Map(Object.entries(record).map(([label, value]) => [KEYS[label] ?? label, value])),
    ),
  );
  const text = Buffer.from(JSON.stringify(pack));
  const decoded = decodeSenml(cbor, CONTEXT);
  expect(decoded.observations).toHaveLength(values);
  expect(decoded).toEqual(decodeSenml(text, CONTEXT));
  expect(family.recognise?.("t", cbor)).toBe(family.recognise?.("t", text));
});
