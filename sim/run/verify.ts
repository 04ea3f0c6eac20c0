// Asks the API, not the database, for everything that was told, and holds it against the world.
import { DAY_MS, QUARTER_MS, SECOND_MS, type TimeSource } from "#devices/time";
import { pause } from "../devices/telling.ts";
import type { ApiClient } from "../portfolio/api-client.ts";
import type { Delivery } from "../story/story.ts";
import {
  accountOfRegister,
  hasAccount,
  readingsOfRegister,
  type AnsweredAccount,
  type AnsweredRegister,
} from "./ask-register.ts";
import { arrivedOf, type AnsweredReadings } from "./arrived.ts";
import type { AnsweredPoint } from "./judge.ts";
import { unaccountedIn } from "./judge-account.ts";
import {
  addReadings,
  judgeReadings,
  type AnsweredReading,
  type ReadingVerdict,
  type RegisterEvidence,
} from "./judge-readings.ts";
import { addVerdicts, isRightStory, judgeStory, type StoryVerdict } from "./judge-story.ts";
import { addUnconfirmed, judgeUnconfirmed, type UnconfirmedTally } from "./judge-unconfirmed.ts";
import type { RunOptions } from "./options.ts";
import type { Published, Told } from "./publish.ts";
import { quarantineKey, splitQuarantined, withoutUnintroduced, type SplitDeliveries } from "./quarantined.ts";

export type Report = ReadingVerdict &
  UnconfirmedTally &
  StoryVerdict & {
    readonly published: number;
    readonly acknowledged: number;
    /** Sent with QoS 0: nobody says that they arrived. */
    readonly unconfirmed: number;
    /** Of these, those of which every reading is there: they are held against the profiles like acknowledged ones. */
    readonly arrived: number;
    /** Messages in quarantine that can be read. */
    readonly refused: number;
    /** Connections with a secret that was revoked. */
    readonly admitted: number;
    /** Registers whose quarter-hours and pieces do not add up to what their index went by. */
    readonly unaccounted: number;
    /** The first of them, in words. */
    readonly openAccounts: readonly string[];
    /** From the last acknowledgement until the profiles held everything that was told: ms. */
    readonly settledMs: number;
  };

const ASK_AGAIN_MS = 2 * SECOND_MS;
const OPEN_ACCOUNTS_MAX = 10;

export function isRight(report: Report): boolean {
  const { lost, unarrived, doubled, altered, refused, admitted, unaccounted } = report;
  const wrong = lost + unarrived + doubled + altered + refused + admitted + unaccounted;
  return wrong === 0 && isRightStory(report);
}

