// Serial numbers as P1 writes them: an octet string in hexadecimal, which most meters fill with ASCII.

const LENGTH_MAX = 96;
const HEX = /^(?:[0-9a-f]{2})+$/i;
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * The serial number: the ASCII text behind the hexadecimal where it is readable, else the digits as they stand. Empty and all
 * zeros mean none. `undefined` where it cannot be stored as text, or is longer than the 96 characters of the specification.
 */
export function equipmentIdOf(text: string): string | undefined {
  if (text.length > LENGTH_MAX || !PRINTABLE.test(text)) return undefined;
  if (/^0*$/.test(text)) return "";
  if (!HEX.test(text)) return text;
  const ascii = Buffer.from(text, "hex").toString("latin1");
  return PRINTABLE.test(ascii) ? ascii : text;
}
