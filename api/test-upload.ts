// A file as a browser's form would send it, for tests of imports.
import type { LightMyRequestResponse } from "fastify";
import type { TestApi } from "./test-api.ts";

export type TestPart =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly fileName: string; readonly bytes: string | Buffer };

const BOUNDARY = "----koprogo-test-boundary";

export function formOf(parts: readonly TestPart[]): { payload: Buffer; headers: Record<string, string> } {
  const payload = Buffer.concat([
    ...parts.flatMap((part) => [
      Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="${part.name}"`),
      Buffer.from(
        "value" in part
          ? `\r\n\r\n${part.value}`
          : `; filename="${part.fileName}"\r\ncontent-type: text/csv\r\n\r\n`,
      ),
      ...("value" in part ? [] : [Buffer.from(part.bytes)]),
      Buffer.from("\r\n"),
    ]),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);
  return { payload, headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}` } };
}

/** Posts an interval file, the fields after it, as some clients do. */
export function upload(
  api: TestApi,
  token: string | undefined,
  bytes: string | Buffer,
  fields: Readonly<Record<string, string>> = {},
  fileName = "history.csv",
): Promise<LightMyRequestResponse> {
  return send(api, token, [
    { name: "file", fileName, bytes },
    ...Object.entries({ format: "interval-csv", ...fields }).map(([name, value]) => ({ name, value })),
  ]);
}

export function send(
  api: TestApi,
  token: string | undefined,
  parts: readonly TestPart[],
  more: Readonly<Record<string, string>> = {},
): Promise<LightMyRequestResponse> {
  const { payload, headers } = formOf(parts);
  return api.app.inject({
    method: "POST",
    url: "/v1/imports",
    payload,
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...more },
  });
}
