// The checksum of a P1 telegram: CRC-16/ARC (polynomial 0xA001 reflected, initial value 0), DSMR 5.0.2 P1 §5.2.

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** CRC over `bytes[from, to)`, continuing from `initial`. A telegram is covered from `/` to `!`, both included. */
export function crc16(bytes: Uint8Array, from = 0, to = bytes.length, initial = 0): number {
  let crc = initial;
  for (let at = from; at < to; at++) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return crc;
}
