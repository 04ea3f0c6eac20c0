// The pieces that every schema is made of: identifiers, instants, money, nullable values, references and lists.
import { Type, type Static, type TProperties, type TSchema } from "typebox";

/** Identifiers are strings outside the database. */
export const Id = Type.String({ pattern: "^[1-9][0-9]{0,9}$", examples: ["17"] });

/** RFC 3339; answers are always UTC with a `Z`. */
export const Instant = Type.String({ format: "date-time", examples: ["2026-01-31T23:15:00.000Z"] });

/** A civil date, `YYYY-MM-DD`. */
export const CivilDate = Type.String({ format: "date", examples: ["2026-12-31"] });

/** A text for people: something in it, and no NUL, which PostgreSQL cannot store. */
export const text = (maxLength: number, minLength = 1) =>
  Type.String({ minLength, maxLength, pattern: "^[^\\u0000]*$" });

/** Exact decimal text: an amount, an index. `places`: digits allowed after the point. */
export const decimal = (places: number, example: string, sign: "-?" | "" = "-?") =>
  Type.String({ pattern: `^${sign}[0-9]{1,15}(\\.[0-9]{1,${places}})?$`, examples: [example] });

/** A value or `null`, written as JSON Schema's list of types, which serialises without trying alternatives. */
export function nullable<Schema extends TSchema>(schema: Schema) {
  const { type, enum: values, ...rest } = schema as TSchema & { type?: string; enum?: readonly unknown[] };
  return Type.Unsafe<Static<Schema> | null>({
    ...rest,
    type: [type ?? "string", "null"],
    ...(values === undefined ? {} : { enum: [...values, null] }),
  });
}

/** A closed list of words. */
export const oneOf = <const Word extends string>(words: readonly Word[]) =>
  Type.Unsafe<Word>({ type: "string", enum: [...words] });

const shared = new Map<string, TSchema>();

/** Schemas with a name of their own in the OpenAPI document, in the order of their definition. */
export const namedSchemas = (): TSchema[] => [...shared.values()];

/** A named answer. Unknown members may be added later, so readers must tolerate them. */
export function named<const Properties extends TProperties>($id: string, properties: Properties) {
  return remember($id, Type.Object(properties, { $id }));
}

/** A named request body: a member that it does not know is an error, so a typing mistake cannot pass for a default. */
export function body<const Properties extends TProperties>(
  $id: string,
  properties: Properties,
  options: { minProperties?: number } = {},
) {
  return remember($id, Type.Object(properties, { $id, additionalProperties: false, ...options }));
}

function remember<Schema extends TSchema>($id: string, schema: Schema): Schema {
  if (shared.has($id)) throw new Error(`two schemas are called ${$id}`);
  shared.set($id, schema);
  return schema;
}

/** A reference to a named schema, with its type. */
export function ref<Schema extends TSchema>(schema: Schema) {
  const { $id } = schema as TSchema & { $id?: string };
  if ($id === undefined) throw new Error("only a named schema can be referred to");
  return Type.Unsafe<Static<Schema>>({ $ref: `${$id}#` });
}

/** `{items, nextCursor}` of a named schema. */
export function listOf<Schema extends TSchema>(schema: Schema) {
  const { $id } = schema as TSchema & { $id?: string };
  return named(`${$id ?? ""}List`, pageOf(schema));
}

/** The members of a list, for an answer that says more of it. */
export const pageOf = <Schema extends TSchema>(schema: Schema) => ({
  items: Type.Array(ref(schema)),
  nextCursor: nullable(
    Type.String({ description: "Pass it as `cursor` for the next page; null on the last." }),
  ),
});

/** The query of every list. */
export const PAGE = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
};

/** A query string: like a body, closed; unlike one, converted from text. */
export const query = <const Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

/** An answer without a body. */
export const Nothing = Type.Null({ description: "Done; there is nothing to say." });

/** A series: the same as JSON or, by `Accept`, as CSV. */
export const series = <Schema extends TSchema>(schema: Schema) => ({
  description: "As `application/json` or, by Accept, `text/csv`.",
  content: {
    "application/json": { schema },
    "text/csv": { schema: Type.String() },
  },
});
