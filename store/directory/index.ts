// The directory: organisations, people, buildings, supply points and devices, each query under the viewer's scope.
export { scopeOf, type Page, type PageRequest, type Scope } from "./scope.ts";
export * from "./knowledge.ts";
export * from "./organisations.ts";
export { createAccount, findAccount, listAccounts, seesAll, updateAccount } from "./accounts.ts";
export type { Account, AccountChange, AccountInput, Locale } from "./accounts.ts";
export * from "./sessions.ts";
export * from "./bootstrap.ts";
export * from "./buildings.ts";
export * from "./units.ts";
export * from "./supply-points.ts";
export * from "./contracts.ts";
export * from "./consents.ts";
export {
  changeDevice,
  createDevice,
  findDevice,
  listDevices,
  measuredDeviceIds,
  removeDevice,
} from "./devices.ts";
export { revokeAccess, rotateCredential } from "./device-access.ts";
export type { Device } from "./devices.ts";
export * from "./unclaimed.ts";
export * from "./registers.ts";
export { holdRegisters } from "./hold-registers.ts";
export * from "./load-sources.ts";
export * from "./fault.ts";
