// The demo's accounts, at least one per role, with random passwords that only its memory knows.
import { randomBytes } from "node:crypto";
import type { Role } from "#devices/vocabulary";
import { ApiFailure, signIn, type ApiClient } from "../portfolio/api-client.ts";
import type { DemoAccount, Memory } from "./memory.ts";

export type AccountPlan = {
  readonly role: Role;
  /** Before the @. */
  readonly name: string;
  readonly organisationId: string;
  readonly buildingIds?: readonly string[];
  readonly unitId?: string;
};

/** Reserved by RFC 2606: no letter ever arrives there. */
const DOMAIN = "demo.koprogo.example";

export const emailOf = (name: string) => `${name}@${DOMAIN}`;

type KnownUser = { readonly id: string; readonly email: string };

/** Creates what is missing, and gives a new password where the remembered one is lost or does not fit. */
export async function ensureAccounts(
  apiUrl: string,
  api: ApiClient,
  memory: Memory,
  plans: readonly AccountPlan[],
): Promise<DemoAccount[]> {
  const users = await api.list<KnownUser>("/v1/users");
  const accounts: DemoAccount[] = [];
  for (const plan of plans) {
    const email = emailOf(plan.name);
    const user = users.find((known) => known.email === email);
    const remembered = memory.content.accounts.find((account) => account.email === email);
    if (user !== undefined && remembered !== undefined && (await fits(apiUrl, remembered))) {
      accounts.push(remembered);
      continue;
    }
    const account = { role: plan.role, email, password: randomBytes(12).toString("base64url") };
    await (user === undefined ? create(api, plan, account) : renew(api, user, account));
    accounts.push(account);
  }
  memory.content.accounts = accounts;
  memory.save();
  return accounts;
}

async function create(api: ApiClient, plan: AccountPlan, { email, password }: DemoAccount): Promise<void> {
  await api.send("POST", "/v1/users", {
    email,
    password,
    role: plan.role,
    organisationId: plan.organisationId,
    ...(plan.buildingIds === undefined ? {} : { buildingIds: plan.buildingIds }),
    ...(plan.unitId === undefined ? {} : { unitId: plan.unitId }),
  });
}

async function renew(api: ApiClient, user: KnownUser, { password }: DemoAccount): Promise<void> {
  await api.send("PATCH", `/v1/users/${user.id}`, { password });
}

async function fits(apiUrl: string, { email, password }: DemoAccount): Promise<boolean> {
  try {
    await signIn(apiUrl, email, password);
    return true;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 401) return false;
    throw error;
  }
}
