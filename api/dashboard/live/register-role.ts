// What a register means to a reader of the live page: which power is the building's, which index, which sensor.

export type RegisterInfo = {
  readonly name: string;
  readonly carrier: string | null;
  readonly quantity: string;
  readonly unit: string;
  readonly tariff: string | null;
  readonly direction: string | null;
  readonly role: string | null;
};

/**
 * `grid-…-power`: adds up to the building's power. `phase`: a part of such a power. `index`: a meter's counter.
 * `month-peak`: the running maximum of the month. `sensor`: everything else.
 */
export type LiveRole =
  | "grid-import-power"
  | "grid-export-power"
  | "production-power"
  | "sub-power"
  | "phase"
  | "electricity-index"
  | "volume-index"
  | "month-peak"
  | "sensor";

/** OBIS 21/41/61 and 22/42/62: import and export of one phase each (DSMR 5.0.2, table 6.12). */
const PHASE_POWER = /^\d+-\d+:[246][12]\.7\.0$/;
const GRID_POWER = /^\d+-\d+:([12])\.7\.0$/;

export function roleOf(register: RegisterInfo): LiveRole {
  switch (register.quantity) {
    case "power":
      return powerRoleOf(register);
    case "energy":
      return "electricity-index";
    case "volume":
      return "volume-index";
    case "max-demand":
      return "month-peak";
    default:
      return "sensor";
  }
}

function powerRoleOf({ name, carrier, role, direction }: RegisterInfo): LiveRole {
  if (PHASE_POWER.test(name)) return "phase";
  const obis = GRID_POWER.exec(name)?.[1];
  if (obis !== undefined) return obis === "1" ? "grid-import-power" : "grid-export-power";
  if (carrier !== null && carrier !== "electricity") return "sub-power";
  if (role === "main") return direction === "export" ? "grid-export-power" : "grid-import-power";
  // Nobody assigned it to the grid: what gives, such as a roof, produces; what takes is a part of the whole.
  return role === "production" || direction === "export" ? "production-power" : "sub-power";
}

/** Whether the register is the grid meter's own word on its power, which goes before any sensor's. */
export function isMeterPower(name: string): boolean {
  return GRID_POWER.test(name);
}

/** A power in watts, whatever the meter declares. */
export function powerW({ value, unit }: { readonly value: number; readonly unit: string }): number {
  return unit === "kW" ? value * 1000 : unit === "MW" ? value * 1_000_000 : value;
}
