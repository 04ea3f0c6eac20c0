// What contracts bring about: the mixes behind CO₂, and the changes behind savings.
export { listMixes, type MixRow } from "./list-mixes.ts";
export { listSwitches } from "./list-switches.ts";
export type { SwitchContract, SwitchedPoint, SwitchQuery, TariffRow } from "./list-switches.ts";
