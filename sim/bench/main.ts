// `npm run bench [-- LINE…]`: the canonical performance workload, one JSON object a line, each figure beside its reference.
import { migrate } from "#store";
import { startThrowAwayServices } from "#services";
import { createBenchDevices } from "./bench-devices.ts";
import { printLine, progress } from "./bench-line.ts";
import { benchDashboardMix } from "./dashboard-mix.ts";
import { benchMessageRows } from "./message-rows.ts";
import { benchQos1Durable, DEVICE_COUNT } from "./qos1-durable.ts";
import { benchTenderSizing } from "./tender-sizing.ts";

/** What each part is called is how its lines begin. */
const PARTS = ["store", "ingest", "api", "tender"] as const;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !PARTS.some((part) => name.split(".")[0] === part));
if (unknown.length > 0) {
  progress(`No line of the benchmark begins with ${unknown.join(", ")}: ${PARTS.join(", ")}`);
  process.exit(1);
}
const isAsked = (part: (typeof PARTS)[number]) =>
  asked.length === 0 || asked.some((name) => name.split(".")[0] === part);

const services = await startThrowAwayServices({ report: progress });
try {
  await migrate(services.databaseUrl);
  if (isAsked("store")) for (const line of await benchMessageRows(services)) printLine(line);
  if (isAsked("ingest")) {
    const devices = await createBenchDevices(services.databaseUrl, DEVICE_COUNT);
    for await (const line of benchQos1Durable(services, devices)) printLine(line);
  }
  if (isAsked("api")) for await (const line of benchDashboardMix(services)) printLine(line);
  if (isAsked("tender")) for await (const line of benchTenderSizing(services)) printLine(line);
} finally {
  await services.stop();
}