/** Waits until the profiles hold everything, or for `settleMs`. */
export async function verify(
  tolds: readonly Told[],
  published: Published,
  api: ApiClient,
  options: RunOptions,
  environment: { readonly time: TimeSource; readonly stop: AbortSignal; report(text: string): void },
): Promise<Report> {
  const { time, stop } = environment;
  const startMs = time.now();
  const readable = new Map<Told, readonly Delivery[]>();
  const refused = new Map<Told, readonly Delivery[]>();
  for (const told of tolds) {
    const split = await withoutQuarantined(told, published, api);
    readable.set(told, split.readable);
    refused.set(told, split.refused);
  }
  const sentOf = ({ story }: Told) => published.sent.get(story) ?? [];
  const arrived = new Map<Told, readonly Delivery[]>();
  const judgeAll = async () => {
    const verdicts: StoryVerdict[] = [];
    for (const told of tolds) {
      const sent = sentOf(told);
      const unconfirmed = new Set(sent.flatMap(({ qos, device }) => (qos === 0 ? [device] : [])));
      const readings = await readingsOf(told, sent, api, (device) => unconfirmed.has(device));
      const arrivals = arrivedOf(sent, told.story.series, readings);
      arrived.set(told, arrivals);
      const loads = await loadsOf(told, api);
      const acknowledged = [...confirmed(readable.get(told)), ...arrivals];
      verdicts.push(judgeStory(told.story, { acknowledged, sent, loads }));
    }
    return addVerdicts(verdicts);
  };
  const accountAll = async () => {
    const found: string[] = [];
    for (const told of tolds) found.push(...(await openAccountsOf(told, sentOf(told), api)));
    return found;
  };
  let verdict = await judgeAll();
  let open: string[] | undefined;
  while (open?.length !== 0 && time.now() - startMs < options.settleMs && !stop.aborted) {
    environment.report(progressOf(verdict, open?.length));
    await pause(ASK_AGAIN_MS, stop);
    const before = JSON.stringify(verdict.quarters);
    verdict = await judgeAll();
    // What is right may still be under way: it is, once nothing changes any more.
    const settled = isRightStory(verdict) && JSON.stringify(verdict.quarters) === before;
    open = settled ? await accountAll() : undefined;
  }
  open ??= await accountAll();
  const settledMs = time.now() - startMs;
  const { faults } = options;
  const isStruck = faults.has("kill") || faults.has("storm");
  const readings: ReadingVerdict[] = [];
  const unconfirmed: UnconfirmedTally[] = [];
  for (const told of tolds) {
    const sent = sentOf(told);
    const answered = await readingsOf(told, sent, api, () => true);
    const evidenceOf = (must: readonly Delivery[]) => evidenceByDevice(told, must, sent, answered);
    readings.push(
      ...evidenceOf(confirmed(readable.get(told)))
        .flat()
        .map(judgeReadings),
    );
    const withoutAnswer = (readable.get(told) ?? []).filter(({ qos }) => qos === 0);
    unconfirmed.push(...evidenceOf(withoutAnswer).map((registers) => judgeUnconfirmed(registers, isStruck)));
  }
  return {
    published: sizeOf(published.sent),
    acknowledged: sizeOf(published.acknowledged),
    unconfirmed: tolds.flatMap(sentOf).filter(({ qos }) => qos === 0).length,
    arrived: [...arrived.values()].flat().length,
    refused: tolds.flatMap((told) =>
      withoutUnintroduced(refused.get(told) ?? [], sentOf(told), new Set(arrived.get(told))),
    ).length,
    admitted: published.admitted,
    unaccounted: open.length,
    openAccounts: open.slice(0, OPEN_ACCOUNTS_MAX),
    ...addReadings(readings),
    ...addUnconfirmed(unconfirmed),
    ...verdict,
    settledMs,
  };
}

function progressOf({ quarters }: StoryVerdict, openAccounts = 0): string {
  return `${quarters.late} quarter-hours are not in the profiles yet, ${quarters.wrong} are wrong as yet, ${openAccounts} accounts are open`;
}

function sizeOf(lists: ReadonlyMap<unknown, readonly Delivery[] | ReadonlySet<Delivery>>): number {
  return [...lists.values()].reduce((sum, list) => sum + ("size" in list ? list.size : list.length), 0);
}

/** What went into quarantine told nothing. Only what was damaged may be there. */
async function withoutQuarantined(
  { site, story }: Told,
  published: Published,
  api: ApiClient,
): Promise<SplitDeliveries> {
  const quarantined = new Set<string>();
  for (const { id, plan } of site.devices) {
    const items = await api.list<{ topic: string; payload: string }>(`/v1/quarantine?deviceId=${id}`);
    for (const { payload } of items) quarantined.add(quarantineKey(plan.key, Buffer.from(payload, "base64")));
  }
  const unconfirmed = (published.sent.get(story) ?? []).filter(({ qos }) => qos === 0);
  return splitQuarantined([...(published.acknowledged.get(story) ?? []), ...unconfirmed], quarantined);
}

