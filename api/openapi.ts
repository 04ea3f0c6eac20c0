// The OpenAPI 3.1 document, from the same schemas that check the requests.
import swagger from "@fastify/swagger";
import type { RouteOptions } from "fastify";
import { Problem, namedSchemas, ref } from "./schemas/index.ts";
import { PUBLIC } from "./access.ts";
import type { Api } from "./services.ts";

const TAGS = {
  Session: "Signing in, invitations and API tokens.",
  Users: "People and what they may look after.",
  Organisations: "The association, coordinators, syndics and suppliers.",
  Buildings: "Buildings and their units.",
  "Supply points": "Connections to the grids and what they pay.",
  Consents: "Who allowed what, from and until when.",
  Devices: "What is plugged in and speaks MQTT.",
  Registers: "What a device measures, raw, and to which supply point it counts.",
  Load: "Load profiles and the live stream.",
  Tenders: "Buying as a group: who takes part, the dossier, bids, their evaluation, the award.",
  Imports: "History that comes in files.",
  Quarantine: "What could not be read.",
  Health: "Whether the service works.",
};

const DESCRIPTION = `
Meters in, validated load profiles out. Identifiers are strings, timestamps RFC 3339 in UTC, money decimal strings beside
their currency, lists \`{items, nextCursor}\`. Failures are RFC 9457 problem details with a stable \`code\`. What is derived
carries an \`ETag\`; series come as \`text/csv\` to whoever asks by \`Accept\`. What you may not know of is \`not_found\`.`;

/** Must come before any route. */
export async function describe(app: Api): Promise<void> {
  for (const schema of namedSchemas()) app.addSchema(schema);
  app.addHook("onRoute", addFailures);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "KoproGo Energy",
        version: "1",
        description: DESCRIPTION.trim(),
        license: { name: "AGPL-3.0-only" },
      },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "The token of a session, or an API token." },
          cookie: {
            type: "apiKey",
            in: "cookie",
            name: "koprogo_session",
            description: "The dashboard's; changes need `x-csrf-token` beside it.",
          },
        },
      },
      security: [{ bearer: [] }, { cookie: [] }],
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => nameOf(json) ?? `def-${i}` },
  });
  app.get(
    "/openapi.json",
    { config: { access: PUBLIC }, schema: { hide: true } },
    async (_request, reply) => {
      void reply.type("application/json; charset=utf-8");
      return JSON.stringify(app.swagger());
    },
  );
}

function nameOf(json: { $id?: unknown }): string | undefined {
  return typeof json.$id === "string" ? json.$id : undefined;
}

/** Every route can fail, always in the same form; public ones need no credential. */
function addFailures(route: RouteOptions): void {
  const { schema } = route;
  if (schema === undefined || schema.hide === true) return;
  const access = route.config?.access;
  route.schema = {
    ...schema,
    ...(access !== undefined && "public" in access ? { security: [] } : {}),
    response: {
      ...(schema.response as object | undefined),
      default: {
        description: "A failure.",
        content: { "application/problem+json": { schema: ref(Problem) } },
      },
    },
  };
}
