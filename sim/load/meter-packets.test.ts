// What the meters of a fleet say is what our own decoders read.
import fc from "fast-check";
import { parser, type IPublishPacket } from "mqtt-packet";
import { expect, test } from "vitest";
import { decoderFor, recognise } from "#devices/profiles/index";
import { DAY_MS } from "#devices/time";
import {
  createMeterPackets,
  indexWhAt,
  meterName,
  PAYLOAD_KINDS,
  PROFILE_OF_KIND,
  STEP_MS_OF_KIND,
  VALUES_OF_KIND,
  type PayloadKind,
} from "./meter-packets.ts";

const fromMs = Date.UTC(2026, 0, 1);
const instant = fc.integer({ min: 0, max: 400 * DAY_MS }).map((sinceMs) => fromMs + sinceMs);
const meter = fc.integer({ min: 0, max: 9_999_999 });

function publishOf(bytes: Buffer): IPublishPacket {
  const found: IPublishPacket[] = [];
  const reader = parser();
  reader.on("packet", (packet) => packet.cmd === "publish" && found.push(packet));
  reader.parse(bytes);
  const [packet] = found;
  if (packet === undefined || found.length !== 1) throw new Error(`${found.length} packets`);
  return packet;
}

function read(kind: PayloadKind, payload: Uint8Array) {
  const decoder = decoderFor(PROFILE_OF_KIND[kind]);
  const context = {
    topic: "meter",
    receivedAtMs: fromMs + 500 * DAY_MS,
    timezone: "Europe/Brussels",
    expectedIntervalS: null,
  };
  return decoder?.(payload, context) ?? { observations: [], rejections: [] };
}

test.each(PAYLOAD_KINDS)("%s: header, name, time and index are the meter's own", (kind) => {
  const packets = createMeterPackets(kind);
  fc.assert(
    fc.property(
      meter,
      instant,
      fc.integer({ min: 1, max: 65_535 }),
      fc.boolean(),
      (nth, at, messageId, dup) => {
        const observedAtMs = Math.floor(at / STEP_MS_OF_KIND[kind]) * STEP_MS_OF_KIND[kind];
        const packet = publishOf(packets.packet(nth, observedAtMs, messageId, dup));
        expect(packet).toMatchObject({ qos: 1, messageId, dup, topic: `meter/${meterName(nth)}` });
        const payload = Buffer.from(packet.payload);
        expect(recognise("gateway/topic", payload)).toEqual({
          externalId: meterName(nth),
          profile: PROFILE_OF_KIND[kind],
        });
        const { observations, rejections } = read(kind, payload);
        expect(rejections).toEqual([]);
        const now = observations.filter((one) => one.observedAtMs === observedAtMs);
        expect(now).toHaveLength(VALUES_OF_KIND[kind]);
        const index = now.find(({ register }) => /energy$|1-0:1\.8\.1/.test(register.name));
        expect(Number(index?.value) * 1000).toBeCloseTo(indexWhAt(nth, observedAtMs), 3);
        expect(index?.register).toMatchObject({ kind: "cumulative", carrier: "electricity" });
      },
    ),
    { numRuns: 200 },
  );
});
