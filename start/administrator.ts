// The administrator's account of a private copy: from the environment, else made once and kept in the data folder.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Administrator = { readonly email: string; readonly password: string };

/** What the environment says wins; what it leaves open is generated and stays the same at the next start. */
export function administrator(
  dataFolder: string,
  given: { email: string | undefined; password: string | undefined },
): Administrator {
  if (given.email !== undefined && given.password !== undefined) {
    return { email: given.email, password: given.password };
  }
  const file = join(dataFolder, "demo.json");
  const kept: Partial<Administrator> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const account = {
    email: given.email ?? kept.email ?? "admin@koprogo.example",
    password: given.password ?? kept.password ?? randomBytes(12).toString("base64url"),
  };
  if (account.email !== kept.email || account.password !== kept.password) {
    mkdirSync(dataFolder, { recursive: true });
    writeFileSync(file, `${JSON.stringify(account)}\n`, { mode: 0o600 });
  }
  return account;
}
