// `npm run bench`: the canonical performance workload, one JSON object a line, each figure beside its reference.
import { migrate } from "#store";
import { startThrowAwayServices } from "#services";
import { createBenchDevices } from "./bench-devices.ts";
import { printLine, progress } from "./bench-line.ts";
import { benchDashboardMix } from "./dashboard-mix.ts";
import { benchMessageRows } from "./message-rows.ts";
import { benchQos1Durable, DEVICE_COUNT } from "./qos1-durable.ts";
import { benchTenderSizing } from "./tender-sizing.ts";

const services = await startThrowAwayServices({ report: progress });
try {
  await migrate(services.databaseUrl);
  for (const line of await benchMessageRows(services)) printLine(line);
  const devices = await createBenchDevices(services.databaseUrl, DEVICE_COUNT);
  for await (const line of benchQos1Durable(services, devices)) printLine(line);
  for await (const line of benchDashboardMix(services)) printLine(line);
  for await (const line of benchTenderSizing(services)) printLine(line);
} finally {
  await services.stop();
}
