// Which of several contracts counts on a day: a later one replaces what went on before it.

/** Civil dates, `YYYY-MM-DD`. */
export type ContractPeriod = {
  readonly startsOn: string;
  /** The first day after it; `null`: until terminated. */
  readonly endsOn: string | null;
};

/** Of those in force the one that began last; when it ends, an older one that goes on counts again. */
export function contractInForce<Contract extends ContractPeriod>(
  contracts: readonly Contract[],
  date: string,
): Contract | undefined {
  let inForce: Contract | undefined;
  for (const contract of contracts) {
    if (contract.startsOn > date || (contract.endsOn !== null && contract.endsOn <= date)) continue;
    if (inForce === undefined || contract.startsOn > inForce.startsOn) inForce = contract;
  }
  return inForce;
}
