// Imports of history: a file in, a preview out, and the commit.
import { createHash } from "node:crypto";
import multipart from "@fastify/multipart";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { KoproError } from "#devices/error";
import type { Role } from "#devices/vocabulary";
import { DETECTION_BYTES, detectFormat, type ImportFormat } from "#ingest";
import {
  commitImport,
  findImport,
  importTargetsById,
  keepImport,
  listImports,
  type ImportRow,
  type ImportTargetRow,
  type Kept,
} from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { sendProblem } from "../failure.ts";
import { identifier, invalid, listed, pageRequest } from "../identifier.ts";
import { IMPORT_FORMATS, Import, ImportFile, ImportList, PAGE, query, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { IMPORT_DESCRIPTION } from "../schemas/import-text.ts";
import { createImportReader } from "../upload-reader.ts";
import { createUploadRoom } from "../upload-room.ts";
import { uploadWaitMs } from "../upload-wait.ts";
import { readUpload, UPLOAD_LIMITS, type Upload } from "../upload.ts";

const IMPORTERS: readonly Role[] = ["admin", "coordinator", "manager"];

const HASHED_BYTES = 1024 * 1024;

export function importRoutes(app: Api, { pool, time, log, uploadIdleMs }: Services): void {
  const room = createUploadRoom();
  const reader = createImportReader({ pool, time, log, inTurn: room.inTurn });
  app.addHook("onReady", async () => reader.start());
  app.addHook("onClose", () => reader.close());
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
          description: IMPORT_DESCRIPTION,
          tags: ["Imports"],
          consumes: ["multipart/form-data"],
          body: ref(ImportFile),
          response: { 200: ref(Import), 201: ref(Import), 202: ref(Import) },
        },
        // The body is a stream: `readUpload` checks it.
        validatorCompiler: () => (value: unknown) => ({ value }),
      },
      async (request, reply) => {
        const { scope } = viewerOf(request);
        const waitMs = uploadWaitMs(request.headers["prefer"]);
        const { id, isNew } = await keepUpload(request, reply);
        // Reading goes on when the answer does not wait for it, and in another process when this one ends.
        await Promise.race([reader.read(id), sleep(waitMs, undefined, { ref: false })]);
        const row = found(await findImport(pool, scope, id));
        void reply.code(row.state === "staged" ? 202 : isNew ? 201 : 200);
        if (row.state === "staged") void reply.header("location", `/v1/imports/${id}`);
        return presentImport(row);
      },
    );
  });

  /** The memory for uploads is free again when the file is in the database. */
  async function keepUpload(request: FastifyRequest, reply: FastifyReply): Promise<Kept> {
    const place = room.enter(viewerOf(request).scope.accountId);
    try {
      const upload = await readUpload(request, reply, { take: place.take, idleMs: uploadIdleMs });
      return await keep(request, upload);
    } finally {
      place.leave();
    }
  }

  async function keep(request: FastifyRequest, upload: Upload): Promise<Kept> {
    const { scope } = viewerOf(request);
    const { format, notes } = formatOf(upload);
    const target = await chosenTarget(request, upload.supplyPointId);
    return keepImport(pool, scope, {
      format,
      notes,
      fileHash: await sha256Of(upload.chunks),
      supplyPointId: target?.id ?? null,
      fileName: upload.fileName,
      chunks: upload.chunks,
    });
  }

  async function chosenTarget(
    request: FastifyRequest,
    supplyPointId: string | undefined,
  ): Promise<ImportTargetRow | undefined> {
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

/** As it was said, or as the first lines say; what that was is told with the import. */
function formatOf({ format, chunks }: Upload): { format: ImportFormat; notes: string[] } {
  if (format !== undefined && format !== "" && format !== "auto") {
    const known = IMPORT_FORMATS.find((one) => one === format);
    if (known === undefined) throw invalid("/format", `must be one of auto, ${IMPORT_FORMATS.join(", ")}`);
    return { format: known, notes: [] };
  }
  const detected = detectFormat(beginningOf(chunks));
  if ("why" in detected) throw invalid("/format", `is needed. ${detected.why}`);
  return {
    format: detected.format,
    notes: [`The format was recognised by the beginning of the file: ${detected.format}.`],
  };
}

function beginningOf(chunks: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  for (const chunk of chunks) {
    if (size >= DETECTION_BYTES) break;
    parts.push(chunk.subarray(0, DETECTION_BYTES - size));
    size += chunk.length;
  }
  return Buffer.concat(parts);
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
    progress: { bytesTotal: row.bytesTotal, bytesRead: row.bytesRead },
    errors: [...row.errors],
    notes: [...row.notes],
    preview: row.preview.map((change) => ({
      ...change,
      supplyPointId: String(change.supplyPointId),
      days: [...change.days],
    })),
  };
}
