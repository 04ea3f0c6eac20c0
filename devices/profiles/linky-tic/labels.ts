// The labels of a Linky's customer port (TIC), what each one measures, and which are no readings (Enedis-NOI-CPT_54E).
import type { Carrier, Direction, RegisterKind } from "#devices/vocabulary";

export type Label = {
  readonly quantity: string;
  readonly unit: string;
  readonly kind: RegisterKind;
  /** What it would be added to; a part of a total gets it only in a message without that total. */
  readonly carrier: Carrier | null;
  readonly direction: Direction | null;
  readonly tariff: string | null;
  /** Of the 1200 baud mode, which tells no time at all. */
  readonly history: boolean;
  /** A share of EAST or BASE: adding it to the total would count it twice. */
  readonly part: boolean;
};

type Options = Partial<Omit<Label, "quantity" | "unit">>;

const label = (quantity: string, unit: string, options: Options = {}): Label => ({
  quantity,
  unit,
  kind: "instantaneous",
  carrier: null,
  direction: null,
  tariff: null,
  history: false,
  part: false,
  ...options,
});

const index = (options: Options): Label =>
  label("energy", "Wh", { kind: "cumulative", carrier: "electricity", direction: "import", ...options });
const historyIndex = (tariff: string | null): Label =>
  index({ history: true, tariff, part: tariff !== null });
const current = (options: Options = {}): Label =>
  label("current", "A", { carrier: "electricity", ...options });
/** Apparent power is no power that anybody is billed or that adds up: it has no carrier. */
const apparent = (quantity = "apparent-power"): Label => label(quantity, "VA");
const voltage = (): Label => label("voltage", "V", { carrier: "electricity" });
const numbered = (stem: string, last: number, of: (number: number) => Label): [string, Label][] =>
  Array.from({ length: last }, (_, at) => [stem.replace("#", String(at + 1)), of(at + 1)]);

const LABELS: ReadonlyMap<string, Label> = new Map<string, Label>([
  // 1200 baud. The contract decides which of these indices a meter shows: they never overlap.
  ["BASE", historyIndex(null)],
  ...["HCHC", "HCHP", "EJPHN", "EJPHPM"].map((name): [string, Label] => [name, historyIndex(name)]),
  ...["JB", "JW", "JR"].flatMap((day): [string, Label][] =>
    ["HC", "HP"].map((hours) => [`BBR${hours}${day}`, historyIndex(`${hours}${day}`)]),
  ),
  ["PAPP", { ...apparent(), history: true }],
  ["IINST", current({ history: true })],
  ...numbered("IINST#", 3, () => current({ history: true })),
  ["IMAX", label("max-current", "A", { history: true })],
  ...numbered("IMAX#", 3, () => label("max-current", "A", { history: true })),
  ["PMAX", label("max-demand", "W", { history: true })],
  ["ISOUSC", label("subscribed-current", "A", { history: true })],
  // 9600 baud.
  ["EAST", index({})],
  ...numbered("EASF0#", 9, (number) => index({ tariff: String(number), part: true })),
  ["EASF10", index({ tariff: "10", part: true })],
  // The distributor's view of the same energy, beside the supplier's.
  ...numbered("EASD0#", 4, (number) => index({ carrier: null, direction: null, tariff: `D${number}` })),
  ["EAIT", index({ direction: "export" })],
  ...numbered("ERQ#", 4, () =>
    label("reactive-energy", "varh", { kind: "cumulative", carrier: "electricity" }),
  ),
  ...numbered("IRMS#", 3, () => current()),
  ...numbered("URMS#", 3, voltage),
  ...numbered("UMOY#", 3, voltage),
  ["SINSTS", apparent()],
  ...numbered("SINSTS#", 3, () => apparent()),
  ["SINSTI", apparent()],
  ...["SMAXSN", "SMAXSN1", "SMAXSN2", "SMAXSN3", "SMAXIN"].flatMap((name): [string, Label][] => [
    [name, apparent("max-apparent-power")],
    [`${name}-1`, apparent("max-apparent-power")],
  ]),
  // A point of the load curve: the mean of the period that ends at its horodate. Its predecessor came as CCASN before.
  ["CCASN", label("power", "W", { carrier: "electricity", direction: "import" })],
  ["CCASN-1", label("power", "W")],
  ["CCAIN", label("power", "W", { carrier: "electricity", direction: "export" })],
  ["CCAIN-1", label("power", "W")],
  ["PREF", apparent("subscribed-power")],
  ["PCOUP", apparent("subscribed-power")],
]);

/** No measurement: who and which version, contract and calendar in words, status bits, notices of peaks to come, messages. */
const LEFT_OUT = new Set(
  (
    "ADCO ADSC PRM DATE VTIC NGTF LTARF OPTARIF PTEC DEMAIN HHPHC MOTDETAT PPOT PEJP ADPS ADIR1 ADIR2 ADIR3 STGE " +
    "MSG1 MSG2 RELAIS NTARF NJOURF NJOURF+1 PJOURF+1 PPOINTE DPM1 DPM2 DPM3 FPM1 FPM2 FPM3"
  ).split(" "),
);

export function labelOf(name: string): Label | undefined {
  return LABELS.get(name);
}

export function isLeftOut(name: string): boolean {
  return LEFT_OUT.has(name);
}

/** Names of the whole, whose parts do not count beside it. */
export const TOTALS: readonly string[] = ["EAST", "BASE"];
