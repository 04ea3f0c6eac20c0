// One register of one device in the store in memory, for tests of the worker.
import { fingerprint, packDecimals } from "#devices/decimal";
import type { TimeSource } from "#devices/time";
import { MemoryDatabase } from "#memory-store";
import { staleDays } from "#store";
import type { RegisterValue } from "../profile/profile-of.ts";
import type { BoundedRegister } from "../profile/step-rules.ts";

export class MemoryRegister {
  readonly database: MemoryDatabase;
  readonly deviceId: number;
  readonly registerId: number;
  readonly #layoutId: number;
  readonly #interpolateMaxS: number;

  constructor(
    time: TimeSource,
    { carrier, quantity, unit, interpolateMaxS }: Omit<BoundedRegister, "maxPerHour" | "connectionKva">,
  ) {
    this.database = new MemoryDatabase(time);
    const { directory } = this.database;
    const point = directory.addSupplyPoint({
      carrier: carrier ?? "electricity",
      direction: "import",
      connectionKva: null,
    });
    this.deviceId = directory.addDevice({ profile: "senml", supplyPointIds: [point] }).id;
    const spec = {
      name: "r",
      equipmentId: "A",
      carrier,
      quantity,
      unit,
      kind: "cumulative",
      tariff: null,
      direction: "import",
      keepEveryS: 0,
    } as const;
    const [created] = directory.createRegisters([{ deviceId: this.deviceId, specs: [spec] }], 1);
    const register = directory.registers.get(created?.id ?? 0);
    if (register === undefined) throw new Error("no register was created");
    directory.registers.set(register.id, { ...register, interpolateMaxS });
    this.registerId = register.id;
    this.#interpolateMaxS = interpolateMaxS;
    const layouts = directory.createLayouts([{ deviceId: this.deviceId, layouts: [[register.id]] }], 1);
    this.#layoutId = layouts[0]?.id ?? 0;
  }

  /** A reading that nobody computes anything for yet. */
  keep({ atMs, clock, value }: RegisterValue): void {
    const values = packDecimals([value]);
    const row = { observedAtMs: atMs, receivedAtMs: atMs, clock, flags: 0, values };
    const { deviceId, database } = this;
    database.readings.merge([
      { deviceId, layoutId: this.#layoutId, ...row, fingerprint: fingerprint(values) },
    ]);
  }

  /** As ingest commits it. */
  arrive(value: RegisterValue): void {
    this.keep(value);
    const { fromDay, toDay } = staleDays(value.atMs, this.#interpolateMaxS);
    this.stale(fromDay, toDay);
  }

  /** Makes these days stale, both inclusive. */
  stale(fromDay: number, toDay: number): void {
    const { journal } = this.database;
    const pairs = Array.from({ length: toDay - fromDay + 1 }, (_, at) => ({
      registerId: this.registerId,
      day: fromDay + at,
    }));
    journal.add(journal.row({ notBeforeMs: 0, late: false, cause: "readings", pairs }));
  }
}
