// The door of the linky-tic profile.
import type { Family } from "../family.ts";
import { decodeLinky } from "./decode.ts";
import { recogniseLinky } from "./frame.ts";

export { encodeTic, type TicEntry, type TicFields } from "./encode.ts";

export const family: Family = { profile: "linky-tic", decode: decodeLinky, recognise: recogniseLinky };
