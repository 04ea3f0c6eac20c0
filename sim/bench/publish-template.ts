// One PUBLISH packet of a SenML pack, in which the packet id and the time are patched for each message.
import { generate } from "mqtt-packet";

export type Template = {
  readonly packet: Buffer;
  /** Writes the packet id, and the time in all records and in what they count. */
  readonly patch: (packetId: number, timeMs: number) => void;
};

const TIME_DIGITS = 14;
const INDEX_DIGITS = 11;

/** A record of one value of the moment, or `records` indices that grow with the time, as a telegram has them. */
export function templateOf(records: number, topic = "bench"): Template {
  const payload = Buffer.from(records === 1 ? single() : telegram(records));
  const bytes = generate({
    cmd: "publish",
    topic,
    payload,
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });
  const packet = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  const payloadAt = packet.length - payload.length;
  const timeAt = packet.indexOf("0".repeat(TIME_DIGITS), payloadAt);
  const indicesAt: number[] = [];
  for (let at = packet.indexOf("#", payloadAt); at >= 0; at = packet.indexOf("#", at + 1)) indicesAt.push(at);
  return {
    packet,
    patch: (packetId, timeMs) => {
      packet.writeUInt16BE(packetId, payloadAt - 2);
      packet.write(
        `${Math.floor(timeMs / 1000)}.${String(timeMs % 1000).padStart(3, "0")}`,
        timeAt,
        "latin1",
      );
      if (indicesAt.length === 0) return;
      // Kilowatt-hours with three digits after the point, from a second's part of a day on.
      const index = ((timeMs / 100) % 1e9).toFixed(0).padStart(INDEX_DIGITS - 1, "1");
      const text = `${index.slice(0, -3)}.${index.slice(-3)}`;
      for (const at of indicesAt) packet.write(text, at, "latin1");
    },
  };
}

function single(): string {
  return `[{"n":"power","u":"W","v":230.5,"t":${"0".repeat(TIME_DIGITS)}}]`;
}

function telegram(records: number): string {
  const fields = Array.from({ length: records }, (_, index) => {
    const base = index === 0 ? `"bt":${"0".repeat(TIME_DIGITS)},` : "";
    return `{${base}"n":"r${index}","u":"kWh","v":${"#".padEnd(INDEX_DIGITS, "0")}}`;
  });
  return `[${fields.join(",")}]`;
}
