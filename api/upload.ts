// One uploaded file with its fields, in whatever order the form sends them, within bounds.
import type { Multipart } from "@fastify/multipart";
import type { FastifyReply, FastifyRequest } from "fastify";
import { KoproError } from "#devices/error";
import { SECOND_MS } from "#devices/time";
import { invalid } from "./identifier.ts";

const FILE_MAX_MB = 64;
const FIELDS = ["format", "supplyPointId"] as const;
const FIELD_MAX_BYTES = 100;
const FILE_NAME_MAX = 200;

export const UPLOAD_LIMITS = {
  files: 1,
  fileSize: FILE_MAX_MB * 1024 * 1024,
  fields: FIELDS.length,
  parts: FIELDS.length + 1,
  fieldNameSize: 50,
  fieldSize: FIELD_MAX_BYTES,
  headerPairs: 20,
};

export type Upload = {
  readonly fileName: string;
  /** In memory, because the fields that say what the file is may come after it. */
  readonly chunks: readonly Buffer[];
  readonly format: string | undefined;
  /** `undefined`: not chosen, or left empty. */
  readonly supplyPointId: string | undefined;
};

export type UploadBounds = {
  /** Called for each piece; what it throws ends the reading. */
  readonly take: (bytes: number) => void;
  /** After so long without a byte the sender is given up, ms. */
  readonly idleMs: number;
};

/** Reads the body to its end. @throws KoproError for a body that is not such a form, larger than accepted, or standing still. */
export async function readUpload(
  request: FastifyRequest,
  reply: FastifyReply,
  bounds: UploadBounds,
): Promise<Upload> {
  const idle = watchIdle(request, reply, bounds.idleMs);
  try {
    return await Promise.race([idle.broken, readForm(request, bounds.take)]);
  } finally {
    idle.end();
  }
}

/** Rejects when no byte has come for a while, and has the connection closed, because the body never ended. */
function watchIdle(
  request: FastifyRequest,
  reply: FastifyReply,
  idleMs: number,
): { broken: Promise<never>; end: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const { socket } = request.raw;
  let seenBytes = socket.bytesRead;
  const timer = setInterval(() => {
    if (socket.bytesRead !== seenBytes) {
      seenBytes = socket.bytesRead;
      return;
    }
    void reply.header("connection", "close");
    const seconds = Math.ceil(idleMs / SECOND_MS);
    reject(new KoproError("request_invalid", `Nothing of the file came for ${seconds} s: send it again.`));
  }, idleMs);
  return { broken: promise, end: () => clearInterval(timer) };
}

async function readForm(request: FastifyRequest, take: UploadBounds["take"]): Promise<Upload> {
  if (!request.isMultipart()) {
    throw new KoproError(
      "media_type_unsupported",
      "Send the file as multipart/form-data, in the field file, beside the field format.",
    );
  }
  const fields = new Map<string, string>();
  let file: { fileName: string; chunks: Buffer[] } | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type === "file")
        file = { fileName: fileNameOf(part.filename), chunks: await bytesOf(part, take) };
      else keepField(fields, part);
    }
  } catch (error) {
    throw uploadFault(error);
  }
  if (file === undefined) throw invalid("/file", "is missing: send the file in a field of this name");
  return { ...file, format: fields.get("format"), supplyPointId: fields.get("supplyPointId") || undefined };
}

async function bytesOf(
  part: Extract<Multipart, { type: "file" }>,
  take: UploadBounds["take"],
): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  // Read to the end even when refused: the form's other parts come after it.
  for await (const chunk of part.file as AsyncIterable<Buffer>) {
    take(chunk.length);
    chunks.push(chunk);
  }
  if (part.fieldname !== "file") throw invalid(`/${shown(part.fieldname)}`, "is not a field of this form");
  return chunks;
}

function keepField(fields: Map<string, string>, part: Extract<Multipart, { type: "field" }>): void {
  const name = FIELDS.find((known) => known === part.fieldname);
  if (name === undefined) throw invalid(`/${shown(part.fieldname)}`, "is not a field of this form");
  if (fields.has(name)) throw invalid(`/${name}`, "is there twice");
  if (typeof part.value !== "string" || part.valueTruncated)
    throw invalid(`/${name}`, `is longer than ${FIELD_MAX_BYTES} characters, or not text`);
  fields.set(name, part.value.trim());
}

const LIMITS: Readonly<Record<string, string>> = {
  FST_FILES_LIMIT: "Send one file at a time.",
  FST_FIELDS_LIMIT: `Send no other fields than file, ${FIELDS.join(", ")}.`,
  FST_PARTS_LIMIT: `Send no other fields than file, ${FIELDS.join(", ")}.`,
};

function uploadFault(error: unknown): KoproError {
  if (error instanceof KoproError) return error;
  const { code } = (error ?? {}) as { code?: unknown };
  if (code === "FST_REQ_FILE_TOO_LARGE") {
    return new KoproError(
      "payload_too_large",
      `The file is larger than ${FILE_MAX_MB} MB: divide it into several.`,
      { cause: error },
    );
  }
  const limit = typeof code === "string" ? LIMITS[code] : undefined;
  return new KoproError(
    "request_invalid",
    limit ?? "The form could not be read: it is not valid multipart/form-data, or it ends too early.",
    { cause: error },
  );
}

/** The last part of a path, without what is no text for people. */
function fileNameOf(given: string | undefined): string {
  const name = (given ?? "").split(/[/\\]/).at(-1) ?? "";
  return shown(name) || "file.csv";
}

function shown(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]/gu, "").slice(0, FILE_NAME_MAX);
}
