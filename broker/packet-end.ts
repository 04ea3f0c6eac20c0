// Where an MQTT packet ends: the fixed header's remaining length [MQTT 3.1.1, 2.2.3], and nothing else of it.

/** The fixed header is not complete. */
export const TOO_SHORT = -1;
/** The length has more than four bytes, or is above the bound. */
export const UNREADABLE = -2;

const LENGTH_BYTES_MAX = 4;

/** The index after the packet that begins at `at`; it may lie beyond the bytes that are there. */
export function packetEnd(bytes: Uint8Array, at: number, remainingMax: number): number {
  let remaining = 0;
  for (let i = 0; i < LENGTH_BYTES_MAX; i++) {
    const byte = bytes[at + 1 + i];
    if (byte === undefined) return TOO_SHORT;
    remaining += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return remaining > remainingMax ? UNREADABLE : at + 2 + i + remaining;
  }
  return UNREADABLE;
}
