// What a connection to the grid is called in its country: EAN-GSRN, PRM, POD. Drawn, not taken from anyone.
import type { Country } from "../world/absences.ts";
import { chance, derive } from "../world/random.ts";
import { gsrnOf } from "./gsrn.ts";

/** The same code for the same seed and key. */
export function connectionCode(
  country: Country,
  carrier: "electricity" | "gas",
  seed: number,
  key: string,
): string {
  if (country === "BE") return gsrnOf(carrier, seed, key);
  const drawn = derive(seed, `${carrier} ${key}`);
  const serial = (digits: number) =>
    String(Math.floor(chance(drawn, 0) * 10 ** digits)).padStart(digits, "0");
  // Of Enedis and of the distributor of Milan; a gas meter has fourteen digits in both.
  if (country === "FR" || carrier === "gas") return `22${serial(9)}${serial(3)}`;
  return `IT012E${serial(8)}`;
}
