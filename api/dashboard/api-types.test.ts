// The typed client is what openapi-typescript makes of the API's own description, and nothing else.
import { readFileSync } from "node:fs";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, test } from "vitest";

test("the committed types come out of openapi.json", async () => {
  const types = astToString(await openapiTS(new URL("../openapi.json", import.meta.url)));
  const committed = readFileSync(new URL("./api-types.d.ts", import.meta.url), "utf8");
  expect(
    committed === `${COMMENT_HEADER}${types}`,
    "run: npx openapi-typescript api/openapi.json -o api/dashboard/api-types.d.ts",
  ).toBe(true);
});
