// A copy of a field's name: cut out of a message, it would keep the whole message in memory for as long as it is remembered.

/** Of well-formed text. */
export function ownCopy(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
