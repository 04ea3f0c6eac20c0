// What the demo's devices and people remember over a restart: secrets, passwords, and until when each device has spoken.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { ROLES } from "#devices/vocabulary";

const SCHEMA = Type.Object({
  version: Type.Literal(1),
  accounts: Type.Array(
    Type.Object({ role: Type.Enum([...ROLES]), email: Type.String(), password: Type.String() }),
  ),
  devices: Type.Record(
    Type.String(),
    Type.Object({ secret: Type.String(), toldUntilMs: Type.Optional(Type.Integer()) }),
  ),
});

export type Remembered = Static<typeof SCHEMA>;
export type DemoAccount = Remembered["accounts"][number];

export type Memory = {
  /** Changed in place; `save` writes it. */
  readonly content: Remembered;
  /** Whole or not at all, readable by the owner only. */
  save(): void;
};

/** A file that is missing or not ours counts as empty: what it held is then renewed through the API. */
export function openMemory(dataDir: string): Memory {
  const file = join(dataDir, "demo-devices.json");
  const content = read(file) ?? { version: 1 as const, accounts: [], devices: {} };
  return {
    content,
    save: () => {
      mkdirSync(dataDir, { recursive: true });
      const draft = `${file}.${process.pid}`;
      writeFileSync(draft, JSON.stringify(content, null, 2), { mode: 0o600 });
      renameSync(draft, file);
    },
  };
}

function read(file: string): Remembered | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(file, "utf8"));
    return Value.Check(SCHEMA, found) ? found : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
