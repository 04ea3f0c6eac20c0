// Passwords of people: argon2id, 19 MiB and 2 passes (OWASP's minimum), in PHC form.
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const MEMORY_KIB = 19_456;
const PASSES = 2;
const PARALLELISM = 1;
const TAG_BYTES = 32;
const SALT_BYTES = 16;

const derive = promisify(argon2);

type Parameters = { readonly memoryKib: number; readonly passes: number; readonly parallelism: number };
const CURRENT: Parameters = { memoryKib: MEMORY_KIB, passes: PASSES, parallelism: PARALLELISM };
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** `$argon2id$v=19$m=19456,t=2,p=1$salt$tag` */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await tagOf(password, salt, CURRENT, TAG_BYTES);
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${PARALLELISM}$${unpadded(salt)}$${unpadded(tag)}`;
}

/**
 * Whether the password belongs to the hash. Without a hash (nobody of that name) it takes as long and answers no, so the
 * duration does not tell who has an account.
 */
export async function verifyPassword(password: string, phc: string | undefined): Promise<boolean> {
  const match = PHC.exec(phc ?? NOBODY);
  if (match === null) throw new Error("a stored password hash is not in PHC form");
  const [, memoryKib, passes, parallelism, salt, tag] = match.map(String);
  const expected = Buffer.from(tag ?? "", "base64");
  const parameters = {
    memoryKib: Number(memoryKib),
    passes: Number(passes),
    parallelism: Number(parallelism),
  };
  const given = await tagOf(password, Buffer.from(salt ?? "", "base64"), parameters, expected.length);
  return timingSafeEqual(given, expected) && phc !== undefined;
}

/** A salt and a tag that no password is known for. */
const NOBODY = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${PARALLELISM}$${unpadded(randomBytes(SALT_BYTES))}$${unpadded(randomBytes(TAG_BYTES))}`;

function tagOf(password: string, nonce: Buffer, cost: Parameters, tagLength: number): Promise<Buffer> {
  return derive("argon2id", {
    // The same password typed on two keyboards must be the same bytes.
    message: password.normalize("NFC"),
    nonce,
    parallelism: cost.parallelism,
    memory: cost.memoryKib,
    passes: cost.passes,
    tagLength,
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
