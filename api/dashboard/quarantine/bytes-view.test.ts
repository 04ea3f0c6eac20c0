// Bytes are shown as text where they are, else as hexadecimal, and none is lost.
import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, bytesView, hexView } from "./bytes-view.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

test("text is text, with its lines and accents", () => {
  const telegram = "/KFM5KAIFA\r\n\t1-0:1.8.1(000123.456*kWh)\nété";
  expect(bytesView(utf8(telegram), false)).toEqual({ kind: "text", text: telegram });
});

test("what holds a control character, or is no UTF-8, is shown in hexadecimal", () => {
  expect(bytesView(utf8("a\u0000b"), false).kind).toBe("hex");
  const view = bytesView(new Uint8Array([0x68, 0xff, 0x41]), false);
  expect(view).toEqual({ kind: "hex", lines: [{ offset: "0000", hex: "68 ff 41", text: "h·A" }] });
});

test("a character that the cut halves does not make a text hexadecimal; at the end of the message it does", () => {
  const halved = utf8("kWh é").slice(0, -1);
  expect(bytesView(halved, true)).toEqual({ kind: "text", text: "kWh " });
  expect(bytesView(halved, false).kind).toBe("hex");
});

test("no bytes are said to be none", () => {
  expect(bytesView(new Uint8Array(), false)).toEqual({ kind: "empty" });
});

test("base64 and hexadecimal keep every byte in its place", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const base64 = btoa(String.fromCharCode(...bytes));
      expect(bytesOf(base64)).toEqual(bytes);
      const view = hexView(bytes);
      if (view.kind !== "hex") throw new Error("not hexadecimal");
      const back = view.lines.flatMap(({ hex }) => hex.split(" ").map((one) => Number.parseInt(one, 16)));
      expect(back).toEqual([...bytes]);
      expect(view.lines.map(({ offset }) => Number.parseInt(offset, 16))).toEqual(
        view.lines.map((_, line) => 16 * line),
      );
    }),
  );
});
