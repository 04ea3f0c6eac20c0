// Starts one throw-away PostgreSQL and Redis for a vitest run, whichever of its projects ask for them.
import type { TestProject } from "vitest/node";
import { startTestServices, type TestServices } from "./test-services.ts";

declare module "vitest" {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- vitest asks for a merged interface
  interface ProvidedContext {
    koprogoServices: TestServices;
  }
}

type Shared = { users: number; services: ReturnType<typeof startTestServices> };

// Each project evaluates this module anew in the same process, so what they share hangs on the process.
const SHARED = Symbol.for("koprogo.testServices");
const holder = globalThis as { [SHARED]?: Shared | undefined };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (holder[SHARED] ??= { users: 0, services: startTestServices(process.env, announce) });
  shared.users += 1;
  const { stop, ...urls } = await shared.services;
  project.provide("koprogoServices", urls);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    holder[SHARED] = undefined;
    await stop();
  };
}

function announce(line: string): void {
  process.stderr.write(`${line}\n`);
}
