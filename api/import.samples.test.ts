// Eighteen Belgian meters, a leap year with both nights of the clock, through POST /v1/imports and back out of the load.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Static } from "typebox";
import { HOUR_MS } from "#devices/time";
import { sharedDir } from "#testing";
import type { Import } from "./schemas/index.ts";
import { ADMIN_EMAIL, building, createdId, testApi, type TestApi } from "./test-api.ts";
import { upload } from "./test-upload.ts";

type ImportAnswer = Static<typeof Import>;
type Points = { points: { from: string; value: number | null; quality: { measured: number } }[] };

const shared = sharedDir();
const file = join(shared ?? "", "data/opengrid-belgium/electricity_2016_hour.csv.gz");
const absent = shared === undefined || !existsSync(file);
if (absent) {
  process.stderr.write(
    "import.samples.test.ts: skipped, no electricity_2016_hour.csv.gz below KOPROGO_SHARED\n",
  );
}

const ZONE = "Europe/Brussels";

/** An hour of one meter, as the file prints it: `stamp` is the zone's own time with its offset. */
type Hour = { readonly meter: string; readonly stamp: string; readonly atMs: number; readonly wh: number };

function readHours(): Hour[] {
  const [head = "", ...lines] = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n");
  const meters = head.split(",").slice(1);
  return lines.flatMap((line) => {
    const [raw = "", ...powers] = line.split(",");
    const stamp = raw.replace(/(\d\d)$/, ":$1");
    const atMs = Date.parse(stamp);
    // The mean of an hour in W is its energy in Wh.
    return powers.map((power, index) => ({
      meter: meters[index] ?? "",
      stamp,
      atMs,
      wh: Math.round(Number(power)),
    }));
  });
}

function intervalCsv(hours: readonly Hour[], codes: ReadonlyMap<string, string>): string {
  const zoned = (atMs: number) =>
    Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(ZONE).toString({ timeZoneName: "never" });
  const ends = new Map(
    [...new Set(hours.map(({ atMs }) => atMs))].map((atMs) => [atMs, zoned(atMs + HOUR_MS)]),
  );
  const rows = hours.map(
    ({ meter, stamp, atMs, wh }) => `${codes.get(meter)},${stamp},${ends.get(atMs)},${wh}`,
  );
  return `code,from,to,energyWh\n${rows.join("\n")}\n`;
}

async function supplyPoints(api: TestApi, token: string, meters: readonly string[]) {
  const organisationId = createdId(
    await api.ask("POST", "/v1/organisations", { token, body: { name: "Opengrid", kind: "coordinator" } }),
  );
  const site = createdId(
    await api.ask("POST", "/v1/buildings", { token, body: { ...building, organisationId } }),
  );
  const points = new Map<string, { id: string; code: string }>();
  for (const [index, meter] of meters.entries()) {
    const code = gsrn(index);
    const body = { carrier: "electricity", scope: "common", vatRate: 0.06, code };
    const url = `/v1/buildings/${site}/supply-points`;
    points.set(meter, { id: createdId(await api.ask("POST", url, { token, body })), code });
  }
  return { site, points };
}

/** A Belgian EAN of 17 digits and its check digit. */
function gsrn(index: number): string {
  const digits = `5414488600${String(index).padStart(7, "0")}`;
  const sum = Array.from(digits).reduce(
    (total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 3 : 1),
    0,
  );
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

test.skipIf(absent)(
  "a year of eighteen meters comes in by one file and out again, to the watt-hour",
  async () => {
    const api = await testApi();
    try {
      const token = await api.signIn(ADMIN_EMAIL);
      const hours = readHours();
      const { site, points } = await supplyPoints(api, token, [...new Set(hours.map(({ meter }) => meter))]);
      const codes = new Map([...points].map(([meter, { code }]) => [meter, code]));
      const csv = intervalCsv(hours, codes);

      const response = await upload(api, token, csv, {}, "electricity_2016.csv");
      const staged = response.json<ImportAnswer>();
      expect(staged).toMatchObject({
        state: "previewed",
        rowsRead: hours.length,
        rowsRefused: 0,
        errors: [],
      });
      const committed = await api.ask("POST", `/v1/imports/${staged.id}/commit`, { token });
      expect(committed.json<ImportAnswer>()).toMatchObject({ state: "committed", preview: staged.preview });

      const sum = (some: readonly Hour[]) => some.reduce((total, { wh }) => total + wh, 0);
      const year = hours.filter(({ stamp }) => stamp.startsWith("2016"));
      const span = "from=2016-01-01&to=2017-01-01";
      for (const [meter, own] of Map.groupBy(year, (one) => one.meter)) {
        const url = `/v1/supply-points/${points.get(meter)?.id}/load?${span}`;
        const months = (await api.ask("GET", `${url}&resolution=month`, { token })).json<Points>().points;
        expect(
          months.map(({ value }) => value),
          meter,
        ).toEqual([...Map.groupBy(own, ({ stamp }) => stamp.slice(0, 7)).values()].map(sum));
        expect(months.every(({ quality }) => quality.measured === 1)).toBe(true);
        const shown = (await api.ask("GET", `${url}&resolution=hour`, { token })).json<Points>().points;
        expect(
          shown.map(({ from, value }) => [Date.parse(from), value]),
          meter,
        ).toEqual(own.map(({ atMs, wh }) => [atMs, wh]));
      }
      const days = await api.ask("GET", `/v1/buildings/${site}/load?${span}&resolution=day`, { token });
      expect(days.json<Points>().points.map(({ value }) => value)).toEqual(
        [...Map.groupBy(year, ({ stamp }) => stamp.slice(0, 10)).values()].map(sum),
      );

      const again = (await upload(api, token, csv)).json<ImportAnswer>();
      expect(again.preview).toHaveLength(18);
      for (const change of again.preview) {
        expect(change).toMatchObject({ added: 0, replaced: 0, kept: 0, unchanged: 4 * (hours.length / 18) });
      }
    } finally {
      await api.stop();
    }
  },
);
