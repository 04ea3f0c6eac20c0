// What the dashboard asks and tells the API about files of history.
import type { components } from "../api-types.d.ts";
import { client, dataOf } from "./client.ts";

type Schemas = components["schemas"];
export type Import = Schemas["Import"];
export type ImportChange = Import["preview"][number];
export type ImportDay = ImportChange["days"][number];
export type ImportFault = Import["errors"][number];
export type ImportFormat = Import["format"];

const on = (id: string) => ({ path: { id } });

/** My imports, newest first; their previews have no days. */
export function listImports(cursor: string | null, signal: AbortSignal): Promise<Schemas["ImportList"]> {
  const query = cursor === null ? {} : { cursor };
  return dataOf(client.GET("/v1/imports", { params: { query }, signal }));
}

export function readImport(id: string, signal: AbortSignal): Promise<Import> {
  return dataOf(client.GET("/v1/imports/{id}", { params: on(id), signal }));
}

export type ImportUpload = {
  readonly file: File;
  /** `auto`: the file's first lines tell. */
  readonly format: ImportFormat | "auto";
  /** `undefined`: the file names its supply points. */
  readonly supplyPointId: string | undefined;
};

/** The answer does not wait for the reading: the import's own page shows how far it is. */
export function uploadImport({ file, format, supplyPointId }: ImportUpload): Promise<Import> {
  const form = new FormData();
  form.append("format", format);
  if (supplyPointId !== undefined) form.append("supplyPointId", supplyPointId);
  form.append("file", file, file.name);
  return dataOf(
    client.POST("/v1/imports", {
      // The types know the form's fields, the browser writes them.
      body: { file: file.name, format },
      bodySerializer: () => form,
      headers: { prefer: "respond-async" },
    }),
  );
}

/** Answers when it is done; again, it changes nothing. */
export function commitImport(id: string): Promise<Import> {
  return dataOf(client.POST("/v1/imports/{id}/commit", { params: on(id) }));
}
