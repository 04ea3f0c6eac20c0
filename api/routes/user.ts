// Users: who they are, what they may look after, and inviting them.
import { KoproError } from "#devices/error";
import { DAY_MS } from "#devices/time";
import type { Role } from "#devices/vocabulary";
import {
  createAccount,
  endOtherCredentials,
  findAccount,
  inTransaction,
  listAccounts,
  seesAll,
  updateAccount,
  type Account,
  type AccountChange,
  type Scope,
} from "#store";
import { EVERYONE, found, idOf, notFound, viewerOf } from "../access.ts";
import { identifierIn, invalid, listed, pageRequest } from "../identifier.ts";
import { hashPassword } from "../password.ts";
import {
  CreatedUser,
  NewUser,
  Nothing,
  PAGE,
  User,
  UserList,
  UserPatch,
  query,
  ref,
} from "../schemas/index.ts";
import { hashOf, newSecret } from "../secret.ts";
import type { Api, Services } from "../services.ts";

const INVITATION_MS = 14 * DAY_MS;
const KEEPERS: readonly Role[] = ["admin", "coordinator"];

export function userRoutes(app: Api, services: Services): void {
  const { pool } = services;

  app.get(
    "/v1/users",
    {
      config: { access: { roles: KEEPERS } },
      schema: {
        summary: "Users",
        tags: ["Users"],
        querystring: query(PAGE),
        response: { 200: ref(UserList) },
      },
    },
    async (request) => {
      const page = await listAccounts(pool, viewerOf(request).scope, pageRequest(request.query));
      return listed(page, presentUser);
    },
  );

  app.post(
    "/v1/users",
    {
      config: { access: { roles: KEEPERS } },
      schema: {
        summary: "Create a user; without a password, invite",
        tags: ["Users"],
        body: ref(NewUser),
        response: { 201: ref(CreatedUser) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { body } = request;
      const attached = {
        organisationId:
          body.organisationId === undefined
            ? scope.organisationId
            : identifierIn(body.organisationId, "/organisationId"),
        buildingIds: buildingIdsOf(body.buildingIds ?? []),
        unitId: unitIdOf(body.unitId ?? null),
        role: body.role,
      };
      await refuseUnseen(pool, scope, attached);
      // Whoever knows the password of another's account reads what only that person may.
      if (body.password !== undefined && scope.role !== "admin") {
        throw new KoproError(
          "forbidden",
          "Only an administrator sets a password; without one, the user is invited.",
        );
      }
      const token = newSecret("invitation");
      const expiresAtMs = scope.atMs + INVITATION_MS;
      const invited = body.password === undefined;
      const passwordHash = body.password === undefined ? null : await hashPassword(body.password);
      const account = await inTransaction(pool, async (client) => {
        const id = await createAccount(client, scope, {
          ...attached,
          email: body.email,
          locale: body.locale ?? "fr",
          passwordHash,
          invitation: invited ? { hash: hashOf(token), expiresAtMs } : null,
        });
        return found(await findAccount(client, scope, id));
      });
      void reply.code(201);
      return {
        ...presentUser(account),
        ...(invited ? { invitation: presentInvitation(token, expiresAtMs) } : {}),
      };
    },
  );

  app.get(
    "/v1/users/:id",
    {
      config: { access: { roles: EVERYONE, sees: ["account", "id"] } },
      schema: { summary: "One user", tags: ["Users"], response: { 200: ref(User) } },
    },
    async (request) => presentUser(found(await findAccount(pool, viewerOf(request).scope, idOf(request)))),
  );

  app.patch(
    "/v1/users/:id",
    {
      config: { access: { roles: EVERYONE, sees: ["account", "id"] } },
      schema: {
        summary: "Change a user; of oneself, everybody may change locale and password",
        tags: ["Users"],
        body: ref(UserPatch),
        response: { 200: ref(User) },
      },
    },
    async (request) => {
      const viewer = viewerOf(request);
      const { scope } = viewer;
      const account = found(await findAccount(pool, scope, idOf(request)));
      const { body } = request;
      refuseUnowned(scope, account, Object.keys(body));
      const change: AccountChange = {
        role: body.role ?? account.role,
        organisationId:
          body.organisationId === undefined
            ? account.organisationId
            : identifierIn(body.organisationId, "/organisationId"),
        buildingIds: body.buildingIds === undefined ? account.buildingIds : buildingIdsOf(body.buildingIds),
        unitId: body.unitId === undefined ? account.unitId : unitIdOf(body.unitId),
        locale: body.locale ?? account.locale,
        passwordHash: body.password === undefined ? undefined : await hashPassword(body.password),
        disabled: body.disabled ?? account.state === "disabled",
      };
      if (attaches(body)) await refuseUnseen(pool, scope, change);
      return inTransaction(pool, async (client) => {
        acknowledge(await updateAccount(client, scope, account.id, change));
        if (body.password !== undefined || change.disabled) {
          const keep = account.id === scope.accountId ? viewer.tokenHash : undefined;
          await endOtherCredentials(client, account.id, keep);
        }
        return presentUser(found(await findAccount(client, scope, account.id)));
      });
    },
  );

  app.delete(
    "/v1/users/:id",
    {
      config: { access: { roles: KEEPERS, sees: ["account", "id"] } },
      schema: {
        summary: "Disable a user and end the sessions; what they signed stays in the ledgers",
        tags: ["Users"],
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      await inTransaction(pool, async (client) => {
        const account = found(await findAccount(client, scope, idOf(request)));
        const change = { ...account, passwordHash: undefined, disabled: true };
        acknowledge(await updateAccount(client, scope, account.id, change));
        await endOtherCredentials(client, account.id, undefined);
      });
      return reply.code(204).send(null);
    },
  );
}

export function presentUser(account: Account) {
  return {
    id: String(account.id),
    email: account.email,
    role: account.role,
    organisationId: String(account.organisationId),
    buildingIds: account.buildingIds.map(String),
    unitId: account.unitId === null ? null : String(account.unitId),
    locale: account.locale,
    state: account.state,
    createdAt: account.createdAt.toISOString(),
  };
}

function presentInvitation(token: string, expiresAtMs: number) {
  // In the fragment, which browsers do not send: it stays out of logs and referrers.
  return { token, path: `/invitation#${token}`, expiresAt: new Date(expiresAtMs).toISOString() };
}

function buildingIdsOf(ids: readonly string[]): number[] {
  return ids.map((id, index) => identifierIn(id, `/buildingIds/${index}`));
}

function unitIdOf(id: string | null): number | null {
  return id === null ? null : identifierIn(id, "/unitId");
}

type Attached = Pick<AccountChange, "organisationId" | "buildingIds" | "unitId" | "role">;

/** Nobody gives more than they have: neither a role above their own, nor a building that they do not see. */
async function refuseUnseen(pool: Services["pool"], scope: Scope, attached: Attached): Promise<void> {
  if (attached.role === "admin" && scope.role !== "admin") {
    throw new KoproError("forbidden", "Only an administrator makes administrators.");
  }
  if (attached.role === "resident" && attached.unitId === null)
    throw invalid("/unitId", "a resident needs a unit");
  if (attached.role !== "manager" && attached.buildingIds.length > 0) {
    throw invalid("/buildingIds", "only a manager looks after buildings");
  }
  if (!(await seesAll(pool, scope, attached))) {
    throw invalid("", "the organisation, a building or the unit is not known");
  }
}

/** Oneself: locale and password. Others: everything but the password, which only an administrator sets. */
function refuseUnowned(scope: Scope, account: Account, members: readonly string[]): void {
  if (scope.role === "admin") return;
  const isSelf = account.id === scope.accountId;
  const own = isSelf ? ["locale", "password"] : [];
  const kept =
    KEEPERS.includes(scope.role) && !isSelf ? ["role", "buildingIds", "unitId", "locale", "disabled"] : [];
  const beyond = members.filter((member) => ![...own, ...kept].includes(member));
  if (beyond.length > 0)
    throw new KoproError("forbidden", `You may not change ${beyond.join(", ")} of this user.`);
}

function attaches(body: object): boolean {
  return ["role", "organisationId", "buildingIds", "unitId"].some((member) => member in body);
}

function acknowledge(result: "changed" | "last_administrator" | "unknown"): void {
  if (result === "unknown") throw notFound();
  if (result === "last_administrator") {
    throw new KoproError("state_forbidden", "This is the last administrator; make another one first.");
  }
}
