// The forms of a supply point's code: EAN-GSRN in Belgium, PRM and PCE in France, POD and PDR in Italy.
import type { Carrier } from "#devices/vocabulary";

/** GS1 modulo 10 over 18 digits: weights 3 and 1, from the right, check digit last. */
export function isGsrn(code: string): boolean {
  if (!/^\d{18}$/.test(code)) return false;
  let sum = 0;
  for (let index = 0; index < code.length; index++) sum += Number(code[index]) * (index % 2 === 0 ? 3 : 1);
  return sum % 10 === 0;
}

/**
 * What is wrong with a code, as one sentence, or `undefined`. Water and heat have no numbering of their own, and other
 * countries none that we know: any short text will do. Spaces were removed before.
 */
export function codeFault(code: string, country: string, carrier: Carrier): string | undefined {
  if (carrier !== "electricity" && carrier !== "gas") return undefined;
  if (country === "BE") return gsrnFault(code);
  if (country === "FR") return frenchFault(code, carrier);
  if (country === "IT") return italianFault(code, carrier);
  return undefined;
}

/** 54 is GS1's prefix for Belgium and Luxembourg; the check digit alone accepts 123456789123456789. */
function gsrnFault(code: string): string | undefined {
  if (!/^\d{18}$/.test(code)) return "a Belgian EAN-GSRN has 18 digits";
  if (!code.startsWith("54")) return "a Belgian EAN-GSRN begins with 54";
  return isGsrn(code) ? undefined : "the check digit of the EAN-GSRN is wrong";
}

/** PRM (Enedis): 14 digits, no published check digit. PCE (gas): 14 digits, or GI and 6 digits. */
function frenchFault(code: string, carrier: Carrier): string | undefined {
  if (/^\d{14}$/.test(code) || (carrier === "gas" && /^GI\d{6}$/.test(code))) return undefined;
  return carrier === "gas" ? "a French PCE has 14 digits, or GI and 6 digits" : "a French PRM has 14 digits";
}

/** POD: IT, 3 digits of the distributor, E, 8 digits and perhaps one more; meters also send it without the E. PDR: 14 digits. */
function italianFault(code: string, carrier: Carrier): string | undefined {
  if (carrier === "gas") return /^\d{14}$/.test(code) ? undefined : "an Italian PDR has 14 digits";
  return /^IT\d{3}[A-Z0-9]{8,11}$/.test(code)
    ? undefined
    : "an Italian POD is IT, 3 digits, E and 8 or 9 digits";
}
