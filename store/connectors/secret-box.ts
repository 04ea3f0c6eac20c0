// Secrets that we must be able to read again, at rest: AES-256-GCM, bound to what they belong to, under keys that can be changed.
//
//   sealed = 1 (version) │ key number, 8 bytes │ nonce, 12 bytes │ ciphertext │ tag, 16 bytes
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const VERSION = 1;
const KEY_BYTES = 32;
const NUMBER_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NUMBER_BYTES;
const KEY_FILE = "secret.key";

export type SecretBox = {
  /** `belongsTo` is authenticated, not kept: what is moved to another row or another address cannot be opened there. */
  readonly seal: (secret: string, belongsTo: string) => Buffer;
  /** `undefined`: sealed under a key that is not here, or for something else, or changed. */
  readonly open: (sealed: Uint8Array, belongsTo: string) => string | undefined;
  /** Whether it should be sealed anew: an earlier key was used. */
  readonly isOld: (sealed: Uint8Array) => boolean;
};

type Key = { readonly number: Buffer; readonly bytes: Buffer };

/**
 * The first key seals, all of them open: a new one is put in front, and the old one goes once nothing is sealed under it.
 * @throws RangeError on a key that is not 32 bytes long, and without any.
 */
export function secretBoxOf(keys: readonly Buffer[]): SecretBox {
  const known = keys.map((bytes): Key => {
    if (bytes.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes, not ${bytes.length}`);
    const number = createHash("sha256").update("koprogo secret key").update(bytes).digest();
    return { bytes, number: number.subarray(0, NUMBER_BYTES) };
  });
  const [current] = known;
  if (current === undefined) throw new RangeError("without a key nothing can be sealed");
  const numberOf = (sealed: Uint8Array): Uint8Array => sealed.subarray(1, HEAD_BYTES);
  return {
    seal: (secret, belongsTo) => {
      const nonce = randomBytes(NONCE_BYTES);
      const head = Buffer.concat([Buffer.of(VERSION), current.number]);
      const cipher = createCipheriv("aes-256-gcm", current.bytes, nonce).setAAD(aad(head, belongsTo));
      const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return Buffer.concat([head, nonce, text, cipher.getAuthTag()]);
    },
    open: (sealed, belongsTo) => {
      if (sealed[0] !== VERSION || sealed.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES) return undefined;
      const key = known.find(({ number }) => number.equals(numberOf(sealed)));
      if (key === undefined) return undefined;
      const nonce = sealed.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", key.bytes, nonce, { authTagLength: TAG_BYTES })
        .setAAD(aad(sealed.subarray(0, HEAD_BYTES), belongsTo))
        .setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      try {
        const text = decipher.update(sealed.subarray(HEAD_BYTES + NONCE_BYTES, sealed.length - TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString("utf8");
      } catch {
        // The tag does not fit: somebody else's, or changed.
        return undefined;
      }
    },
    isOld: (sealed) => !current.number.equals(numberOf(sealed)),
  };
}

/**
 * The keys of `KOPROGO_SECRET_KEY`, or else the one in the data folder: made there (mode 0600) by the process that is first.
 * Several processes share it, so on several machines the variable must be set. `undefined`, and said, where there is neither:
 * the folder cannot be written (as in a container without a volume), or the file holds no key. Then there are no connectors.
 */
export function openSecretBox(options: {
  readonly secretKey: string | undefined;
  readonly dataFolder: string;
  readonly log: { readonly warn: (fields: object, text: string) => void };
}): SecretBox | undefined {
  const { secretKey, dataFolder, log } = options;
  if (secretKey !== undefined) return secretBoxOf(secretKey.split(",").map((key) => keyOf(key)));
  const file = join(dataFolder, KEY_FILE);
  try {
    return secretBoxOf([keyOf(readKey(file) ?? makeKey(dataFolder, file))]);
  } catch (error) {
    const text =
      "no key for the passwords of connectors, so there are none: set KOPROGO_SECRET_KEY, or mend the file";
    log.warn({ err: error, file }, text);
    return undefined;
  }
}

function keyOf(text: string): Buffer {
  return Buffer.from(text.trim(), "base64");
}

function readKey(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Written whole under a name of its own, then linked: of two processes that start at once one is first, and none reads half. */
function makeKey(folder: string, file: string): string {
  mkdirSync(folder, { recursive: true });
  const draft = join(folder, `${KEY_FILE}.${randomBytes(6).toString("hex")}`);
  writeFileSync(draft, `${randomBytes(KEY_BYTES).toString("base64")}\n`, {
    mode: 0o600,
    flag: "wx",
    flush: true,
  });
  try {
    chmodSync(draft, 0o600);
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, "utf8");
}

/** What stands in front is authenticated too: no ciphertext can be passed off as another key's. */
function aad(head: Uint8Array, belongsTo: string): Buffer {
  return Buffer.concat([head, Buffer.from(belongsTo, "utf8")]);
}
