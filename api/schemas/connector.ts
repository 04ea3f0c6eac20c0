// Connectors: the broker of somebody else on which a device's messages are, and how it goes there.
import { Type } from "typebox";
import { CONNECTOR_FAULTS } from "#ingest";
import { CONNECTOR_KINDS, CONNECTOR_STATES } from "#store";
import { Id, Instant, body, listOf, named, nullable, oneOf, text } from "./shape.ts";

const TOPICS_MAX = 16;
const Url = Type.String({
  minLength: 1,
  maxLength: 2000,
  description: "`mqtt`, `mqtts`, `ws` or `wss`, without a user name or password in it.",
  examples: ["mqtts://eu1.cloud.thethings.network:8883"],
});
const Topics = Type.Array(text(1024), {
  maxItems: TOPICS_MAX,
  description: "MQTT topic filters. Those of the kind, where it has any, by default.",
  examples: [["v3/+/devices/+/up"]],
});
const CaCertificate = nullable(
  Type.String({
    minLength: 1,
    maxLength: 65_536,
    description: "PEM of the authority that signed the broker's certificate; null: the public authorities.",
  }),
);

export const Connector = named("Connector", {
  deviceId: Id,
  kind: oneOf(CONNECTOR_KINDS),
  url: Url,
  username: Type.String(),
  hasPassword: Type.Boolean({ description: "The password itself is never shown." }),
  topics: Topics,
  caCertificate: CaCertificate,
  state: Type.Unsafe<(typeof CONNECTOR_STATES)[number]>({
    type: "string",
    enum: [...CONNECTOR_STATES],
    description:
      "`waiting`: no process has taken it yet. `refused`: the broker said no, or something has to be mended. `unreachable`: tried again at `nextAttemptAt`.",
  }),
  since: Instant,
  nextAttemptAt: nullable(Instant),
  lastError: nullable(
    Type.Object({
      code: oneOf(CONNECTOR_FAULTS),
      detail: Type.String({ description: "In words, in English." }),
      at: Instant,
    }),
  ),
  lastMessageAt: nullable(Instant),
  messages: Type.Integer({
    minimum: 0,
    description: "Since the connector exists; written every ten seconds.",
  }),
  createdAt: Instant,
  changedAt: Instant,
});

export const ConnectorList = listOf(Connector);
export const NewConnector = body("NewConnector", {
  kind: oneOf(CONNECTOR_KINDS),
  url: Type.Optional(Url),
  username: Type.Optional(
    Type.String({ maxLength: 500, pattern: "^[^\\u0000]*$", description: "None by default." }),
  ),
  password: Type.Optional(
    nullable(
      Type.String({
        maxLength: 2000,
        pattern: "^[^\\u0000]*$",
        description:
          "Never shown again. Absent: as it is, which only the same url and username may ask for. null: none.",
      }),
    ),
  ),
  topics: Type.Optional(Topics),
  caCertificate: Type.Optional(CaCertificate),
});
