// Buildings, devices and raw readings for the tests of this folder, written as the ingest writes them.
import { fingerprint, packDecimals, type Decimal } from "#devices/decimal";
import { DAY_MS, utcDay } from "#devices/time";
import { openPool, staleDays, type Pool } from "#store";

export type TestDevice = { readonly id: number; readonly supplyPointId: number };
export type TestRegister = { readonly id: number; readonly deviceId: number; readonly layoutId: number };
export type TestReading = { readonly atMs: number; readonly value: Decimal; readonly clock?: number };

export type RegisterOptions = {
  readonly unit?: string;
  readonly direction?: string;
  readonly interpolateMaxS?: number;
};

/** Everything a test needs to put in and look at, over one database. */
export class TestWorld {
  readonly pool: Pool;
  #buildingId: number | undefined;

  constructor(databaseUrl: string, max = 6) {
    this.pool = openPool(databaseUrl, { applicationName: "analytics-test", max });
  }

  async #id(text: string, values: readonly unknown[] = []): Promise<number> {
    const { rows } = await this.pool.query<{ id: number }>(text, [...values]);
    const id = rows[0]?.id;
    if (id === undefined) throw new Error(`nothing was inserted by: ${text}`);
    return id;
  }

  async building(): Promise<number> {
    this.#buildingId ??= await this.#id(
      `with o as (insert into organisation (name, kind) values ('test', 'syndic') returning id)
       insert into building (organisation_id, name, address, postal_code, country, region, timezone, dwellings)
       select id, 'one', 'street', '1000', 'BE', 'BE-BRU', 'Europe/Brussels', 4 from o returning id`,
    );
    return this.#buildingId;
  }

  async device(carrier = "electricity"): Promise<TestDevice> {
    const buildingId = await this.building();
    const supplyPointId = await this.#id(
      `insert into supply_point (building_id, carrier, direction, scope, vat_rate)
       values ($1, $2, 'both', 'common', 0.06) returning id`,
      [buildingId, carrier],
    );
    const id = await this.#id(
      "insert into device (building_id, name, profile) values ($1, 'meter', 'senml') returning id",
      [buildingId],
    );
    return { id, supplyPointId };
  }

  /** A cumulative main register of electricity, alone in its layout. */
  async register(device: TestDevice, name: string, options: RegisterOptions = {}): Promise<TestRegister> {
    const { unit = "kWh", direction = "import", interpolateMaxS = 7200 } = options;
    const id = await this.#id(
      `insert into register (device_id, name, carrier, quantity, unit, kind, direction, interpolate_max_s)
       select $1, $2, s.carrier, case when s.carrier in ('gas', 'water') then 'volume' else 'energy' end, $3, 'cumulative', $4, $5
       from supply_point s where s.id = $6 returning id`,
      [device.id, name, unit, direction, interpolateMaxS, device.supplyPointId],
    );
    await this.pool.query(
      "insert into register_assignment (register_id, supply_point_id, role) values ($1, $2, 'main')",
      [id, device.supplyPointId],
    );
    return { id, deviceId: device.id, layoutId: await this.layout(device, [id]) };
  }

  /** A register of temperature that hangs outside; the supply point says of which building. */
  async thermometer(device: TestDevice, supplyPointId: number): Promise<TestRegister> {
    const id = await this.#id(
      `insert into register (device_id, name, quantity, unit, kind) values ($1, 'outside', 'temperature', 'Cel', 'instantaneous')
       returning id`,
      [device.id],
    );
    await this.pool.query(
      "insert into register_assignment (register_id, supply_point_id, role) values ($1, $2, 'outside')",
      [id, supplyPointId],
    );
    return { id, deviceId: device.id, layoutId: await this.layout(device, [id]) };
  }

  /** Of a day, quarter-hour by quarter-hour: what was estimated, and how (`ESTIMATE_METHODS`). */
  async estimates(registerId: number, day: string): Promise<{ energy: number; method: number }[]> {
    const { rows } = await this.pool.query<{ quarters: Buffer; methods: Buffer }>(
      "select quarters, methods from estimated_day where register_id = $1 and day = $2",
      [registerId, day],
    );
    return rows.flatMap(({ quarters, methods }) =>
      Array.from(methods, (method, slot) => ({ energy: quarters.readInt32LE(4 * slot), method })),
    );
  }

  async layout(device: TestDevice, registerIds: readonly number[]): Promise<number> {
    return this.#id("insert into layout (device_id, register_ids) values ($1, $2) returning id", [
      device.id,
      registerIds,
    ]);
  }

  /** One commit: the readings of one register and their journal row. A repeat changes nothing. */
  async commit(register: TestRegister, readings: readonly TestReading[]): Promise<void> {
    await this.rows(
      register.deviceId,
      register.layoutId,
      readings.map(({ atMs, value, clock = 0 }) => ({ atMs, clock, values: packDecimals([value]) })),
    );
    await this.journal(
      [register.id],
      readings.map((reading) => reading.atMs),
    );
  }

  async rows(
    deviceId: number,
    layoutId: number,
    rows: readonly { readonly atMs: number; readonly clock: number; readonly values: Buffer }[],
  ): Promise<void> {
    await this.pool.query(
      `insert into reading (device_id, layout_id, observed_at, received_at, clock, flags, fingerprint, "values")
       select $1, $2, at, at, clock, 0, fingerprint, packed
       from unnest($3::timestamptz[], $4::smallint[], $5::bigint[], $6::bytea[]) as r (at, clock, fingerprint, packed)
       on conflict do nothing`,
      [
        deviceId,
        layoutId,
        rows.map((row) => new Date(row.atMs)),
        rows.map((row) => row.clock),
        rows.map((row) => fingerprint(row.values)),
        rows.map((row) => row.values),
      ],
    );
  }

  async journal(
    registerIds: readonly number[],
    instants: readonly number[],
    interpolateMaxS = 7200,
  ): Promise<void> {
    const days = new Set<number>();
    for (const atMs of instants) {
      const { fromDay, toDay } = staleDays(atMs, interpolateMaxS);
      for (let day = fromDay; day <= toDay; day++) days.add(day);
    }
    const pairs = registerIds.flatMap((id) => [...days].map((day) => ({ id, day: utcDay(day * DAY_MS) })));
    await this.pool.query("insert into journal (register_ids, days) values ($1, $2)", [
      pairs.map((pair) => pair.id),
      pairs.map((pair) => pair.day),
    ]);
  }

  /** Every day row that says anything, every unallocated piece and every decision, as text that can be compared. */
  async profiles(): Promise<string[]> {
    const days = await this.pool.query<{ line: string }>(
      `select concat_ws(' ', register_id, day, encode(quarters, 'hex'), encode(statuses, 'hex')) as line
       from load_profile_day
       where statuses <> decode(repeat('00', 96), 'hex')
       order by register_id, day`,
    );
    const pieces = await this.pool.query<{ line: string }>(
      `select concat_ws(' ', register_id, from_at, to_at, energy, cause) as line
       from unallocated order by register_id, from_at, cause`,
    );
    const decisions = await this.pool.query<{ line: string }>(
      `select concat_ws(' ', register_id, from_at, to_at, kind, from_index, to_index, ruling_id, evidence) as line
       from register_decision order by register_id, from_at, to_at`,
    );
    return [...days.rows, ...pieces.rows, ...decisions.rows].map((row) => row.line);
  }

  /** Forgets all profiles and makes every day with readings stale, with those a silence away from them. */
  async forgetProfiles(): Promise<void> {
    await this.pool.query("truncate load_profile_day, unallocated, register_decision, journal");
    await this.pool.query(
      `insert into journal (register_ids, days)
       select array_agg(register_id), array_agg(day) from (
         select distinct r.id as register_id, (o.observed_at at time zone 'UTC')::date + shift as day
         from register r
         join layout l on l.device_id = r.device_id and r.id = any (l.register_ids)
         join reading o on o.device_id = l.device_id and o.layout_id = l.id
         cross join generate_series(-1, 1) shift
       ) s`,
    );
  }

  async quarters(registerId: number, day: string): Promise<{ energy: number; status: number }[]> {
    const { rows } = await this.pool.query<{ energy: number; status: number }>(
      "select energy, status from load_profile_quarters($1, $2, ($2::date + 1))",
      [registerId, day],
    );
    return rows;
  }

  async journalRows(): Promise<{ pairs: number; dueInS: number }[]> {
    const { rows } = await this.pool.query<{ pairs: number; due_in_s: number }>(
      `select cardinality(register_ids) as pairs, extract(epoch from not_before - now())::float8 as due_in_s
       from journal order by not_before, id`,
    );
    return rows.map((row) => ({ pairs: row.pairs, dueInS: row.due_in_s }));
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

export const silentLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
