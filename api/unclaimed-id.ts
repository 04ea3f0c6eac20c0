// The opaque identifier of a device that nobody has claimed: its gateway, and how that one calls it.
import type { UnclaimedKey } from "#store";
import { identifier } from "./identifier.ts";

/** A name has at most 256 characters of up to 3 bytes, and base64 writes 4 characters for 3 bytes. */
export const UNCLAIMED_ID_MAX = 1100;

export function unclaimedId({ gatewayId, externalId }: UnclaimedKey): string {
  return Buffer.from(`${gatewayId}:${externalId}`, "utf8").toString("base64url");
}

/** `undefined` for everything that cannot be such an identifier: nothing has it, so it is not found. */
export function unclaimedKey(id: unknown): UnclaimedKey | undefined {
  if (typeof id !== "string" || id.length > UNCLAIMED_ID_MAX || !/^[\w-]+$/.test(id)) return undefined;
  const text = Buffer.from(id, "base64url").toString("utf8");
  const colon = text.indexOf(":");
  const gatewayId = identifier(text.slice(0, Math.max(colon, 0)));
  const externalId = text.slice(colon + 1);
  if (gatewayId === undefined || externalId === "" || externalId.includes("\0")) return undefined;
  return { gatewayId, externalId };
}
