// What every failure answers: RFC 9457 problem details with a stable code.
import { Type } from "typebox";
import { ERROR_CODES, type ErrorCode } from "#devices/error";
import { named, oneOf } from "./shape.ts";

const codes = Object.keys(ERROR_CODES) as ErrorCode[];

export const Problem = named("Problem", {
  type: Type.String({ examples: ["about:blank"] }),
  title: Type.String(),
  status: Type.Integer(),
  code: oneOf(codes),
  detail: Type.String({
    description: "One English sentence for people: what was attempted, and what is wrong.",
  }),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        pointer: Type.String({ description: "JSON pointer to the member at fault." }),
        detail: Type.String(),
      }),
    ),
  ),
});