/** By series. */
async function loadsOf({ site, story }: Told, api: ApiClient): Promise<Map<string, AnsweredPoint[]>> {
  const loads = new Map<string, AnsweredPoint[]>();
  const firstMs = Math.ceil(story.fromMs / QUARTER_MS) * QUARTER_MS;
  const endMs = Math.floor(story.toMs / QUARTER_MS) * QUARTER_MS;
  for (const { key, supplyPoint, direction } of story.series.values()) {
    const id = site.supplyPointIds.get(supplyPoint) ?? "";
    const points: AnsweredPoint[] = [];
    for (let fromMs = firstMs; fromMs < endMs; fromMs += 7 * DAY_MS) {
      const query = new URLSearchParams({
        from: new Date(fromMs).toISOString(),
        to: new Date(Math.min(endMs, fromMs + 7 * DAY_MS)).toISOString(),
        direction,
        resolution: "quarter-hour",
      });
      const path = `/v1/supply-points/${id}/load?${query}`;
      points.push(...(await api.get<{ points: AnsweredPoint[] }>(path)).points);
    }
    loads.set(key, points);
  }
  return loads;
}

/** Of the devices that `isSought`, all that they told. */
async function readingsOf(
  { site, story }: Told,
  sent: readonly Delivery[],
  api: ApiClient,
  isSought: (device: string) => boolean,
): Promise<AnsweredReadings> {
  const found = new Map<string, Map<string, AnsweredReading[]>>();
  for (const { id, plan } of site.devices) {
    if (!isSought(plan.key)) continue;
    const own = new Map<string, AnsweredReading[]>();
    const registers = await api.list<{ id: string; name: string }>(`/v1/devices/${id}/registers`);
    for (const register of namesOf(of(plan.key, sent)).keys()) {
      const readings: AnsweredReading[] = [];
      for (const { id: registerId } of registers.filter(({ name }) => name === register)) {
        readings.push(...(await readingsOfRegister(registerId, story, api)));
      }
      own.set(register, readings);
    }
    found.set(plan.key, own);
  }
  return found;
}

/** Of each device its registers. `must`: what has to be there of what was sent. */
function evidenceByDevice(
  { story }: Told,
  must: readonly Delivery[],
  sent: readonly Delivery[],
  answered: AnsweredReadings,
): RegisterEvidence[][] {
  return story.devices.map((device) => {
    const own = { acknowledged: of(device.key, must), sent: of(device.key, sent) };
    return [...namesOf(own.sent)].flatMap(([register, key]) => {
      const series = story.series.get(key);
      const readings = answered.get(device.key)?.get(register) ?? [];
      return series === undefined ? [] : [{ device, series, register, readings, ...own }];
    });
  });
}

const confirmed = (deliveries: readonly Delivery[] = []) => deliveries.filter(({ qos }) => qos > 0);

const of = (key: string, deliveries: readonly Delivery[]) =>
  deliveries.filter(({ device }) => device === key);

/** Registers with the series that they belong to. */
function namesOf(deliveries: readonly Delivery[]): Map<string, string> {
  return new Map(deliveries.flatMap(({ tells }) => tells.map((one) => [one.register, one.series])));
}

/** Of all registers of which profiles are made: those whose account does not close, and of which the API itself says so, or cannot say. */
async function openAccountsOf(
  { site, story }: Told,
  sent: readonly Delivery[],
  api: ApiClient,
): Promise<string[]> {
  const open: string[] = [];
  for (const { id: deviceId, plan } of site.devices) {
    const registers = await api.list<AnsweredRegister>(`/v1/devices/${deviceId}/registers`);
    for (const { id, name, unit } of registers.filter(hasAccount)) {
      const account = await accountOfRegister(id, story, api);
      const readings = await readingsOfRegister(id, story, api);
      const { allocated: quarters, unallocated: pieces } = account;
      const [judged] = unaccountedIn(plan.key, [{ register: name, unit, readings, quarters, pieces }], sent);
      const said = account.closes === true ? [] : [`${plan.key} ${name}: ${saidOf(account)}`];
      open.push(...(judged === undefined ? said : [judged]));
    }
  }
  return open;
}

function saidOf({ closes, unaccounted }: AnsweredAccount): string {
  return closes === null ? "it waits to be computed" : `it is off by ${unaccounted}, the API says`;
}
