// A year of history for the demo's supply points, brought as their grid operator's files through the API.
import { DAY_MS, HOUR_MS, QUARTER_MS, SECOND_MS } from "#devices/time";
import { pause } from "../devices/telling.ts";
import type { ApiClient } from "../portfolio/api-client.ts";
import { withFaultyHistory } from "../portfolio/faulty-history.ts";
import { historyFile, type HistoryPoint, type HistorySpan } from "../portfolio/history-file.ts";
import { createSite } from "../portfolio/site.ts";
import type { SitePlan } from "../portfolio/site-plan.ts";

/** What is bought as a group comes first, the rest after it. */
export type HistoryPart = "common-electricity" | "gas-and-dwellings";

export type HistoryOptions = {
  readonly api: ApiClient;
  readonly plans: readonly SitePlan[];
  readonly part: HistoryPart;
  readonly seed: number;
  readonly span: HistorySpan;
  readonly stop: AbortSignal;
};

type Import = {
  readonly id: string;
  readonly fileName: string;
  readonly state: "staged" | "previewed" | "committing" | "committed" | "failed";
  readonly rowsRead: number;
  readonly errors: readonly { readonly line: number; readonly detail: string }[];
};

const FORMAT = "interval-csv";
const ASK_AGAIN_MS = SECOND_MS / 10;

/**
 * Brings what no import of that name has brought yet, one file a building. Resolves with the number of rows. A file that
 * was under way when we ended is brought again: what is there already does not change.
 */
export async function ensureHistory(options: HistoryOptions): Promise<number> {
  const { api, plans, stop } = options;
  const known = await api.list<Import>("/v1/imports");
  let rows = 0;
  const untold = plans
    .map((plan) => ({ plan, fileName: `${plan.key}-${options.part}.csv` }))
    .filter(({ fileName }) => known.every((one) => one.fileName !== fileName || one.state !== "committed"))
    .values();
  const lane = async () => {
    for (const { plan, fileName } of untold) {
      if (stop.aborted) break;
      const read = await bring(fileName, plan, options);
      rows += read;
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, lane));
  return rows;
}

/** While one is written here, another is read there. */
const FILES_AT_ONCE = 2;

async function bring(fileName: string, plan: SitePlan, options: HistoryOptions): Promise<number> {
  const { api, stop } = options;
  const points = pointsOf(plan, options);
  let brought = await api.upload<Import>(
    "/v1/imports",
    { format: FORMAT },
    {
      field: "file",
      fileName,
      contentType: "text/csv",
      chunks: () => historyFile(points, options.span),
    },
  );
  while (brought.state !== "committed" && !stop.aborted) {
    if (brought.state === "failed") throw new Error(`${fileName} was refused: ${reasonsOf(brought)}`);
    if (brought.state === "previewed") {
      brought = await api.send<Import>("POST", `/v1/imports/${brought.id}/commit`, {});
    } else {
      await pause(ASK_AGAIN_MS, stop);
      brought = await api.get<Import>(`/v1/imports/${brought.id}`);
    }
  }
  return brought.rowsRead;
}

/**
 * The same world, seen from registers that were there before: theirs is a year of indices that nobody keeps once the file is
 * written.
 */
function pointsOf(plan: SitePlan, { seed, span, part }: HistoryOptions): HistoryPoint[] {
  const site = createSite(plan, { seed, firstDay: span.fromMs / DAY_MS, contractStart: "" });
  const isFirst = part === "common-electricity";
  const everyMs = isFirst ? QUARTER_MS : HOUR_MS;
  return site.supplyPoints
    .filter(({ key }) => (key === "electricity") === isFirst)
    .map((point) => {
      const told = { point, everyMs };
      return plan.badData === true && isFirst ? withFaultyHistory(told, span) : told;
    });
}

function reasonsOf({ errors }: Import): string {
  return errors.map(({ line, detail }) => `line ${line}: ${detail}`).join("; ");
}
