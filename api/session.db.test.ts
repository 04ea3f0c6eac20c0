// Signing in and out, CSRF, invitations, API tokens, and the last administrator.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN_EMAIL, PASSWORD, createdId, testApi, type TestApi } from "./test-api.ts";

let api: TestApi;
let admin: string;
let nowMs = Date.UTC(2026, 0, 15, 12);

beforeAll(async () => {
  api = await testApi({ time: { now: () => nowMs } });
  admin = await api.signIn(ADMIN_EMAIL);
});
afterAll(() => api.stop());

test("signing in answers a token, the user and an HttpOnly, SameSite=Strict cookie", async () => {
  const response = await api.ask("POST", "/v1/session", {
    body: { email: "ADMIN@koprogo.example", password: PASSWORD },
  });
  expect(response.statusCode).toBe(201);
  expect(response.json()).toMatchObject({
    token: expect.stringMatching(/^kps_[\w-]{43}$/),
    csrfToken: expect.stringMatching(/^[\w-]{43}$/),
    expiresAt: "2026-01-29T12:00:00.000Z",
    user: { email: ADMIN_EMAIL, role: "admin", state: "active" },
  });
  const cookie = String(response.headers["set-cookie"]);
  expect(cookie).toContain("HttpOnly");
  expect(cookie).toContain("SameSite=Strict");
  expect(cookie).not.toContain("Secure");
  expect(response.body).not.toContain("argon2");
});

test("behind https the cookie is Secure", async () => {
  const response = await api.ask("POST", "/v1/session", {
    body: { email: ADMIN_EMAIL, password: PASSWORD },
    headers: { "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7" },
  });
  expect(String(response.headers["set-cookie"])).toContain("Secure");
});

test("the token is nowhere in the database", async () => {
  const { rows } = await api.pool.query<{ text: string }>("select session::text as text from session");
  for (const { text } of rows) expect(text).not.toContain(admin);
});

test("a wrong password and an unknown e-mail address answer the same", async () => {
  const wrong = await api.ask("POST", "/v1/session", { body: { email: ADMIN_EMAIL, password: "wrong" } });
  const unknown = await api.ask("POST", "/v1/session", {
    body: { email: "nobody@koprogo.example", password: "wrong" },
  });
  expect(wrong.statusCode).toBe(401);
  expect(unknown.body).toBe(wrong.body);
  expect(wrong.json()).toMatchObject({ code: "credential_unknown", status: 401 });
});

test("guessing gets slower: after five attempts the next must wait, longer each time, and a success forgets", async () => {
  const attempt = (password: string) =>
    api.ask("POST", "/v1/session", {
      body: { email: ADMIN_EMAIL, password },
      headers: { "x-forwarded-for": "198.51.100.9" },
    });
  for (let count = 0; count < 5; count++) expect((await attempt("wrong")).statusCode).toBe(401);
  const refused = await attempt(PASSWORD);
  expect(refused.statusCode).toBe(429);
  expect(refused.json()).toMatchObject({ code: "too_many_requests" });
  expect(refused.headers["retry-after"]).toBe("1");
  nowMs += 1000;
  expect((await attempt("wrong")).statusCode).toBe(401);
  expect((await attempt("wrong")).headers["retry-after"]).toBe("2");
  nowMs += 2000;
  expect((await attempt(PASSWORD)).statusCode).toBe(201);
  expect((await attempt("wrong")).statusCode).toBe(401);
});

test("with the cookie a change needs the CSRF token; reading does not; a bearer token needs none", async () => {
  const login = await api.ask("POST", "/v1/session", { body: { email: ADMIN_EMAIL, password: PASSWORD } });
  const { token, csrfToken } = login.json<{ token: string; csrfToken: string }>();
  const cookie = `koprogo_session=${token}`;
  const body = { name: "from the dashboard" };
  expect((await api.ask("GET", "/v1/session", { headers: { cookie } })).json()).toMatchObject({ csrfToken });
  for (const headers of [{ cookie }, { cookie, "x-csrf-token": "guess" }]) {
    const refused = await api.ask("POST", "/v1/organisations", { body, headers });
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({ code: "csrf_missing" });
  }
  const headers = { cookie, "x-csrf-token": csrfToken };
  expect((await api.ask("POST", "/v1/organisations", { body, headers })).statusCode).toBe(201);
  expect((await api.ask("POST", "/v1/organisations", { body, token })).statusCode).toBe(201);
});

test("signing out ends the session at once; an expired one is unknown", async () => {
  const token = await api.signIn(ADMIN_EMAIL);
  expect((await api.ask("DELETE", "/v1/session", { token })).statusCode).toBe(204);
  expect((await api.ask("GET", "/v1/session", { token })).json()).toMatchObject({
    code: "credential_unknown",
  });
  const later = await api.signIn(ADMIN_EMAIL);
  nowMs += 14 * 86_400_000;
  expect((await api.ask("GET", "/v1/session", { token: later })).statusCode).toBe(401);
  admin = await api.signIn(ADMIN_EMAIL);
});

