// `npm run bench [-- NAME…]`: the canonical performance workload, one JSON object a line, each figure beside its reference.
import { createSeparateDatabase, migrate } from "#store";
import { startThrowAwayServices } from "#services";
import type { BenchServices } from "./bench-broker.ts";
import { printLine, progress, type BenchLine } from "./bench-line.ts";
import { benchDashboardMix } from "./dashboard-mix.ts";
import { benchDecodeFamilies } from "./decode-families.ts";
import { benchImportYears } from "./import-years.ts";
import { benchIngest, benchIngestSoak, INGEST_LINES } from "./ingest-lines.ts";
import { benchMessageRows } from "./message-rows.ts";
import { benchReconnectStorm } from "./reconnect-storm.ts";
import { benchRegistered, REGISTERED_LONG, REGISTERED_SHORT } from "./registered.ts";
import { benchSustained, SUSTAINED_LONG, SUSTAINED_SHORT, type Sustained } from "./sustained.ts";
import { benchTenderSizing } from "./tender-sizing.ts";

type Part = {
  /** How its lines begin. */
  readonly name: string;
  /** Takes long: runs only by its whole name. */
  readonly onlyByName?: true;
} & (
  | { readonly run: (services: BenchServices) => AsyncIterable<BenchLine> }
  /** Needs neither database nor broker. */
  | { readonly runAlone: () => Iterable<BenchLine> }
);

const PARTS: readonly Part[] = [
  { name: "decode", runAlone: benchDecodeFamilies },
  { name: "store.message_rows", run: each(benchMessageRows) },
  ...INGEST_LINES.map((line) => ({
    name: line.name,
    run: (services: BenchServices) => benchIngest(services, line),
  })),
  { name: "ingest.reconnect_storm", run: benchReconnectStorm },
  { name: "ingest.soak", run: each(async (services) => [await benchIngestSoak(services)]), onlyByName: true },
  ...SUSTAINED_SHORT.map(sustained),
  ...SUSTAINED_LONG.map((line) => ({ ...sustained(line), onlyByName: true as const })),
  {
    name: REGISTERED_SHORT.name,
    run: (services: BenchServices) => benchRegistered(services, REGISTERED_SHORT),
  },
  {
    name: REGISTERED_LONG.name,
    run: alone((services) => benchRegistered(services, REGISTERED_LONG)),
    onlyByName: true,
  },
  { name: "import.ten_years", run: each(() => benchImportYears()) },
  { name: "api.dashboard_mix", run: benchDashboardMix },
  { name: "tender.sizing", run: benchTenderSizing },
];

function sustained(line: Sustained) {
  return { name: line.name, run: alone((services) => benchSustained(services, line)) };
}

/** In a database of its own: with an administrator of its own, and nobody else's readings to roll up. */
function alone(run: (services: BenchServices) => AsyncIterable<BenchLine>) {
  return async function* (services: BenchServices): AsyncGenerator<BenchLine> {
    const database = await createSeparateDatabase(services.databaseUrl, "alone");
    try {
      yield* run({ ...services, databaseUrl: database.url });
    } finally {
      await database.drop();
    }
  };
}

/** `ingest` asks for all whose name begins so, `decode.senml` for the part that has this line. */
function asks(asked: string, part: Part): boolean {
  if (part.onlyByName === true) return asked === part.name;
  return part.name.startsWith(asked) || ("runAlone" in part && asked.startsWith(`${part.name}.`));
}

const asked = process.argv.slice(2);
const unknown = asked.filter((wanted) => !PARTS.some((part) => asks(wanted, part)));
if (unknown.length > 0) {
  const names = PARTS.map(({ name }) => name).join(", ");
  progress(`No line of the benchmark begins with ${unknown.join(", ")}. There are ${names}.`);
  process.exit(1);
}
const parts = PARTS.filter((part) =>
  asked.length === 0 ? part.onlyByName !== true : asked.some((wanted) => asks(wanted, part)),
);

for (const part of parts) {
  if (!("runAlone" in part)) continue;
  for (const line of part.runAlone()) if (asksLine(line)) printLine(line);
}
const served = parts.flatMap((part) => ("run" in part ? [part] : []));
if (served.length > 0) {
  const services = await startThrowAwayServices({ report: progress });
  try {
    await migrate(services.databaseUrl);
    for (const part of served) for await (const line of part.run(services)) printLine(line);
  } finally {
    await services.stop();
  }
}

/** Of a part that was asked for by the names of its lines, only those. */
function asksLine({ name }: BenchLine): boolean {
  return asked.length === 0 || asked.some((wanted) => name.startsWith(wanted));
}

function each(
  lines: (services: BenchServices) => Promise<readonly BenchLine[]>,
): (services: BenchServices) => AsyncIterable<BenchLine> {
  return async function* (services) {
    yield* await lines(services);
  };
}
