// What was decided about the steps of a register, what people rule instead, and meters that were swapped.
import { Type } from "typebox";
import { DIRECTIONS, REGISTER_STATES } from "#devices/vocabulary";
import { Id, Instant, body, decimal, listOf, named, nullable, oneOf, ref, text } from "./shape.ts";

const Index = decimal(9, "15.758", "");
const Time = Type.String({ format: "date-time" });

const RulingChoice = named("RulingChoice", {
  kind: oneOf(REGISTER_STATES),
  from: Type.String({ ...Instant, description: "With `to` equal: about that reading alone." }),
  to: Instant,
  counts: Type.Unsafe<number | null>({
    ...nullable(Type.Integer()),
    description: "As in the decision: what the step counts for by this ruling.",
  }),
});

export const Decision = named("Decision", {
  from: Type.String({
    ...Instant,
    description: "The reading before; with `to` equal, the one reading that it is about.",
  }),
  to: Instant,
  kind: oneOf(REGISTER_STATES),
  fromIndex: Type.String({ description: "In the register's unit.", examples: ["99999.9"] }),
  toIndex: Type.String({ examples: ["0.1"] }),
  unit: Type.String(),
  counts: Type.Unsafe<number | null>({
    ...nullable(Type.Integer()),
    description:
      "Whole Wh or l that the step counts for, in quarter-hours or, across a silence, as a gap. Null: of a reading, or where a unit slips and what lies between is counted over both edges.",
  }),
  rulingId: nullable(Id),
  choices: Type.Array(ref(RulingChoice), {
    description:
      "What may be ruled instead, without figures. None where a person has ruled: that is taken back first.",
  }),
  evidence: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
    description:
      "The rule, and what it rests on: instants, and figures in whole Wh or l. A ruling decided where `rulingId` is given.",
  }),
  decidedAt: Instant,
});
export const DecisionList = listOf(Decision);

export const Ruling = named("Ruling", {
  id: Id,
  kind: oneOf(REGISTER_STATES),
  from: Instant,
  to: Instant,
  closingIndex: nullable(Index),
  openingIndex: nullable(Index),
  reason: Type.String(),
  ruledBy: Type.String(),
  ruledAt: Instant,
});
export const RulingList = listOf(Ruling);
export const NewRuling = body("NewRuling", {
  kind: oneOf(REGISTER_STATES),
  from: Type.String({
    format: "date-time",
    description:
      "The reading at which the step begins. With `to` equal: the reading, or the instant of a swap.",
  }),
  to: Time,
  closingIndex: Type.Optional(
    nullable(Type.String({ ...Index, description: "Where the index ended, in the register's unit." })),
  ),
  openingIndex: Type.Optional(
    nullable(Type.String({ ...Index, description: "Where it began anew. Both, or none." })),
  ),
  reason: text(1000),
});

export const SWAP_STATES = ["recorded", "suspected"] as const;
export const Swap = named("Swap", {
  id: nullable(Id),
  key: Type.Unsafe<string | null>({
    ...nullable(Type.String()),
    description:
      "Suspected: the same for all registers of one meter; one answer with it is about all of them. Recorded: null.",
  }),
  supplyPointId: Id,
  state: oneOf(SWAP_STATES),
  at: Instant,
  since: Type.Unsafe<string | null>({
    ...nullable(Instant),
    description: "Suspected: the last reading before `at`; it was between the two. Recorded: null.",
  }),
  oldRegisterId: Id,
  newRegisterId: Type.String({
    ...Id,
    description: "The same as the old one where the device tells no serial.",
  }),
  oldEquipmentId: Type.String(),
  newEquipmentId: Type.String(),
  name: Type.String({ description: "Of the register that went.", examples: ["1-0:1.8.1"] }),
  tariff: nullable(Type.String()),
  direction: nullable(oneOf(DIRECTIONS)),
  closingIndex: Index,
  closingUnit: Type.String({ examples: ["kWh"] }),
  openingIndex: Index,
  openingUnit: Type.String({ examples: ["kWh"] }),
});
export const SwapList = listOf(Swap);
export const BuildingSwaps = named("BuildingSwaps", {
  items: Type.Array(ref(Swap)),
  withheld: Type.Integer({
    description:
      "Supply points that I know of, and of which I may not see the load: nothing is said of them.",
  }),
});
export const NewSwap = body("NewSwap", {
  at: Time,
  closingIndex: Type.String({ ...Index, description: "Of the meter that went, in its register's unit." }),
  openingIndex: Type.String({ ...Index, description: "Of the meter that came, in its register's unit." }),
  oldRegisterId: Type.Optional(
    Type.String({
      ...Id,
      description: "Without it: of the one suspected swap, or the one register there is.",
    }),
  ),
  newRegisterId: Type.Optional(
    Type.String({ ...Id, description: "Without it: the suspected one, else the old register itself." }),
  ),
  reason: Type.Optional(text(1000)),
});
const NewSwapRegister = Type.Object(
  {
    oldRegisterId: Id,
    newRegisterId: Type.Optional(
      Type.String({ ...Id, description: "Without it: the old one, whose device tells no serial." }),
    ),
    closingIndex: Type.String({ ...Index, description: "Of the meter that went, in its register's unit." }),
    openingIndex: Type.String({ ...Index, description: "Of the meter that came, in its register's unit." }),
  },
  { additionalProperties: false },
);
export const NewMeterSwap = body("NewMeterSwap", {
  at: Type.Optional(
    Type.String({ ...Time, description: "Without it: when the suspected meter was first heard." }),
  ),
  key: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: "Of suspected swaps: all of them are recorded as they were filled in from the readings.",
    }),
  ),
  registers: Type.Optional(
    Type.Array(NewSwapRegister, {
      minItems: 1,
      maxItems: 20,
      description:
        "All that the meter counts, as high and low tariff; each old register once. Beside a key: in place of what was filled in.",
    }),
  ),
  reason: Type.Optional(text(1000)),
});
export const DismissedSwap = body("DismissedSwap", {
  key: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: "Of suspected swaps: all of them are none. Instead of the two registers.",
    }),
  ),
  oldRegisterId: Type.Optional(Id),
  newRegisterId: Type.Optional(Id),
});
