// Whether a text can be the code of a supply point: an EAN-GSRN, a PRM, a POD; what an anonymised export writes is none.

const GSRN = /^(?:54|87)\d{16}$/;
const PRM = /^\d{14}$/;
const POD = /^IT\d{3}[A-Z]\d{8,9}$/;

/** GS1 check digit: weights 3 and 1, from the right. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length - 1; at++) {
    sum += Number(digits[at]) * ((digits.length - at) % 2 === 0 ? 3 : 1);
  }
  return (10 - (sum % 10)) % 10 === Number(digits.at(-1));
}

/** GSRN of Belgium, Luxembourg (54) and the Netherlands (87) with its check digit; PRM and POD have none that is public. */
export function canBeCode(code: string): boolean {
  return (GSRN.test(code) && hasCheckDigit(code)) || PRM.test(code) || POD.test(code);
}
