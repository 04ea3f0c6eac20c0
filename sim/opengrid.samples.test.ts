// Eighteen real meters through the front door: imported, joined, published; the dossier against plain SQL over plain rows.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, QUARTERS_PER_UTC_DAY, systemTime } from "#devices/time";
import { openPool, type Pool } from "#store";
import { freshDatabase, freshRedis, sharedDir } from "#testing";
import { signIn, type ApiClient } from "./portfolio/api-client.ts";
import { gsrnOf } from "./portfolio/gsrn.ts";
import { startStack, type Stack } from "./stack.ts";

const shared = sharedDir();
const file = join(shared ?? "", "data/opengrid-belgium/electricity_2016_hour.csv.gz");
const absent = shared === undefined || !existsSync(file);
if (absent) {
  process.stderr.write(
    "opengrid.samples.test.ts: skipped, no electricity_2016_hour.csv.gz below KOPROGO_SHARED\n",
  );
}

/** An hour of one meter: its mean power in W is its energy in Wh. */
type Row = { readonly code: string; readonly fromMs: number; readonly wh: number };

function readRows(): { codes: string[]; rows: Row[] } {
  const [header = "", ...lines] = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n");
  const codes = header
    .split(",")
    .slice(1)
    .map((name) => gsrnOf("electricity", 2016, name));
  const rows = lines.flatMap((line) => {
    const [stamp = "", ...powers] = line.split(",");
    const fromMs = Date.parse(stamp.replace(/(\d\d)$/, ":$1"));
    return powers.flatMap((power, meter) => {
      const code = codes[meter];
      return code === undefined || power === "" ? [] : [{ code, fromMs, wh: Math.round(Number(power)) }];
    });
  });
  return { codes, rows };
}

const instant = (ms: number) => new Date(ms).toISOString();

/** What anyone with a table of hours can compute: no packed days, no code of ours. Quarter-hours are an hour's even parts. */
const FIGURES = `
  with hour as (
    select
      code,
      from_at,
      wh,
      from_at at time zone 'Europe/Brussels' as local
    from plain_hour
    where from_at >= timestamp '2016-01-01' at time zone 'Europe/Brussels'
      and from_at < timestamp '2017-01-01' at time zone 'Europe/Brussels'
  ),
  quarter as (
    select
      code,
      from_at + make_interval(mins => 15 * part) as from_at,
      round(wh * (part + 1) / 4.0) - round(wh * part / 4.0) as wh
    from hour, generate_series(0, 3) as part
  ),
  sums as (select from_at, sum(wh) as wh from quarter group by from_at),
  highest as (select from_at, wh from sums order by wh desc, from_at limit 1),
  total as (select sum(wh) as wh from hour)
  select
    t.wh::float8 as measured_wh,
    (
      select sum(wh)::float8
      from hour
      where local >= timestamp '2017-01-01' - interval '365 days'
    ) as annual_wh,
    (
      select round(sum(wh)::numeric / t.wh, 6)::float8
      from hour
      where extract(isodow from local) <= 5
        and extract(hour from local) between 8 and 19
    ) as peak_share,
    (select round(sum(wh)::numeric / t.wh, 6)::float8 from hour where extract(month from local) in (10, 11, 12, 1, 2, 3)) as winter_share,
    (select (4 * wh)::float8 from highest) as max_w,
    (select from_at from highest) as max_at,
    (select round(t.wh / (count(*) * max(wh)), 6)::float8 from sums) as load_factor,
    (
      select round((select wh from highest) / sum(own), 6)::float8
      from (select max(wh) as own from quarter group by code) as maxima
    ) as coincidence,
    (
      select json_agg(json_build_object('month', month, 'wh', wh) order by month)
      from (select to_char(local, 'YYYY-MM') as month, sum(wh) as wh from hour group by 1) as months
    ) as monthly_wh
  from total t`;

type Figures = {
  measured_wh: number;
  annual_wh: number;
  peak_share: number;
  winter_share: number;
  max_w: number;
  max_at: Date;
  load_factor: number;
  coincidence: number;
  monthly_wh: readonly { month: string; wh: number }[];
};

