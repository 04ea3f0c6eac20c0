// What the dashboard asks and tells the API about messages that could not be read.
import type { components } from "../api-types.d.ts";
import { client, dataOf } from "./client.ts";

type Schemas = components["schemas"];
export type QuarantinedMessage = Schemas["QuarantinedMessage"];
export type QuarantineReason = QuarantinedMessage["reason"];
export type QuarantineSummary = Schemas["QuarantineSummary"];
export type DeviceCount = QuarantineSummary["items"][number];
export type ReasonCount = QuarantineSummary["reasons"][number];
export type QuarantinePolicy = Schemas["QuarantinePolicy"];

/** As many devices or messages as the API gives at once. */
const ALL = { limit: 1000 } as const;
const PAGE = { limit: 25 } as const;

export type QuarantineFilter = {
  readonly deviceId?: string | undefined;
  readonly reason?: QuarantineReason | undefined;
  /** `false`: what waits. */
  readonly replayed?: boolean | undefined;
};

export function listQuarantine(
  { deviceId, reason, replayed }: QuarantineFilter,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Schemas["QuarantinedMessageList"]> {
  const query = {
    ...PAGE,
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(reason === undefined ? {} : { reason }),
    ...(replayed === undefined ? {} : { replayed }),
    ...(cursor === null ? {} : { cursor }),
  };
  return dataOf(client.GET("/v1/quarantine", { params: { query }, signal }));
}

/** The counts per reason of all, and of the first thousand devices. */
export function readQuarantineSummary(signal: AbortSignal): Promise<QuarantineSummary> {
  return dataOf(client.GET("/v1/quarantine/summary", { params: { query: ALL }, signal }));
}

/** One device's counts; `undefined` where nothing of it is kept, or nothing that I may see. */
export async function readDeviceCount(
  deviceId: string,
  signal: AbortSignal,
): Promise<DeviceCount | undefined> {
  for (let cursor: string | null = ""; cursor !== null;) {
    const query = { ...ALL, ...(cursor === "" ? {} : { cursor }) };
    const page: QuarantineSummary = await dataOf(
      client.GET("/v1/quarantine/summary", { params: { query }, signal }),
    );
    const found = page.items.find((item) => item.deviceId === deviceId);
    if (found !== undefined) return found;
    cursor = page.nextCursor;
  }
  return undefined;
}

export function readQuarantinePolicy(signal: AbortSignal): Promise<QuarantinePolicy> {
  return dataOf(client.GET("/v1/quarantine/policy", { signal }));
}

/** Reads one message again, as its device is today; the answer is what became of it. */
export function replayMessage(id: string): Promise<QuarantinedMessage> {
  return dataOf(client.POST("/v1/quarantine/{id}/replay", { params: { path: { id } } }));
}

/** Has many read again in the background; how many were marked. */
export async function replayMessages({ deviceId, reason }: QuarantineFilter): Promise<number> {
  const body = {
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(reason === undefined ? {} : { reason }),
  };
  return (await dataOf(client.POST("/v1/quarantine/replay", { body }))).requested;
}
