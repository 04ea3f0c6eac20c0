// What bad requests get: problem+json with a stable code, never a stack trace, never a success.
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import pino from "pino";
import { DAY_MS } from "#devices/time";
import { openPool } from "#store";
import { createApi } from "./server.ts";
import { ADMIN_EMAIL, building, createdId, testApi, type TestApi } from "./test-api.ts";
import { CALL } from "./test-tender.ts";

let api: TestApi;
let token: string;

beforeAll(async () => {
  api = await testApi();
  token = await api.signIn(ADMIN_EMAIL);
});
afterAll(() => api.stop());

const json = { "content-type": "application/json" };
const post = (payload: string, headers: Record<string, string> = json) =>
  api.app.inject({
    method: "POST",
    url: "/v1/buildings",
    headers: { authorization: `Bearer ${token}`, ...headers },
    payload,
  });

test.each([
  ["JSON that is cut off", `{"name": "Rés`, "request_invalid", 400],
  ["no body", "", "request_invalid", 400],
  ["a list for an object", "[]", "request_invalid", 400],
  ["a null", "null", "request_invalid", 400],
  ["a poisoned prototype", `{"__proto__": {"admin": true}}`, "request_invalid", 400],
  ["300 kB", JSON.stringify({ name: "x".repeat(300_000) }), "payload_too_large", 413],
  ["100,000 nested lists", "[".repeat(100_000) + "]".repeat(100_000), "request_invalid", 400],
])("%s", async (_name, payload, code, status) => {
  const response = await post(payload);
  expect(response.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  expect(response.json()).toMatchObject({ type: "about:blank", status, code, title: expect.any(String) });
  expect(response.body).not.toMatch(/node_modules|\.ts:|SyntaxError/);
});

test("a form or plain text is no JSON", async () => {
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
    const response = await post("name=x", { "content-type": type });
    expect(response.json(), type).toMatchObject({ status: 415, code: "media_type_unsupported" });
  }
});

test.each([
  ["a member of the wrong type is not converted", { ...building, dwellings: "12" }, "/dwellings"],
  ["a member that nobody knows", { ...building, owner: "me" }, "/owner"],
  ["a member that is missing", { ...building, name: undefined }, "/name"],
  ["a NUL, which the database cannot store", { ...building, name: "a\u0000b" }, "/name"],
  ["a region of another country", { ...building, region: "FR" }, "/region"],
  ["a zone that does not exist", { ...building, timezone: "Europe/Atlantis" }, "/timezone"],
  ["an offset for a zone", { ...building, timezone: "+01:00" }, "/timezone"],
  ["a number that is none", { ...building, heatedAreaM2: -1 }, "/heatedAreaM2"],
  ["an organisation that is not there", { ...building, organisationId: "4000000000" }, "/organisationId"],
])("%s is named by its pointer", async (_name, body, pointer) => {
  const response = await post(JSON.stringify(body));
  expect(response.json()).toMatchObject({ status: 400, code: "request_invalid" });
  const { errors } = response.json<{ errors: { pointer: string }[] }>();
  expect(errors.map((error) => error.pointer)).toContain(pointer);
});

async function draftTender(): Promise<string> {
  const deadlineMs = performance.timeOrigin + performance.now() + 30 * DAY_MS;
  const deliveryStart = `${new Date(deadlineMs).getUTCFullYear() + 1}-07-01`;
  const call = { ...CALL, bidDeadline: new Date(deadlineMs).toISOString(), deliveryStart, draft: true };
  return createdId(await api.ask("POST", "/v1/tenders", { token, body: call }));
}

test.each([
  ["a building's name", "/v1/buildings", { ...building, name: "half \ud800" }, "/name"],
  ["a tender's name", "/v1/tenders", { name: "\udc00 half", carrier: "electricity" }, "/name"],
  ["a reason to cancel", "/v1/tenders/{draft}/cancel", { reason: "a\ud83db" }, "/reason"],
  ["something deep inside", "/v1/buildings", { a: [{ "b/c": ["\ud83d\ude00", "\udfff"] }] }, "/a/0/b~1c/1"],
  ["a member's name", "/v1/buildings", { a: { "\ud800": 1 } }, "/a"],
])("half of a character in %s is named, whatever the route", async (_name, url, body, pointer) => {
  const at = url.includes("{draft}") ? url.replace("{draft}", await draftTender()) : url;
  const response = await api.ask("POST", at, { token, body });
  expect(response.json()).toMatchObject({ status: 400, code: "request_invalid", errors: [{ pointer }] });
  expect(response.json<{ detail: string }>().detail).toContain("half of a character");
});

