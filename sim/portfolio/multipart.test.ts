// The form that we write is the form that others read.
import fc from "fast-check";
import { expect, test } from "vitest";
import { multipart } from "./multipart.ts";

test("fields and file come back as they were, whatever is in them", async () => {
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, fc.string()), fc.array(fc.string()), async (fields, chunks) => {
      // A reader of forms takes every line end of a field for the same one.
      const plain = Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [key, value.replace(/[\r\n]/g, "")]),
      );
      const file = { field: "FILE", fileName: 'a"b.csv', contentType: "text/csv", chunks: () => chunks };
      const { contentType, body } = multipart(plain, file);
      const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
      const found = form.get("FILE");
      if (!(found instanceof File)) throw new Error("no file came back");
      expect(await found.text()).toBe(chunks.join(""));
      expect(found.name).toBe('a"b.csv');
      form.delete("FILE");
      expect(Object.fromEntries(form)).toEqual(plain);
    }),
  );
});
