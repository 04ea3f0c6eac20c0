// What the dashboard asks and tells the API about devices behind a gateway that nobody has claimed.
import type { components } from "../api-types.d.ts";
import { client, dataOf } from "./client.ts";

type Schemas = components["schemas"];
export type UnclaimedDevice = Schemas["UnclaimedDevice"];
export type UnclaimedValue = Schemas["UnclaimedValue"];
export type DeviceClaim = Schemas["DeviceClaim"];
export type Profile = NonNullable<DeviceClaim["profile"]>;

export function listUnclaimed(
  cursor: string | null,
  signal: AbortSignal,
): Promise<Schemas["UnclaimedDeviceList"]> {
  const query = cursor === null ? {} : { cursor };
  return dataOf(client.GET("/v1/devices/unclaimed", { params: { query }, signal }));
}

/** @throws RequestProblem `already_exists` where somebody was faster. */
export function claimDevice(id: string, body: DeviceClaim): Promise<Schemas["Device"]> {
  return dataOf(client.POST("/v1/devices/unclaimed/{id}/claim", { params: { path: { id } }, body }));
}
