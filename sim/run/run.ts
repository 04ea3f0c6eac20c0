// A run: registers buildings drawn from the seed, publishes their story, and verifies what became of it.
import { DAY_MS, utcDay, type TimeSource } from "#devices/time";
import type { ApiClient } from "../portfolio/api-client.ts";
import { drawSites } from "../portfolio/drawn-sites.ts";
import { findOrAdd, registerSite, type RegisteredSite } from "../portfolio/register-site.ts";
import { createSite } from "../portfolio/site.ts";
import type { RunOptions } from "./options.ts";
import { publish } from "./publish.ts";
import { verify, type Report } from "./verify.ts";

export type RunEnvironment = {
  readonly api: ApiClient;
  readonly mqttUrl: string;
  readonly time: TimeSource;
  readonly stop: AbortSignal;
  /** Progress, for people. */
  report(text: string): void;
};

export async function run(options: RunOptions, environment: RunEnvironment): Promise<Report> {
  const sites = await registerDrawnSites(options, environment.api);
  const devices = sites.flatMap((site) => site.devices);
  environment.report(`${sites.length} buildings with ${devices.length} devices are registered`);
  const published = await publish(devices, environment.mqttUrl, options, environment);
  environment.report(`${published.published} published, ${published.acknowledged} acknowledged`);
  return verify(sites, published, environment.api, options, environment);
}

/** Its own buildings per seed and start, so that a second run with another start does not contradict the first. */
export async function registerDrawnSites(options: RunOptions, api: ApiClient): Promise<RegisteredSite[]> {
  const organisation = await findOrAdd(api, "/v1/organisations", "Simulation", () => ({
    name: "Simulation",
    kind: "coordinator",
  }));
  const label = `${options.seed} ${utcDay(options.fromMs)}`;
  const sites: RegisteredSite[] = [];
  for (const plan of drawSites(options.buildings, options.seed, label)) {
    const site = createSite(plan, {
      seed: options.seed,
      firstDay: Math.floor(options.fromMs / DAY_MS) - 1,
      contractStart: utcDay(options.fromMs),
    });
    const registered = await registerSite(site, {
      api,
      organisationId: organisation.id,
      consentFrom: new Date(options.fromMs).toISOString(),
      knownSecret: () => undefined,
    });
    sites.push(registered);
  }
  return sites;
}
