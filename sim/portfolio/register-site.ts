// Registers a planned building through the API. What is there already is found by its name and kept, so it can be repeated.
import type { Carrier } from "#devices/vocabulary";
import type { ApiClient } from "./api-client.ts";
import type { DevicePlan, Site, SupplyPointPlan } from "./site-plan.ts";

export type RegisteredSite = {
  readonly site: Site;
  readonly buildingId: string;
  /** By key of the plan. */
  readonly supplyPointIds: ReadonlyMap<string, string>;
  readonly unitIds: ReadonlyMap<string, string>;
  readonly devices: readonly RegisteredDevice[];
};

export type RegisteredDevice = {
  readonly plan: DevicePlan;
  readonly id: string;
  readonly secret: string;
  /** It was not there before. */
  readonly isNew: boolean;
};

export type RegisterSiteOptions = {
  readonly api: ApiClient;
  readonly organisationId: string;
  /** The secret of a device that was registered before, where it is still known; else it gets a new one. */
  knownSecret(deviceId: string): string | undefined;
  /** Start of the consents, RFC 3339. */
  readonly consentFrom: string;
};

type Named = { readonly id: string; readonly name: string };
/** What a building has of these already. */
type Known = <Item>(list: "units" | "supply-points" | "devices") => Promise<readonly Item[]>;

export async function registerSite(site: Site, options: RegisterSiteOptions): Promise<RegisteredSite> {
  const { api } = options;
  let isNew = false;
  const building = await findOrAdd(api, "/v1/buildings", site.plan.name, () => {
    isNew = true;
    const { name, address, postalCode, country, region, timezone, dwellings, heatedAreaM2 } = site.plan;
    const { organisationId } = options;
    return { name, address, postalCode, country, region, timezone, dwellings, heatedAreaM2, organisationId };
  });
  const path = `/v1/buildings/${building.id}`;
  // What a new building has need not be asked: a portfolio of dozens is registered while somebody waits.
  const known: Known = isNew ? () => Promise.resolve([]) : (list) => api.list(`${path}/${list}`);
  const unitIds = await registerUnits(path, site, known, api);
  const supplyPointIds = await registerSupplyPoints(path, site, { ...options, unitIds, known });
  const devices = await registerDevices(path, site, supplyPointIds, { ...options, known });
  return { site, buildingId: building.id, supplyPointIds, unitIds, devices };
}

/** The one of this name in the list at `path`, or a new one. */
export async function findOrAdd<Item extends Named>(
  api: ApiClient,
  path: string,
  name: string,
  body: () => Record<string, unknown>,
): Promise<Item> {
  const known = await api.list<Item>(path);
  return known.find((item) => item.name === name) ?? (await api.send<Item>("POST", path, body()));
}

async function registerUnits(
  path: string,
  site: Site,
  known: Known,
  api: ApiClient,
): Promise<Map<string, string>> {
  const ids = new Map((await known<Named>("units")).map(({ id, name }) => [name, id]));
  for (const { unit } of site.supplyPoints) {
    if (unit === undefined || ids.has(unit)) continue;
    const { id } = await api.send<Named>("POST", `${path}/units`, { name: unit, kind: "dwelling" });
    ids.set(unit, id);
  }
  return ids;
}

type KnownSupplyPoint = {
  readonly id: string;
  readonly carrier: Carrier;
  readonly scope: "common" | "private";
  readonly unitId: string | null;
};

async function registerSupplyPoints(
  path: string,
  site: Site,
  options: RegisterSiteOptions & { readonly unitIds: ReadonlyMap<string, string>; readonly known: Known },
): Promise<Map<string, string>> {
  const { unitIds } = options;
  const known = await options.known<KnownSupplyPoint>("supply-points");
  const ids = new Map<string, string>();
  for (const plan of site.supplyPoints) {
    const unitId = plan.unit === undefined ? null : (unitIds.get(plan.unit) ?? null);
    const scope = unitId === null ? "common" : "private";
    const found = known.find(
      (point) =>
        point.carrier === plan.carrier &&
        point.scope === scope &&
        (scope === "common" || point.unitId === unitId),
    );
    const id = found?.id ?? (await addSupplyPoint(path, plan, unitId, options.api));
    await completeSupplyPoint(id, plan, options, found === undefined);
    ids.set(plan.key, id);
  }
  return ids;
}

async function addSupplyPoint(
  path: string,
  plan: SupplyPointPlan,
  unitId: string | null,
  api: ApiClient,
): Promise<string> {
  const { id } = await api.send<KnownSupplyPoint>("POST", `${path}/supply-points`, {
    carrier: plan.carrier,
    direction: plan.direction,
    scope: unitId === null ? "common" : "private",
    vatRate: 0.06,
    ...(plan.code === undefined ? {} : { code: plan.code }),
    ...(plan.connectionKva === undefined ? {} : { connectionKva: plan.connectionKva }),
    ...(unitId === null ? {} : { unitId }),
  });
  return id;
}

/** Contract first, consents last: a supply point with all consents is complete, whatever interrupted an earlier attempt. */
async function completeSupplyPoint(
  id: string,
  plan: SupplyPointPlan,
  { api, consentFrom }: RegisterSiteOptions,
  isNew: boolean,
): Promise<void> {
  const path = `/v1/supply-points/${id}`;
  const given = isNew ? [] : await api.list<{ purpose: string }>(`${path}/consents`);
  const missing = plan.consents.filter((purpose) => given.every((one) => one.purpose !== purpose));
  if (missing.length > 0 && plan.contract !== undefined) {
    await api.send("PUT", `${path}/contract`, { ...plan.contract, currency: "EUR", vat: "excluded" });
  }
  for (const purpose of missing) {
    const evidence = "Simulated: decision of the general meeting";
    await api.send("POST", `${path}/consents`, { purpose, from: consentFrom, evidence });
  }
}

async function registerDevices(
  path: string,
  site: Site,
  supplyPointIds: ReadonlyMap<string, string>,
  options: RegisterSiteOptions & { readonly known: Known },
): Promise<RegisteredDevice[]> {
  const known = await options.known<Named>("devices");
  const devices: RegisteredDevice[] = [];
  for (const plan of site.devices) {
    const found = known.find(({ name }) => name === plan.name);
    devices.push(
      found === undefined
        ? await addDevice(path, plan, supplyPointIds, options.api)
        : { plan, id: found.id, secret: await secretOf(found.id, options), isNew: false },
    );
  }
  return devices;
}

async function addDevice(
  path: string,
  plan: DevicePlan,
  supplyPointIds: ReadonlyMap<string, string>,
  api: ApiClient,
): Promise<RegisteredDevice> {
  const supplyPoints = Object.fromEntries(
    Object.entries(plan.supplyPoints).map(([carrier, key]) => [carrier, supplyPointIds.get(key)]),
  );
  const { id, secret } = await api.send<{ id: string; secret: string }>("POST", `${path}/devices`, {
    name: plan.name,
    profile: plan.speech.profile,
    expectedIntervalS: plan.expectedIntervalS,
    supplyPoints,
  });
  return { plan, id, secret, isNew: true };
}

async function secretOf(deviceId: string, options: RegisterSiteOptions): Promise<string> {
  return options.knownSecret(deviceId) ?? (await renewSecret(options.api, deviceId));
}

/** A new secret; what the device held before is worth nothing any more. */
export async function renewSecret(api: ApiClient, deviceId: string): Promise<string> {
  const { secret } = await api.send<{ secret: string }>("POST", `/v1/devices/${deviceId}/secret`, {});
  return secret;
}
