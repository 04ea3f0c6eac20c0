// The account of a register: its quarter-hours and unallocated pieces beside what its index went by.
import { Type } from "typebox";
import { UNALLOCATED_CAUSES } from "#store";
import { Instant, named, nullable, oneOf, pageOf } from "./shape.ts";

const Energy = Type.Integer({ description: "Whole Wh or l." });

export const UnallocatedPiece = named("UnallocatedPiece", {
  from: Instant,
  to: Instant,
  energy: Type.Integer({ ...Energy, description: "Whole Wh or l; negative where the index fell." }),
  cause: Type.Unsafe<(typeof UNALLOCATED_CAUSES)[number]>({
    ...oneOf(UNALLOCATED_CAUSES),
    description:
      "`gap`: nothing was read for too long; `partial`: the rest of a quarter-hour that is not known whole; else what befell the index.",
  }),
});

const AccountEnd = Type.Object({
  at: Instant,
  index: Type.Integer({ description: "Rounded to whole Wh or l." }),
});

export const RegisterAccount = named("RegisterAccount", {
  quantity: oneOf(["energy", "volume"]),
  unit: oneOf(["Wh", "l"]),
  from: Type.String({
    ...Instant,
    description: "What is told of: the span asked for, widened to whole quarter-hours and whole pieces.",
  }),
  to: Instant,
  opening: Type.Unsafe<{ at: string; index: number } | null>({
    ...nullable(AccountEnd),
    description:
      "The index at `from`, or the first reading in the span; null, as is `closing`, where there is none.",
  }),
  closing: Type.Unsafe<{ at: string; index: number } | null>({
    ...nullable(AccountEnd),
    description: "The index at `to`, or the last reading in the span.",
  }),
  allocated: Type.Integer({ ...Energy, description: "In quarter-hours that were measured." }),
  unallocated: Type.Integer({ ...Energy, description: "In pieces, those of all pages." }),
  unaccounted: Type.Integer({
    ...Energy,
    description: "`allocated` and `unallocated` less what the index went by.",
  }),
  closes: Type.Unsafe<boolean | null>({
    ...nullable(Type.Boolean()),
    description: "Whether nothing is unaccounted; null while a day of the span waits to be computed.",
  }),
  ...pageOf(UnallocatedPiece),
});