test("an API token has the rights of its account until it is revoked or expires", async () => {
  const created = await api.ask("POST", "/v1/tokens", {
    token: admin,
    body: { name: "export", expiresAt: new Date(nowMs + 3_600_000).toISOString() },
  });
  expect(created.statusCode).toBe(201);
  const { token, id } = created.json<{ token: string; id: string }>();
  expect(token).toMatch(/^kpt_/);
  expect((await api.ask("GET", "/v1/users", { token })).statusCode).toBe(200);
  const list = await api.ask("GET", "/v1/tokens", { token: admin });
  expect(list.json()).toMatchObject({ items: [{ id, name: "export", lastUsedAt: expect.any(String) }] });
  expect(list.body).not.toContain(token);
  expect((await api.ask("DELETE", `/v1/tokens/${id}`, { token: admin })).statusCode).toBe(204);
  expect((await api.ask("DELETE", `/v1/tokens/${id}`, { token: admin })).statusCode).toBe(404);
  expect((await api.ask("GET", "/v1/users", { token })).statusCode).toBe(401);
});

test("an invitation sets the password once, by its token alone", async () => {
  const invited = await api.ask("POST", "/v1/users", {
    token: admin,
    body: { email: "New@Koprogo.Example", role: "coordinator" },
  });
  const id = createdId(invited);
  const { invitation } = invited.json<{ invitation: { token: string; path: string } }>();
  expect(invited.json()).toMatchObject({ email: "new@koprogo.example", state: "invited" });
  expect(invitation.path).toBe(`/invitation#${invitation.token}`);

  const accept = () =>
    api.ask("POST", "/v1/invitations/accept", { body: { token: invitation.token, password: PASSWORD } });
  const accepted = await accept();
  expect(accepted.statusCode).toBe(201);
  expect(accepted.json()).toMatchObject({ user: { id, state: "active" } });
  expect((await accept()).statusCode).toBe(401);
  expect(await api.signIn("new@koprogo.example")).toMatch(/^kps_/);
});

test("a second account with the same e-mail address is refused with a stable code", async () => {
  const again = await api.ask("POST", "/v1/users", {
    token: admin,
    body: { email: ADMIN_EMAIL, role: "admin" },
  });
  expect(again.statusCode).toBe(409);
  expect(again.json()).toMatchObject({ code: "already_exists" });
});

test("the last administrator can neither be disabled nor demoted", async () => {
  const me = (await api.ask("GET", "/v1/session", { token: admin })).json<{ user: { id: string } }>().user.id;
  for (const response of [
    await api.ask("DELETE", `/v1/users/${me}`, { token: admin }),
    await api.ask("PATCH", `/v1/users/${me}`, { token: admin, body: { role: "supplier" } }),
  ]) {
    expect(response.statusCode).toBe(409);
    expect(response.json()).toMatchObject({ code: "state_forbidden" });
  }
});

test("nobody but an administrator sets the password of another's account", async () => {
  const keeper = { email: "keeper@koprogo.example", role: "coordinator", password: PASSWORD };
  createdId(await api.ask("POST", "/v1/users", { token: admin, body: keeper }));
  const token = await api.signIn(keeper.email);
  const body = { email: "puppet@koprogo.example", role: "supplier", password: PASSWORD };
  expect((await api.ask("POST", "/v1/users", { token, body })).json()).toMatchObject({ code: "forbidden" });
});

test("disabling a user ends the sessions; a new password ends the others, and every API token", async () => {
  const body = { email: "leaver@koprogo.example", role: "supplier", password: PASSWORD };
  const id = createdId(await api.ask("POST", "/v1/users", { token: admin, body }));
  const first = await api.signIn(body.email);
  const second = await api.signIn(body.email);
  const made = await api.ask("POST", "/v1/tokens", { token: first, body: { name: "script" } });
  const { token: apiToken } = made.json<{ token: string }>();
  expect((await api.ask("GET", "/v1/tokens", { token: apiToken })).statusCode).toBe(200);
  const changed = await api.ask("PATCH", `/v1/users/${id}`, {
    token: second,
    body: { password: `${PASSWORD}!` },
  });
  expect(changed.statusCode).toBe(200);
  expect((await api.ask("GET", "/v1/session", { token: first })).statusCode).toBe(401);
  expect((await api.ask("GET", "/v1/tokens", { token: apiToken })).statusCode).toBe(401);
  expect((await api.ask("GET", "/v1/session", { token: second })).statusCode).toBe(200);
  expect((await api.ask("DELETE", `/v1/users/${id}`, { token: admin })).statusCode).toBe(204);
  expect((await api.ask("GET", "/v1/session", { token: second })).statusCode).toBe(401);
  expect((await api.ask("GET", `/v1/users/${id}`, { token: admin })).json()).toMatchObject({
    state: "disabled",
  });
});
