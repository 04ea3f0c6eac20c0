// The words of the API: every schema that a route names.
export * from "./shape.ts";
export * from "./problem.ts";
export * from "./account.ts";
export * from "./building.ts";
export * from "./supply-point.ts";
export * from "./device.ts";
export * from "./unclaimed.ts";
export * from "./command.ts";
export * from "./quarantine.ts";
export * from "./load.ts";
export * from "./health.ts";
export * from "./tender.ts";
export * from "./import.ts";
export * from "./saving.ts";
