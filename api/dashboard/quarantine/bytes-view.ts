// The bytes of a message as people can read them: as text where they are text, else in hexadecimal with what can be printed beside.

export type HexLine = { readonly offset: string; readonly hex: string; readonly text: string };
export type BytesView =
  | { readonly kind: "empty" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "hex"; readonly lines: readonly HexLine[] };

const BYTES_A_LINE = 16;
/** Tabulator, line feed and carriage return are text; other control characters are not. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** `isCut`: more bytes follow that are not here, so that the last character may be incomplete. */
export function bytesView(bytes: Uint8Array, isCut: boolean): BytesView {
  if (bytes.length === 0) return { kind: "empty" };
  const text = textOf(bytes, isCut);
  return text === undefined || CONTROL.test(text) ? hexView(bytes) : { kind: "text", text };
}

export function hexView(bytes: Uint8Array): BytesView {
  const lines: HexLine[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_A_LINE) {
    const part = [...bytes.subarray(at, at + BYTES_A_LINE)];
    lines.push({
      offset: at.toString(16).padStart(4, "0"),
      hex: part.map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
      text: part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join(""),
    });
  }
  return { kind: "hex", lines };
}

function textOf(bytes: Uint8Array, isCut: boolean): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    return undefined; // No UTF-8: the bytes are shown as they are.
  }
}
