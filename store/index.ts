// The database as everyone else sees it.
export * from "./pool.ts";
export * from "./pipeline-store.ts";
export { postgresStore } from "./postgres-store.ts";
export * from "./migrate.ts";
export * from "./durability.ts";
export * from "./metrics/index.ts";
export * from "./readings/index.ts";
export * from "./profiles/index.ts";
export * from "./directory/index.ts";
export * from "./quarantine/index.ts";
export * from "./rulings/index.ts";
export * from "./commands/index.ts";
export * from "./imports/index.ts";
export * from "./tenders/index.ts";
export * from "./effects/index.ts";
export * from "./calorific/index.ts";
export * from "./estimates/index.ts";
export * from "./connectors/index.ts";
