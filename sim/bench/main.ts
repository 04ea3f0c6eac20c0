// `npm run bench [-- LINE…]`: the canonical performance workload, one JSON object a line, each figure beside its reference.
import { migrate } from "#store";
import { startThrowAwayServices } from "#services";
import { printLine, progress } from "./bench-line.ts";
import { benchDashboardMix } from "./dashboard-mix.ts";
import { benchIngest, benchIngestSoak } from "./ingest-lines.ts";
import { benchMessageRows } from "./message-rows.ts";
import { benchReconnectStorm } from "./reconnect-storm.ts";
import { benchTenderSizing } from "./tender-sizing.ts";

/** What each part is called is how its lines begin; the soak takes ten minutes, so it runs only by its name. */
const PARTS = ["store", "ingest", "door", "api", "tender", "soak"] as const;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !PARTS.some((part) => name.split(".")[0] === part));
if (unknown.length > 0) {
  progress(`No line of the benchmark begins with ${unknown.join(", ")}: ${PARTS.join(", ")}`);
  process.exit(1);
}
/** A part or a line: `ingest`, `ingest.latency_p99`. */
const isAsked = (line: string): boolean =>
  asked.length === 0 || asked.some((name) => line.startsWith(name) || name.startsWith(`${line}.`));

const services = await startThrowAwayServices({ report: progress });
try {
  await migrate(services.databaseUrl);
  if (isAsked("store")) for (const line of await benchMessageRows(services)) printLine(line);
  for await (const line of benchIngest(services, isAsked)) printLine(line);
  if (isAsked("door")) for await (const line of benchReconnectStorm(services)) printLine(line);
  if (isAsked("api")) for await (const line of benchDashboardMix(services)) printLine(line);
  if (isAsked("tender")) for await (const line of benchTenderSizing(services)) printLine(line);
  if (asked.includes("soak")) printLine(await benchIngestSoak(services));
} finally {
  await services.stop();
}
