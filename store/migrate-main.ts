// Brings the database at DATABASE_URL to the newest schema and ends; started before the processes that use it.
import { KoproError } from "#devices/error";
import { readConfig } from "./config.ts";
import { migrate } from "./migrate.ts";

try {
  const config = readConfig(process.env, process.argv.includes("--validate") ? [] : ["DATABASE_URL"]);
  if (!process.argv.includes("--validate") && config.DATABASE_URL !== undefined) {
    const applied = await migrate(config.DATABASE_URL);
    process.stdout.write(`${JSON.stringify({ msg: "migrated", applied })}\n`);
  }
} catch (error) {
  if (!(error instanceof KoproError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
