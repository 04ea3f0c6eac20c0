// Connectors: a device whose messages are on somebody else's broker is heard there. Set up, looked at, removed.
import { randomBytes, X509Certificate } from "node:crypto";
import { KoproError } from "#devices/error";
import type { Role } from "#devices/vocabulary";
import {
  CONNECTOR_FAULTS,
  CONNECTOR_PRESETS,
  CONNECTOR_SCHEMES,
  isTopicFilter,
  presetTopics,
  targetOf,
  type UrlFault,
} from "#ingest";
import {
  findConnector,
  inTransaction,
  listConnectors,
  passwordBelongsTo,
  putConnector,
  removeConnector,
  type Connector as Row,
  type ConnectorKind,
  type SecretBox,
} from "#store";
import { found, idOf, notFound, viewerOf } from "../access.ts";
import { invalid, listed, pageRequest } from "../identifier.ts";
import { Connector, ConnectorList, NewConnector, Nothing, PAGE, query, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";

const KEEPERS: readonly Role[] = ["admin", "coordinator"];
/** With its prefix 23 letters and digits, which every broker takes [MQTT-3.1.3-5]. */
const CLIENT_ID_RANDOM_BYTES = 8;

export function connectorRoutes(app: Api, { pool, connectors }: Services): void {
  app.get(
    "/v1/buildings/:id/connectors",
    {
      config: { access: { roles: KEEPERS, sees: ["building", "id"] } },
      schema: {
        summary: "The connectors of a building's devices, and how it goes there",
        tags: ["Devices"],
        querystring: query(PAGE),
        response: { 200: ref(ConnectorList) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      return listed(
        await listConnectors(pool, scope, idOf(request), pageRequest(request.query)),
        presentConnector,
      );
    },
  );

  app.get(
    "/v1/devices/:id/connector",
    {
      config: { access: { roles: KEEPERS, sees: ["device", "id"] } },
      schema: {
        summary: "Where else the device's messages are, and how it goes there",
        tags: ["Devices"],
        response: { 200: ref(Connector) },
      },
    },
    async (request) =>
      presentConnector(found(await findConnector(pool, viewerOf(request).scope, idOf(request)))),
  );

  app.put(
    "/v1/devices/:id/connector",
    {
      config: { access: { roles: KEEPERS, sees: ["device", "id"] } },
      schema: {
        summary: "Hear the device's messages on somebody else's broker",
        description:
          "For data that stay at The Things Stack, at ChirpStack in the cloud or at Sinapsi. What comes there is taken in as if the device had published it here; give a gateway's device a profile `gateway`, and what speaks through it can be claimed. The broker is reached from a public address only, unless configured otherwise.",
        tags: ["Devices"],
        body: ref(NewConnector),
        response: { 200: ref(Connector) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const deviceId = idOf(request);
      const { secrets, allowPrivate } = usable(connectors);
      const { kind, username = "", password, caCertificate = null } = request.body;
      const url = urlIn(kind, request.body.url, allowPrivate);
      const input = {
        kind,
        url,
        username,
        passwordSealed:
          typeof password === "string"
            ? secrets.seal(password, passwordBelongsTo({ deviceId, url, username }))
            : password,
        topics: topicsIn(kind, username, request.body.topics),
        caPem: certificateIn(caCertificate),
        newClientId: `koprogo${randomBytes(CLIENT_ID_RANDOM_BYTES).toString("hex")}`,
      };
      const connector = await inTransaction(pool, async (client) => {
        const outcome = await putConnector(client, scope, deviceId, input);
        if (outcome === "unknown_device") throw notFound();
        if (outcome === "behind_gateway") {
          throw new KoproError(
            "state_forbidden",
            "A device behind a gateway is heard through it: give the gateway the connector.",
          );
        }
        if (outcome === "password_missing")
          throw invalid("/password", "is needed again where url or username are others");
        return found(await findConnector(client, scope, deviceId));
      });
      return presentConnector(connector);
    },
  );

  app.delete(
    "/v1/devices/:id/connector",
    {
      config: { access: { roles: KEEPERS, sees: ["device", "id"] } },
      schema: {
        summary: "Leave the other broker; the device and its readings stay",
        tags: ["Devices"],
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      if (!(await inTransaction(pool, (client) => removeConnector(client, scope, idOf(request)))))
        throw notFound();
      return reply.code(204).send(null);
    },
  );
}

function usable(connectors: Services["connectors"]): { secrets: SecretBox; allowPrivate: boolean } {
  const { secrets, allowPrivate } = connectors;
  if (secrets !== undefined) return { secrets, allowPrivate };
  throw new KoproError(
    "dependency_missing",
    "No password can be kept: this installation has no key. Its administrator sets KOPROGO_SECRET_KEY.",
  );
}

const URL_FAULTS: Readonly<Record<UrlFault, string>> = {
  not_a_url: "is not the address of a broker",
  scheme: `must begin with one of ${CONNECTOR_SCHEMES.map((scheme) => `${scheme}://`).join(", ")}`,
  credentials: "must not hold a user name or password: they have members of their own",
  extra: "must be a host and a port; only ws and wss have a path",
  forbidden_address: "leads to this machine, a private network or an address that no broker has",
};

function urlIn(kind: ConnectorKind, given: string | undefined, allowPrivate: boolean): string {
  const url = given ?? CONNECTOR_PRESETS[kind].url;
  if (url === undefined) throw invalid("/url", `is needed for ${kind}`);
  const target = targetOf(url, allowPrivate);
  if (typeof target === "string") throw invalid("/url", URL_FAULTS[target]);
  return url;
}

function topicsIn(
  kind: ConnectorKind,
  username: string,
  given: readonly string[] | undefined,
): readonly string[] {
  const topics = given ?? presetTopics(kind, username);
  if (topics.length === 0) {
    throw given === undefined && kind === "sinapsi"
      ? invalid("/username", "is needed: the topics of Sinapsi begin with it")
      : invalid("/topics", `are needed for ${kind}`);
  }
  topics.forEach((topic, place) => {
    if (!isTopicFilter(topic)) throw invalid(`/topics/${place}`, "is not a topic filter of MQTT");
  });
  return topics;
}

function certificateIn(pem: string | null): string | null {
  if (pem === null) return null;
  try {
    void new X509Certificate(pem).fingerprint256;
    return pem;
  } catch {
    throw invalid("/caCertificate", "is not a certificate in PEM");
  }
}

function presentConnector(row: Row) {
  const { errorCode, errorDetail, errorAt } = row;
  return {
    deviceId: String(row.deviceId),
    kind: row.kind,
    url: row.url,
    username: row.username,
    hasPassword: row.hasPassword,
    topics: [...row.topics],
    caCertificate: row.caPem,
    state: row.state,
    since: row.since.toISOString(),
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    lastError:
      errorCode === null || errorDetail === null || errorAt === null
        ? null
        : {
            code: CONNECTOR_FAULTS.find((known) => known === errorCode) ?? "other",
            detail: errorDetail,
            at: errorAt.toISOString(),
          },
    lastMessageAt: row.lastMessageAt?.toISOString() ?? null,
    messages: row.messages,
    createdAt: row.createdAt.toISOString(),
    changedAt: row.changedAt.toISOString(),
  };
}
