// Whom the API answers about the steps of a register, and who may rule on them.

export function mayLook(role: string): boolean {
  return mayRule(role) || role === "manager";
}

export function mayRule(role: string): boolean {
  return role === "admin" || role === "coordinator";
}