describe.skipIf(absent)("eighteen Belgian meters of 2016", () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let redis: Awaited<ReturnType<typeof freshRedis>>;
  let stack: Stack;
  let pool: Pool;
  let api: ApiClient;
  const dataDir = mkdtempSync(join(tmpdir(), "koprogo-opengrid-"));
  const { codes, rows } = absent ? { codes: [], rows: [] } : readRows();

  beforeAll(async () => {
    [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
    stack = await startStack({ databaseUrl: database.url, redisUrl: redis.url, dataDir });
    pool = openPool(database.url, { applicationName: "koprogo-opengrid-test", max: 1 });
    api = await signIn(stack.apiUrl, stack.admin.email, stack.admin.password);
  });
  afterAll(async () => {
    await pool?.end();
    await stack?.stop();
    await redis?.stop();
    await database?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** One building a meter, with a contract and a consent. */
  async function register(): Promise<string[]> {
    const buildingIds: string[] = [];
    for (const [index, code] of codes.entries()) {
      const building = await api.send<{ id: string }>("POST", "/v1/buildings", {
        name: `Meter ${index + 1}`,
        address: "Rue des Essais 1",
        postalCode: "1000",
        country: "BE",
        region: "BE-BRU",
        dwellings: 1,
      });
      const point = await api.send<{ id: string }>("POST", `/v1/buildings/${building.id}/supply-points`, {
        carrier: "electricity",
        code,
        scope: "common",
        vatRate: 0.06,
      });
      await api.send("PUT", `/v1/supply-points/${point.id}/contract`, {
        supplier: "Présent",
        pricePerKwh: "0.285000",
        annualFee: "60.00",
        currency: "EUR",
        vat: "excluded",
        start: "2016-01-01",
        noticeDays: 30,
      });
      await api.send("POST", `/v1/supply-points/${point.id}/consents`, {
        purpose: "tender",
        from: "2016-01-01T00:00:00Z",
        evidence: "General assembly",
      });
      buildingIds.push(building.id);
    }
    return buildingIds;
  }

  async function importRows(): Promise<void> {
    const lines = rows.map(
      ({ code, fromMs, wh }) => `${code},${instant(fromMs)},${instant(fromMs + HOUR_MS)},${wh}`,
    );
    const text = ["code,from,to,energyWh", ...lines].join("\n");
    const staged = await api.upload<{ id: string; state: string; errors: unknown[] }>(
      "/v1/imports",
      { format: "interval-csv" },
      { field: "file", fileName: "meters-2016.csv", contentType: "text/csv", chunks: () => [text] },
    );
    expect(staged).toMatchObject({ state: "previewed", errors: [] });
    const committed = await api.send<{ state: string }>("POST", `/v1/imports/${staged.id}/commit`, {});
    expect(committed.state).toBe("committed");
  }

  async function plainFigures(): Promise<Figures> {
    await pool.query(
      "create temp table plain_hour (code text not null, from_at timestamptz not null, wh integer not null)",
    );
    await pool.query(
      "insert into plain_hour select * from unnest($1::text[], $2::timestamptz[], $3::integer[])",
      [rows.map(({ code }) => code), rows.map(({ fromMs }) => instant(fromMs)), rows.map(({ wh }) => wh)],
    );
    const [figures] = (await pool.query<Figures>(FIGURES)).rows;
    if (figures === undefined) throw new Error("no figures");
    return figures;
  }

  test("the published dossier says what plain SQL says, to the watt-hour", async () => {
    const buildingIds = await register();
    await importRows();
    const tender = await api.send<{ id: string }>("POST", "/v1/tenders", {
      name: "Eighteen meters",
      carrier: "electricity",
      regions: ["BE"],
      deliveryStart: "2027-01-01",
      termMonths: 12,
      minimumCohort: 10,
      bidDeadline: instant(systemTime.now() + 30 * DAY_MS),
    });
    const path = `/v1/tenders/${tender.id}`;
    for (const buildingId of buildingIds) await api.send("POST", `${path}/join`, { buildingId });
    await api.send("POST", `${path}/publish`, {});
    const dossier = await api.get<{ lots: readonly unknown[] }>(`${path}/dossier`);
    const figures = await plainFigures();

    expect(dossier.lots).toHaveLength(1);
    expect(dossier.lots[0]).toMatchObject({
      participants: 18,
      supplyPoints: [{ gridOperator: "Fluvius", kind: "common", count: 18 }],
      from: "2016-01-01",
      to: "2017-01-01",
      measuredWh: figures.measured_wh,
      annualWh: figures.annual_wh,
      basisDays: 365,
      extrapolated: false,
      quality: { measured: 1, estimated: 0, missing: 0 },
      peakShare: figures.peak_share,
      winterShare: figures.winter_share,
      maxW: figures.max_w,
      maxAt: figures.max_at.toISOString().replace(".000Z", "Z"),
      loadFactor: figures.load_factor,
      coincidence: figures.coincidence,
      monthlyWh: figures.monthly_wh,
    });
    // The nights of the clock are in it: 23 hours in March, 25 in October.
    const profile = await api.get<{ quarters: readonly (number | null)[] }>(`${path}/dossier/profile`);
    expect(profile.quarters).toHaveLength(366 * QUARTERS_PER_UTC_DAY);
    expect(profile.quarters.reduce<number>((sum, wh) => sum + (wh ?? 0), 0)).toBe(figures.measured_wh);
  });
});
