// Requests against their schemas: bodies strictly as they are, query strings converted from text first.
import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";
import { KoproError } from "#devices/error";
import { namedSchemas } from "./schemas/index.ts";

type Fault = { readonly pointer: string; readonly detail: string };

/**
 * Compiles each schema once. A named schema is referred to by routes, so that the OpenAPI document can name it; named
 * request schemas refer to nothing themselves.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const whole = resolved(schema);
  const check = Compile(whole);
  return (value: unknown) => {
    const given = httpPart === "body" ? value : Value.Convert(whole, value);
    if (check.Check(given)) return { value: given };
    return { error: faultOf(check.Errors(given), httpPart ?? "request") };
  };
};

function resolved(schema: TSchema): TSchema {
  const { $ref } = schema as TSchema & { $ref?: string };
  if ($ref === undefined) return schema;
  const found = namedSchemas().find((candidate) => `${(candidate as { $id?: string }).$id}#` === $ref);
  if (found === undefined) throw new Error(`no schema is called ${$ref}`);
  return found;
}

type ValidationError = {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
};

const FAULTS_MAX = 20;

function faultOf(errors: readonly ValidationError[], part: string): KoproError {
  const faults = errors.flatMap(faultsOf).slice(0, FAULTS_MAX);
  const where = part === "querystring" ? "query" : part;
  const sentences = faults.map(
    (fault) => `${fault.pointer === "" ? "the whole" : fault.pointer} ${fault.detail}`,
  );
  return new KoproError("request_invalid", `The ${where} is not valid: ${sentences.join("; ")}.`, {
    extra: { errors: faults },
  });
}

/** A missing or unknown member is named itself, not the object around it. */
function faultsOf({ keyword, instancePath, params, message }: ValidationError): Fault[] {
  const { requiredProperties, additionalProperties } = params as Record<
    string,
    readonly string[] | undefined
  >;
  if (keyword === "required" && requiredProperties !== undefined) {
    return requiredProperties.map((name) => ({
      pointer: `${instancePath}/${escaped(name)}`,
      detail: "is missing",
    }));
  }
  if (keyword === "additionalProperties" && additionalProperties !== undefined) {
    return additionalProperties.map((name) => ({
      pointer: `${instancePath}/${escaped(name)}`,
      detail: "is not known here",
    }));
  }
  // The member's own schema `false` repeats what `additionalProperties` has said.
  if (keyword === "boolean") return [];
  return [{ pointer: instancePath, detail: message }];
}

/** RFC 6901. A name can be as long as the request: it is cut. */
function escaped(name: string): string {
  return name.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1");
}
