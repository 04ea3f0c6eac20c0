// Organisations, buildings and units.
import { KoproError } from "#devices/error";
import type { Role } from "#devices/vocabulary";
import {
  createBuilding,
  createOrganisation,
  createUnit,
  findBuilding,
  listBuildings,
  listOrganisations,
  listUnits,
  updateBuilding,
  type Building as BuildingRow,
  type BuildingInput,
  type Organisation as OrganisationRow,
  type Unit as UnitRow,
} from "#store";
import { EVERYONE, found, idOf, viewerOf } from "../access.ts";
import { identifierIn, invalid, listed, pageRequest } from "../identifier.ts";
import {
  Building,
  BuildingList,
  BuildingPatch,
  NewBuilding,
  NewOrganisation,
  NewUnit,
  Organisation,
  OrganisationList,
  PAGE,
  Unit,
  UnitList,
  query,
  ref,
} from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";

const KEEPERS: readonly Role[] = ["admin", "coordinator"];
const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];

export function organisationRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/organisations",
    {
      config: { access: { roles: EVERYONE } },
      schema: {
        summary: "Organisations: all for an administrator, one's own for everybody else",
        tags: ["Organisations"],
        querystring: query(PAGE),
        response: { 200: ref(OrganisationList) },
      },
    },
    async (request) =>
      listed(
        await listOrganisations(pool, viewerOf(request).scope, pageRequest(request.query)),
        presentOrganisation,
      ),
  );

  app.post(
    "/v1/organisations",
    {
      config: { access: { roles: ["admin"] } },
      schema: {
        summary: "Create an organisation; a coordinator unless `kind` says otherwise",
        tags: ["Organisations"],
        body: ref(NewOrganisation),
        response: { 201: ref(Organisation) },
      },
    },
    async (request, reply) => {
      const { name, kind } = request.body;
      const organisation = { name, kind: kind ?? "coordinator" };
      const created = found(await createOrganisation(pool, viewerOf(request).scope, organisation));
      void reply.code(201);
      return presentOrganisation(created);
    },
  );
}

export function buildingRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/buildings",
    {
      config: { access: { roles: EVERYONE } },
      schema: {
        summary: "The buildings that I may see",
        tags: ["Buildings"],
        querystring: query(PAGE),
        response: { 200: ref(BuildingList) },
      },
    },
    async (request) =>
      listed(await listBuildings(pool, viewerOf(request).scope, pageRequest(request.query)), presentBuilding),
  );

  app.post(
    "/v1/buildings",
    {
      config: { access: { roles: KEEPERS } },
      schema: {
        summary: "Add a building to my organisation",
        tags: ["Buildings"],
        body: ref(NewBuilding),
        response: { 201: ref(Building) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { organisationId, timezone, heatedAreaM2, gasZone, ...rest } = request.body;
      const input: BuildingInput = {
        ...rest,
        organisationId:
          organisationId === undefined
            ? scope.organisationId
            : identifierIn(organisationId, "/organisationId"),
        timezone: timezone ?? defaultTimezone(rest.country),
        heatedAreaM2: heatedAreaM2 ?? null,
        gasZone: gasZone ?? null,
      };
      refuseContradictions(input);
      const created = await createBuilding(pool, scope, input);
      if (created === undefined)
        throw invalid("/organisationId", "is not an organisation that you may add to");
      void reply.code(201);
      return presentBuilding(created);
    },
  );

  app.get(
    "/v1/buildings/:id",
    {
      config: { access: { roles: TENANTS, sees: ["building", "id"] } },
      schema: { summary: "One building", tags: ["Buildings"], response: { 200: ref(Building) } },
    },
    async (request) =>
      presentBuilding(found(await findBuilding(pool, viewerOf(request).scope, idOf(request)))),
  );

  app.patch(
    "/v1/buildings/:id",
    {
      config: { access: { roles: KEEPERS, sees: ["building", "id"] } },
      schema: {
        summary: "Change a building",
        tags: ["Buildings"],
        body: ref(BuildingPatch),
        response: { 200: ref(Building) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const id = idOf(request);
      const before = found(await findBuilding(pool, scope, id));
      const after: BuildingInput = { ...before, ...request.body };
      refuseContradictions(after);
      return presentBuilding(found(await updateBuilding(pool, scope, id, after)));
    },
  );
}

export function unitRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/buildings/:id/units",
    {
      config: { access: { roles: TENANTS, sees: ["building", "id"] } },
      schema: {
        summary: "The units of a building",
        tags: ["Buildings"],
        querystring: query(PAGE),
        response: { 200: ref(UnitList) },
      },
    },
    async (request) =>
      listed(
        await listUnits(pool, viewerOf(request).scope, idOf(request), pageRequest(request.query)),
        presentUnit,
      ),
  );

  app.post(
    "/v1/buildings/:id/units",
    {
      config: { access: { roles: KEEPERS, sees: ["building", "id"] } },
      schema: {
        summary: "Add a unit; a dwelling unless `kind` says otherwise",
        tags: ["Buildings"],
        body: ref(NewUnit),
        response: { 201: ref(Unit) },
      },
    },
    async (request, reply) => {
      const { name, kind } = request.body;
      const unit = { buildingId: idOf(request), name, kind: kind ?? "dwelling" };
      const created = found(await createUnit(pool, viewerOf(request).scope, unit));
      void reply.code(201);
      return presentUnit(created);
    },
  );
}

/** Countries that lie in one zone. */
const TIMEZONES: Readonly<Record<string, string>> = {
  BE: "Europe/Brussels",
  FR: "Europe/Paris",
  IT: "Europe/Rome",
  LU: "Europe/Luxembourg",
  NL: "Europe/Amsterdam",
};

function defaultTimezone(country: string): string {
  const timezone = TIMEZONES[country];
  if (timezone === undefined) throw invalid("/timezone", `is needed for ${country}`);
  return timezone;
}

function refuseContradictions(building: BuildingInput): void {
  if (!building.region.startsWith(building.country)) {
    throw invalid("/region", `${building.region} is not a region of ${building.country}`);
  }
  if (!isTimezone(building.timezone)) throw invalid("/timezone", `${building.timezone} is not an IANA zone`);
}

function isTimezone(name: string): boolean {
  try {
    // Offsets such as +01:00 are accepted by the engine too, but know no summer.
    return (
      /^[A-Za-z]/.test(name) &&
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name) !== undefined
    );
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw new KoproError("internal", "The time zone could not be checked.", { cause: error });
  }
}

function presentOrganisation(organisation: OrganisationRow) {
  return {
    id: String(organisation.id),
    name: organisation.name,
    kind: organisation.kind,
    createdAt: organisation.createdAt.toISOString(),
  };
}

function presentBuilding(building: BuildingRow) {
  return { ...building, id: String(building.id), organisationId: String(building.organisationId) };
}

function presentUnit(unit: UnitRow) {
  return { ...unit, id: String(unit.id), buildingId: String(unit.buildingId) };
}