test("whole characters as escapes, and escapes that are only written about, are text like any other", async () => {
  for (const name of ["\\ud83d\\ude00", "\\\\ud800"]) {
    const payload = JSON.stringify({ ...building, name: "…" }).replace("…", name);
    expect((await post(payload)).json(), name).not.toMatchObject({ errors: [{ pointer: "/name" }] });
  }
});

test("bytes that are not UTF-8 are refused, not replaced", async () => {
  const payload = Buffer.concat([Buffer.from('{"name": "R'), Buffer.from([0xe9]), Buffer.from('s"}')]);
  const response = await api.app.inject({
    method: "POST",
    url: "/v1/buildings",
    headers: { authorization: `Bearer ${token}`, ...json },
    payload,
  });
  expect(response.json()).toMatchObject({ code: "request_invalid", detail: "The body is not UTF-8 text." });
});

test("an identifier that cannot be one is simply not found", async () => {
  for (const id of [
    "abc",
    "0",
    "-1",
    "1.5",
    "007",
    "99999999999",
    "2147483648",
    "%00",
    "'",
    "x".repeat(90),
  ]) {
    const response = await api.ask("GET", `/v1/buildings/${id}`, { token });
    expect(response.json(), id).toMatchObject({ status: 404, code: "not_found" });
  }
  expect(
    (await api.ask("GET", `/v1/buildings/${"1".repeat(5000)}`, { token })).statusCode,
  ).toBeGreaterThanOrEqual(400);
  expect((await api.ask("GET", "/v1/buildings/%E0%A4%A", { token })).json()).toMatchObject({
    code: "request_invalid",
  });
});

test("a query is converted from text, and what it cannot be is named", async () => {
  expect((await api.ask("GET", "/v1/buildings?limit=5", { token })).statusCode).toBe(200);
  for (const query of ["limit=0", "limit=many", "limit=1001", "page=2", "cursor=!!", "limit=1&limit=2"]) {
    expect((await api.ask("GET", `/v1/buildings?${query}`, { token })).json(), query).toMatchObject({
      status: 400,
      code: "request_invalid",
    });
  }
});

test("an unknown address is 404, a known one with the wrong method 405 with what it allows", async () => {
  expect((await api.ask("GET", "/v1/nothing", { token })).json()).toMatchObject({
    status: 404,
    code: "not_found",
  });
  const response = await api.ask("PUT", "/v1/buildings/1", { token });
  expect(response.json()).toMatchObject({ status: 405, code: "method_not_allowed" });
  expect(response.headers["allow"]).toBe("GET, HEAD, PATCH");
});

test("a browser that asks for a page gets the dashboard or one plain sentence, never a 404 of the API", async () => {
  const page = await api.ask("GET", "/buildings/17", { headers: { accept: "text/html,*/*" } });
  expect(page.statusCode).toBe(200);
  expect(String(page.headers["content-security-policy"])).toContain("default-src 'self'");
  const asset = await api.ask("GET", "/assets/gone.js", { headers: { accept: "text/html" } });
  expect(asset.statusCode).toBe(404);
});

test("what is not HTTP at all gets a refusal of the protocol and no crash", async () => {
  const url = new URL(await api.listen({ host: "127.0.0.1", port: 0 }));
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => socket.write("NONSENSE\r\n\r\n"));
    let text = "";
    socket.on("data", (bytes) => (text += bytes.toString()));
    socket.on("end", () => resolve(text)).on("error", reject);
  });
  expect(answer).toContain("400 Bad Request");
  expect(answer).toContain("application/problem+json");
  expect((await fetch(new URL("/health/live", url))).status).toBe(200);
});

test("with the database away every route says so, and readiness names what is missing", async () => {
  const pool = openPool("postgres://nobody@127.0.0.1:1/none", { applicationName: "koprogo-api-test" });
  const lost = await createApi({
    pool,
    redisUrl: undefined,
    config: { KOPROGO_COHORT_MIN: 3 },
    time: { now: () => 0 },
    log: pino({ level: "silent" }),
  });
  const ready = await lost.app.inject("/health/ready");
  expect(ready.json()).toMatchObject({
    status: 503,
    code: "dependency_missing",
    missing: ["postgresql", "redis"],
  });
  const login = await lost.app.inject({
    method: "POST",
    url: "/v1/session",
    payload: { email: ADMIN_EMAIL, password: "x" },
  });
  expect(login.json()).toMatchObject({ status: 503, code: "dependency_missing" });
  expect((await lost.app.inject("/health/live")).statusCode).toBe(200);
  await lost.close();
  await pool.end();
});

test("without Redis the process is degraded but serves", async () => {
  const ready = await api.ask("GET", "/health/ready");
  expect(ready.statusCode).toBe(200);
  expect(ready.json()).toEqual({ status: "degraded", missing: ["redis"] });
});
