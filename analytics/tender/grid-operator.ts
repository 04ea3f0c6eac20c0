// Which grid a supply point hangs on, as far as its code says so by a rule; never guessed from the address.

/** Of the EAN-GSRN of Fluvius: electricity and gas. */
const FLUVIUS_PREFIXES = ["54144882", "54144886"];
/** `IT`, the distributor's three digits, `E`; some systems leave the `E` out. */
const ITALIAN_POD = /^(IT\d{3})E?/;

/** `Fluvius`, `IT001`, … or `unknown`. */
export function gridOperatorOf(code: string | null): string {
  if (code === null) return "unknown";
  if (FLUVIUS_PREFIXES.some((prefix) => code.startsWith(prefix))) return "Fluvius";
  return ITALIAN_POD.exec(code)?.[1] ?? "unknown";
}
