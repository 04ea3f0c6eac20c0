// What comes in has several pages; who may use which is the API's rule, repeated here so that nobody is led to a refusal.
import type { User } from "../data/api.ts";
import type { MessageKey } from "../text/messages.ts";

type Role = User["role"];
export type IntakeSection = {
  readonly path: string;
  readonly label: MessageKey;
  readonly roles: readonly Role[];
};

const KEEPERS: readonly Role[] = ["admin", "coordinator"];

export const SECTIONS: readonly IntakeSection[] = [
  { path: "/imports", label: "intake.imports", roles: [...KEEPERS, "manager"] },
  { path: "/unclaimed", label: "intake.unclaimed", roles: KEEPERS },
  { path: "/quarantine", label: "intake.quarantine", roles: KEEPERS },
  { path: "/calorific-values", label: "intake.calorific", roles: KEEPERS },
];

/** Empty for who has nothing to do here. */
export function sectionsFor({ role }: Pick<User, "role">): readonly IntakeSection[] {
  return SECTIONS.filter(({ roles }) => roles.includes(role));
}

export function mayUse(user: Pick<User, "role">, path: string): boolean {
  return sectionsFor(user).some((section) => section.path === path);
}
