// The box at the end of a start: where to go and who to log in as.
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";

const ACCOUNTS = Type.Array(
  Type.Object({ role: Type.String(), email: Type.String(), password: Type.String() }),
);

export type Account = Static<typeof ACCOUNTS>[number];

export type StartSummary = {
  readonly dashboard: string;
  readonly mqtt: string;
  /** Where Prometheus can ask, by process. */
  readonly metrics: Readonly<Record<string, string>>;
  readonly accounts: readonly Account[];
  readonly notes: readonly string[];
};

/** A frame around the lines; wide enough for the longest, plain enough for any terminal. */
export function summaryBox(summary: StartSummary): string {
  const { accounts } = summary;
  const roleWidth = Math.max(0, ...accounts.map(({ role }) => role.length));
  const emailWidth = Math.max(0, ...accounts.map(({ email }) => email.length));
  const lines = [
    `Dashboard   ${summary.dashboard}`,
    `MQTT        ${summary.mqtt}`,
    ...Object.entries(summary.metrics).map(
      ([name, url], at) => `${(at === 0 ? "Metrics" : "").padEnd(12)}${url} (${name})`,
    ),
    ...(accounts.length === 0 ? [] : ["", "Log in as (role, e-mail, password)"]),
    ...accounts.map(
      ({ role, email, password }) => `  ${role.padEnd(roleWidth)}  ${email.padEnd(emailWidth)}  ${password}`,
    ),
    ...(summary.notes.length === 0 ? [] : ["", ...summary.notes]),
  ];
  const width = Math.max(...lines.map((line) => line.length));
  const edge = "─".repeat(width + 2);
  return [`┌${edge}┐`, ...lines.map((line) => `│ ${line.padEnd(width)} │`), `└${edge}┘`].join("\n");
}

/** The accounts in a message of the demo; a message that holds none, or others, has no accounts to show. */
export function accountsOf(message: Readonly<Record<string, unknown>>): readonly Account[] {
  const { accounts } = message;
  return Value.Check(ACCOUNTS, accounts) ? accounts : [];
}
