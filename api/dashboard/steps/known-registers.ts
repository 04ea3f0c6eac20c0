// The registers of a supply point that have something to tell, and the one to begin with. Pure.
import type { Register } from "../data/api.ts";

export type KnownRegister = {
  readonly register: Register;
  /** The end of the latest step of which something was decided, or ruled; `undefined`: of none. */
  readonly lastMs: number | undefined;
};

/** Those of which something was decided, the latest first. */
export function tellingRegisters(registers: readonly KnownRegister[]): KnownRegister[] {
  return registers
    .filter(({ lastMs }) => lastMs !== undefined)
    .toSorted((one, other) => (other.lastMs ?? 0) - (one.lastMs ?? 0));
}

/** The one that was asked for, else the latest that counts in the direction asked for, else the latest. */
export function chosenRegister(
  telling: readonly KnownRegister[],
  asked: { readonly registerId: string | null; readonly direction: string | null },
): KnownRegister | undefined {
  return (
    telling.find(({ register }) => register.id === asked.registerId) ??
    telling.find(({ register }) => register.direction === asked.direction) ??
    telling[0]
  );
}
