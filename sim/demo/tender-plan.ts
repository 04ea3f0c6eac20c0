// What the demo's two tenders are: one that was awarded two months ago, and the next one, open to join.
import { DAY_MS, SECOND_MS } from "#devices/time";

export type BidPlan = {
  /** Before the @ of the account that bids. */
  readonly account: string;
  readonly pricePerKwh: string;
  readonly annualFee: string;
  readonly greenShare: number;
};

export type TenderPlan = {
  readonly name: string;
  readonly carrier: "electricity";
  readonly regions: readonly string[];
  /** First day of supply: so many months after the present one begins. */
  readonly deliveryMonths: number;
  readonly termMonths: number;
  /** From when the tender is made until its bids are due. */
  readonly openForMs: number;
  /** Keys of sites. */
  readonly buildings: readonly string[];
};

/** Demo names that nobody bears, and the accounts that bid for them. */
export const DEMO_SUPPLIERS = [
  { name: "Lumière Verte (démo)", account: "supplier" },
  { name: "Stroomland (démo)", account: "supplier-stroomland" },
  { name: "Noordlicht Energie (démo)", account: "supplier-noordlicht" },
] as const;

const TERM_MONTHS = 12;

/** Supply began before today, so that there is a saving on energy that was really used. */
export const AWARDED_TENDER: TenderPlan = {
  name: "Électricité des communs",
  carrier: "electricity",
  regions: ["BE"],
  deliveryMonths: -2,
  termMonths: TERM_MONTHS,
  openForMs: 45 * SECOND_MS,
  buildings: [
    "platanes",
    "tilleuls",
    "cerisiers",
    "altitude",
    "etangs",
    "meuse",
    "remparts",
    "coteaux",
    "lac",
    "filature",
    "schelde",
    "leie",
    "zeebries",
    "reien",
    "dijlehof",
    "boomgaard",
  ],
};

/**
 * The highest price per kWh is not the dearest bid, nor the lowest the cheapest: fees count. Two buildings have a contract
 * that none of these bids beats.
 */
export const DEMO_BIDS: readonly BidPlan[] = [
  { account: "supplier", pricePerKwh: "0.131500", annualFee: "40.00", greenShare: 1 },
  { account: "supplier-stroomland", pricePerKwh: "0.128900", annualFee: "48.00", greenShare: 1 },
  { account: "supplier-noordlicht", pricePerKwh: "0.126800", annualFee: "210.00", greenShare: 0.5 },
];

/** The year after. One building has everything it takes and has not joined; one has not decided yet. */
export const OPEN_TENDER: TenderPlan = {
  name: "Électricité des communs, année suivante",
  carrier: "electricity",
  regions: ["BE"],
  deliveryMonths: AWARDED_TENDER.deliveryMonths + TERM_MONTHS,
  termMonths: TERM_MONTHS,
  openForMs: 60 * DAY_MS,
  buildings: [
    "platanes",
    "tilleuls",
    "cerisiers",
    "etangs",
    "ecluse",
    "meuse",
    "coteaux",
    "lac",
    "beffroi",
    "schelde",
    "leie",
    "zeebries",
    "dijlehof",
    "vlasakker",
  ],
};
