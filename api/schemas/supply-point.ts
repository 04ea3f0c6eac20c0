// Supply points, what they pay, and who allowed what.
import { Type } from "typebox";
import { CARRIERS, PURPOSES } from "#devices/vocabulary";
import { CivilDate, Id, Instant, body, decimal, listOf, named, nullable, oneOf, text } from "./shape.ts";

const Direction = oneOf(["import", "export", "both"]);
const Scope = oneOf(["common", "private"]);
/** EAN-GSRN, PRM or POD; its form is checked by the building's country. */
const Code = Type.String({
  minLength: 1,
  maxLength: 40,
  pattern: "^[A-Za-z0-9 ]+$",
  examples: ["541448860003995215"],
});
const Kva = Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 });
const VatRate = Type.Number({ minimum: 0, maximum: 1, description: "Share: 0.06 is 6 %.", examples: [0.06] });

export const SupplyPoint = named("SupplyPoint", {
  id: Id,
  buildingId: Id,
  carrier: oneOf(CARRIERS),
  code: nullable(Type.String()),
  direction: Direction,
  scope: Scope,
  unitId: nullable(Id),
  connectionKva: nullable(Kva),
  vatRate: VatRate,
});
export const SupplyPointList = listOf(SupplyPoint);

export const NewSupplyPoint = body("NewSupplyPoint", {
  carrier: oneOf(CARRIERS),
  code: Type.Optional(nullable(Code)),
  direction: Type.Optional(Direction),
  scope: Scope,
  /** Of a private supply point; without it, a dwelling is made for it. */
  unitId: Type.Optional(nullable(Id)),
  connectionKva: Type.Optional(nullable(Kva)),
  vatRate: VatRate,
});
export const SupplyPointPatch = body(
  "SupplyPointPatch",
  {
    code: Type.Optional(nullable(Code)),
    direction: Type.Optional(Direction),
    connectionKva: Type.Optional(nullable(Kva)),
    vatRate: Type.Optional(VatRate),
  },
  { minProperties: 1 },
);

const terms = {
  supplier: text(200),
  pricePerKwh: decimal(9, "0.285000"),
  annualFee: decimal(6, "60.00", ""),
  currency: Type.String({ pattern: "^[A-Z]{3}$", examples: ["EUR"] }),
  vat: oneOf(["included", "excluded"]),
  start: CivilDate,
  noticeDays: Type.Integer({ minimum: 0, maximum: 3650 }),
};
const End = nullable(
  Type.String({ format: "date", description: "The first day after it; null: until terminated." }),
);

const GreenShare = nullable(
  Type.Number({ minimum: 0, maximum: 1, description: "Certified; null: not known.", examples: [1] }),
);

export const Contract = named("Contract", {
  supplyPointId: Id,
  ...terms,
  end: End,
  greenShare: GreenShare,
  tenderId: nullable(Id),
  recordedAt: Instant,
});
export const NewContract = body("NewContract", {
  ...terms,
  end: Type.Optional(End),
  greenShare: Type.Optional(GreenShare),
});

export const Consent = named("Consent", {
  id: Id,
  supplyPointId: Id,
  purpose: oneOf(PURPOSES),
  from: Instant,
  until: nullable(Instant),
  evidence: Type.String(),
  givenBy: Id,
  recordedAt: Instant,
  withdrawnAt: nullable(Instant),
});
export const ConsentList = listOf(Consent);
export const NewConsent = body("NewConsent", {
  purpose: oneOf(PURPOSES),
  from: Instant,
  until: Type.Optional(nullable(Instant)),
  evidence: text(2000),
});
