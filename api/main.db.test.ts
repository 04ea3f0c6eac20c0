// The process itself, under plain Node: it says when it is ready, makes the first administrator, and stops in time.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { freshDatabase } from "#testing";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const ADMIN = { email: "first@koprogo.example", password: "twelve characters" };

function start(env: Record<string, string>, ...args: string[]) {
  const child = fork(MAIN, args, { env: { PATH: process.env["PATH"], ...env }, silent: true });
  let output = "";
  child.stdout?.on("data", (bytes: Buffer) => (output += bytes.toString()));
  child.stderr?.on("data", (bytes: Buffer) => (output += bytes.toString()));
  return { child, output: () => output };
}

test("it is ready with an address, knows its administrator, and ends within five seconds though a stream is open", async () => {
  const database = await freshDatabase();
  const env = {
    DATABASE_URL: database.url,
    HTTP_PORT: "0",
    KOPROGO_ADMIN_EMAIL: ADMIN.email,
    KOPROGO_ADMIN_PASSWORD: ADMIN.password,
  };
  const { child, output } = start(env);
  const [ready] = (await once(child, "message")) as [{ ready: boolean; http: string }];
  expect(ready).toEqual({ ready: true, http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });

  const post = (path: string, body: object, token?: string) =>
    fetch(ready.http + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
  const { token } = (await (await post("/v1/session", ADMIN)).json()) as { token: string };
  const building = {
    name: "b",
    address: "a",
    postalCode: "1",
    country: "BE",
    region: "BE-WAL",
    dwellings: 1,
  };
  const { id } = (await (await post("/v1/buildings", building, token)).json()) as { id: string };
  const stream = await fetch(`${ready.http}/v1/buildings/${id}/live`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(stream.status).toBe(200);

  const startedMs = performance.now();
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(5000);
  expect(await stream.text()).toContain("retry:");
  expect(output()).toContain('"msg":"ready"');
  expect(output()).not.toContain(ADMIN.password);
  await database.drop();
});

test("--validate names every wrong variable and starts nothing", async () => {
  const { child, output } = start({ HTTP_PORT: "many", LOG_LEVEL: "loud" }, "--validate");
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(1);
  for (const name of ["DATABASE_URL", "HTTP_PORT", "LOG_LEVEL"]) expect(output()).toContain(name);
  expect(output()).not.toContain("at file:");
});

test("a database that is away is one sentence, not a stack trace", async () => {
  const { child, output } = start({
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
    KOPROGO_ADMIN_EMAIL: ADMIN.email,
    KOPROGO_ADMIN_PASSWORD: ADMIN.password,
  });
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(1);
  expect(output()).toBe("api: The database cannot be reached.\n");
});
