// The bodies that this API reads: JSON in UTF-8, and in it only text that can be written down as UTF-8 again.
import { isUtf8 } from "node:buffer";
import { KoproError } from "#devices/error";
import { invalid } from "./identifier.ts";
import type { Api } from "./services.ts";

/** A form of another site cannot send JSON, so it cannot act with the cookie; an empty body is no body. */
export function acceptOnlyJson(app: Api): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    const bytes = body as Buffer;
    if (bytes.length === 0) return done(null, undefined);
    // Decoding would put U+FFFD in its place: somebody else's text would be kept as if it were what was sent.
    if (!isUtf8(bytes)) return done(new KoproError("request_invalid", "The body is not UTF-8 text."));
    const text = bytes.toString("utf8");
    void parse(request, text, (error: Error | null, value?: unknown) => {
      if (error !== null) return done(error);
      const pointer = SURROGATE.test(text) ? loneSurrogate(value) : undefined;
      if (pointer === undefined) return done(null, value);
      done(
        invalid(
          pointer.slice(0, POINTER_SHOWN_MAX),
          "holds half of a character (a lone surrogate, \\ud800 to \\udfff)",
        ),
      );
    });
  });
}

/** In UTF-8 bytes there is no surrogate: one can only come as an escape. */
const SURROGATE = /\\ud[89a-f]/i;
const NAME_SHOWN_MAX = 100;
const POINTER_SHOWN_MAX = 500;

/** Where a text or a member's name is not well-formed UTF-16, as a JSON pointer. Nesting has no bound, so no recursion. */
function loneSurrogate(body: unknown): string | undefined {
  const waiting: { readonly pointer: string; readonly value: unknown }[] = [{ pointer: "", value: body }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { pointer, value } = next;
    if (typeof value === "string" && !value.isWellFormed()) return pointer;
    if (typeof value !== "object" || value === null) continue;
    for (const [name, member] of Object.entries(value)) {
      if (!name.isWellFormed()) return pointer;
      waiting.push({ pointer: `${pointer}/${escaped(name)}`, value: member });
    }
  }
  return undefined;
}

/** RFC 6901; a name can be as long as the body. */
function escaped(name: string): string {
  return name.slice(0, NAME_SHOWN_MAX).toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1");
}
