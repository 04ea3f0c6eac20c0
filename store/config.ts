// The environment, read once and checked whole: every problem is reported at once, with the variable's name.
import { Type, type Static, type TProperties, type TSchema } from "typebox";
import { Value } from "typebox/value";
import { KoproError } from "#devices/error";

const port = (fallback?: number) =>
  Type.Integer({ minimum: 0, maximum: 65_535, ...(fallback === undefined ? {} : { default: fallback }) });

/** All variables that any process reads. A process reads the whole: one schema, one list of faults. */
const VARIABLES = {
  DATABASE_URL: Type.Optional(Type.String({ pattern: "^postgres(ql)?://" })),
  REDIS_URL: Type.Optional(Type.String({ pattern: "^rediss?://" })),
  MQTT_PORT: port(1883),
  MQTTS_PORT: Type.Optional(port()),
  TLS_CERT_FILE: Type.Optional(Type.String({ minLength: 1 })),
  TLS_KEY_FILE: Type.Optional(Type.String({ minLength: 1 })),
  /** Certificates of devices signed by these authorities open a session without a secret. */
  TLS_CLIENT_CA_FILE: Type.Optional(Type.String({ minLength: 1 })),
  MQTT_WS_PORT: Type.Optional(port()),
  /** Sustained messages a second; a device or building that was silent may send fifty times as many at once. */
  MQTT_DEVICE_RATE_MAX: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 2000 }),
  MQTT_BUILDING_RATE_MAX: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 20_000 }),
  /** The broker that `ingest/main.ts` consumes, and the name of the shared subscription. */
  MQTT_UPSTREAM_URL: Type.Optional(Type.String({ pattern: "^(mqtt|mqtts|ws|wss)://" })),
  MQTT_UPSTREAM_GROUP: Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$", default: "koprogo" }),
  /** Prometheus' listener of a process that serves no HTTP otherwise; absent: none. */
  METRICS_PORT: Type.Optional(port()),
  METRICS_HOST: Type.String({ minLength: 1, default: "127.0.0.1" }),
  MQTT_HOST: Type.String({ minLength: 1, default: "127.0.0.1" }),
  HTTP_PORT: port(8080),
  HTTP_HOST: Type.String({ minLength: 1, default: "127.0.0.1" }),
  KOPROGO_DATA_DIR: Type.String({ minLength: 1, default: ".koprogo" }),
  /**
   * Under which passwords of connectors are at rest: 32 bytes in base64 or base64url, several separated by commas. The first
   * one seals, all of them open. Absent: `secret.key` in the data folder, made at the first start.
   */
  KOPROGO_SECRET_KEY: Type.Optional(
    Type.String({ pattern: "^[A-Za-z0-9+/_-]{43}=?(,[A-Za-z0-9+/_-]{43}=?){0,7}$" }),
  ),
  /** Whether connectors may reach this machine and private networks. */
  KOPROGO_CONNECTOR_PRIVATE: Type.Boolean({ default: false }),
  KOPROGO_ADMIN_EMAIL: Type.Optional(Type.String({ pattern: "^[^@\\s]+@[^@\\s]+$" })),
  KOPROGO_ADMIN_PASSWORD: Type.Optional(Type.String({ minLength: 12 })),
  KOPROGO_COHORT_MIN: Type.Integer({ minimum: 2, maximum: 1000, default: 10 }),
  LOG_LEVEL: Type.Enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], { default: "info" }),
} satisfies TProperties;

const SCHEMA = Type.Object(VARIABLES);

export type Config = Static<typeof SCHEMA>;
export type ConfigName = keyof typeof VARIABLES;

/**
 * Reads the environment. An empty variable counts as absent; unknown variables are none of our business.
 * @throws KoproError `config_invalid` naming every variable at fault; `required` must be present.
 */
export function readConfig<Required extends ConfigName = never>(
  env: Readonly<Record<string, string | undefined>>,
  required: readonly Required[] = [],
): Config & { [Name in Required]-?: NonNullable<Config[Name]> } {
  const given: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [name, schema] of Object.entries<TSchema>(VARIABLES)) {
    const raw = env[name];
    const value =
      raw === undefined || raw === "" ? Value.Default(schema, undefined) : Value.Convert(schema, raw);
    if (value === undefined) {
      if (required.some((wanted) => wanted === name)) faults.push(`${name} is required`);
    } else if (Value.Check(schema, value)) given[name] = value;
    else faults.push(`${name} is ${describe(name, raw)}, but ${expectation(schema)}`);
  }
  if (env["MQTTS_PORT"] && !(env["TLS_CERT_FILE"] && env["TLS_KEY_FILE"])) {
    faults.push("MQTTS_PORT needs TLS_CERT_FILE and TLS_KEY_FILE beside it");
  }
  if (env["TLS_CLIENT_CA_FILE"] && !env["MQTTS_PORT"]) {
    faults.push("TLS_CLIENT_CA_FILE needs MQTTS_PORT: certificates are only shown over TLS");
  }
  if (faults.length > 0) {
    throw new KoproError(
      "config_invalid",
      `The environment is not valid:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
      {
        extra: { faults },
      },
    );
  }
  // Every required variable was found above, so the narrower type holds.
  return given as Config & { [Name in Required]-?: NonNullable<Config[Name]> };
}

/** A password or key is named, never shown. */
function describe(name: string, raw: string | undefined): string {
  return /(?:PASSWORD|URL|SECRET_KEY)$/.test(name) ? "not acceptable" : JSON.stringify(raw);
}

function expectation(schema: TSchema): string {
  const { pattern, minimum, maximum, minLength } = schema as {
    pattern?: string;
    minimum?: number;
    maximum?: number;
    minLength?: number;
  };
  const values = (schema as { enum?: readonly string[] }).enum;
  if (values !== undefined) return `must be one of ${values.join(", ")}`;
  if (pattern !== undefined) return `must match ${pattern}`;
  if ("type" in schema && schema.type === "boolean") return "must be true or false";
  if (minimum !== undefined) return `must be a whole number from ${minimum} to ${maximum}`;
  return `must have at least ${minLength ?? 1} characters`;
}
