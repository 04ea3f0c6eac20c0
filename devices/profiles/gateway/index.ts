// A gateway speaks for devices of other families, which are told by their bytes, or each by a topic of its own.
import type { Family } from "../family.ts";
import { decodeGateway } from "./decode.ts";

export const family: Family = { profile: "gateway", decode: decodeGateway };
