// Writes api/openapi.json: `node api/write-openapi.ts`. A test compares it with what the server says.
import { writeFileSync } from "node:fs";
import { openApiText } from "./openapi-text.ts";

writeFileSync(new URL("./openapi.json", import.meta.url), await openApiText());
