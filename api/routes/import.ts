// Imports of history: a file in, a preview out, and the commit.
import { createHash } from "node:crypto";
import multipart from "@fastify/multipart";
import type { FastifyError, FastifyRequest } from "fastify";
import { KoproError } from "#devices/error";
import type { Role } from "#devices/vocabulary";
import { decodeIntervalCsv, type ImportTarget } from "#ingest";
import {
  commitImport,
  findImport,
  findStaged,
  importTargetsByCode,
  importTargetsById,
  listImports,
  stageImport,
  type ImportRow,
} from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { sendProblem } from "../failure.ts";
import { identifier, invalid, listed, pageRequest } from "../identifier.ts";
import { IMPORT_FORMATS, Import, ImportFile, ImportList, PAGE, query, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { createUploadRoom } from "../upload-room.ts";
import { readUpload, UPLOAD_LIMITS, type Upload } from "../upload.ts";

const IMPORTERS: readonly Role[] = ["admin", "coordinator", "manager"];

const HASHED_BYTES = 1024 * 1024;

export function importRoutes(app: Api, { pool, time, uploadIdleMs }: Services): void {
  const room = createUploadRoom();
  // A scope of its own: no other route takes anything but JSON.
  void app.register(async (scope: Api) => {
    await scope.register(multipart, { limits: UPLOAD_LIMITS });
    scope.setErrorHandler<FastifyError>((error, request, reply) =>
      sendProblem(uploadFault(error), request, reply),
    );

    scope.post(
      "/v1/imports",
      {
        config: { access: { roles: IMPORTERS } },
        schema: {
          summary: "Bring history in a file: it is read and previewed, and changes nothing before its commit",
          description:
            "`interval-csv`: a header `code,from,to,energyWh` and perhaps `status`, separated by commas or semicolons, UTF-8. `from` and `to` are RFC 3339 instants with an offset, on quarter-hours, the end not included, at most 32 days apart; longer intervals than a quarter-hour are spread evenly, their sum kept. Whole Wh (gas and water: litres); decimals are rounded row by row. Without `supplyPointId` every row needs a `code`. Rows that cannot be read are listed in `errors` and left out; after 10,000 of them reading ends. A file without one good row, or one that cannot be read as a whole, is answered with 201 as well: its `state` is `failed`, `errors` say why, and it cannot be committed. The same file with the same `supplyPointId`, sent again while its preview waits and all its rows were good, is answered with 200 and that import. At most 20 previews of an account wait for a week; the oldest are given up first.",
          tags: ["Imports"],
          consumes: ["multipart/form-data"],
          body: ref(ImportFile),
          response: { 200: ref(Import), 201: ref(Import) },
        },
        // The body is a stream: `readUpload` checks it.
        validatorCompiler: () => (value: unknown) => ({ value }),
      },
      async (request, reply) => {
        const { scope } = viewerOf(request);
        const place = room.enter(scope.accountId);
        try {
          const bounds = { take: place.take, idleMs: uploadIdleMs };
          const upload = await readUpload(request, reply, bounds);
          const { id, isNew } = await room.inTurn(() => importFile(request, upload));
          void reply.code(isNew ? 201 : 200);
          return presentImport(found(await findImport(pool, scope, id)));
        } finally {
          place.leave();
        }
      },
    );
  });

  async function importFile(
    request: FastifyRequest,
    upload: Upload,
  ): Promise<{ readonly id: number; readonly isNew: boolean }> {
    const { scope } = viewerOf(request);
    const format = IMPORT_FORMATS.find((known) => known === upload.format);
    if (format === undefined) throw invalid("/format", `must be one of ${IMPORT_FORMATS.join(", ")}`);
    const target = await chosenTarget(request, upload.supplyPointId);
    const key = { format, fileHash: await sha256Of(upload.chunks), supplyPointId: target?.id ?? null };
    const same = await findStaged(pool, scope, key);
    if (same !== undefined) return { id: same, isNew: false };
    const decoded = await decodeIntervalCsv(upload.chunks, {
      target,
      targetsOf: (codes) => importTargetsByCode(pool, scope, codes),
      nowMs: time.now(),
    });
    return stageImport(pool, scope, { ...decoded, ...key, fileName: upload.fileName });
  }

  async function chosenTarget(
    request: FastifyRequest,
    supplyPointId: string | undefined,
  ): Promise<ImportTarget | undefined> {
    if (supplyPointId === undefined) return undefined;
    const id = identifier(supplyPointId);
    const [target] = id === undefined ? [] : await importTargetsById(pool, viewerOf(request).scope, [id]);
    if (target === undefined)
      throw invalid("/supplyPointId", "is not a supply point that you may import for");
    return target;
  }

  app.get(
    "/v1/imports",
    {
      config: { access: { roles: IMPORTERS } },
      schema: {
        summary: "My imports, newest first; previews without their days",
        tags: ["Imports"],
        querystring: query(PAGE),
        response: { 200: ref(ImportList) },
      },
    },
    async (request) =>
      listed(await listImports(pool, viewerOf(request).scope, pageRequest(request.query)), presentImport),
  );

  app.get(
    "/v1/imports/:id",
    {
      config: { access: { roles: IMPORTERS, sees: ["import", "id"] } },
      schema: {
        summary: "One import: its errors, and what it would change, or has changed",
        tags: ["Imports"],
        response: { 200: ref(Import) },
      },
    },
    async (request) => presentImport(found(await findImport(pool, viewerOf(request).scope, idOf(request)))),
  );

  app.post(
    "/v1/imports/:id/commit",
    {
      config: { access: { roles: IMPORTERS, sees: ["import", "id"] } },
      schema: {
        summary: "Make it history; again, it changes nothing",
        tags: ["Imports"],
        response: { 200: ref(Import) },
      },
    },
    async (request) => presentImport(found(await commitImport(pool, viewerOf(request).scope, idOf(request)))),
  );
}

/** Piece by piece: 64 MB at once would hold up everybody else. */
async function sha256Of(chunks: readonly Buffer[]): Promise<Buffer> {
  const hash = createHash("sha256");
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += HASHED_BYTES) {
      hash.update(chunk.subarray(at, at + HASHED_BYTES));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return hash.digest();
}

/** This one route is not asked for JSON. */
function uploadFault(error: FastifyError): unknown {
  if (error.code !== "FST_ERR_CTP_INVALID_MEDIA_TYPE") return error;
  return new KoproError(
    "media_type_unsupported",
    "Send the file as multipart/form-data, in the field file, beside the field format.",
    { cause: error },
  );
}

function presentImport(row: ImportRow) {
  return {
    id: String(row.id),
    format: row.format as (typeof IMPORT_FORMATS)[number],
    fileName: row.fileName,
    fileSha256: row.fileHash.toString("hex"),
    supplyPointId: row.supplyPointId === null ? null : String(row.supplyPointId),
    state: row.state,
    createdAt: row.createdAt.toISOString(),
    committedAt: row.committedAt?.toISOString() ?? null,
    rowsRead: row.rowsRead,
    rowsRefused: row.rowsRefused,
    errors: [...row.errors],
    preview: row.preview.map((change) => ({
      ...change,
      supplyPointId: String(change.supplyPointId),
      days: [...change.days],
    })),
  };
}
