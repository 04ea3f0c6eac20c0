// What people look at of a fleet while it speaks: lists, a building and its devices, today's load, a meter's readings.
import { DAY_MS } from "#devices/time";
import type { Asked } from "../bench/requester.ts";
import type { ApiClient } from "../portfolio/api-client.ts";

type Named = { readonly id: string };

const BUILDINGS_LOOKED_AT = 20;

/** As the owner of `token` sees it; after the meters have spoken, or there are no registers to look at. */
export async function requestsOf(
  api: ApiClient,
  token: string,
  buildingIds: readonly string[],
  nowMs: number,
): Promise<Asked[]> {
  const today = new URLSearchParams({
    from: new Date(Math.floor(nowMs / DAY_MS) * DAY_MS).toISOString(),
    to: new Date((Math.floor(nowMs / DAY_MS) + 1) * DAY_MS).toISOString(),
  });
  const every = Math.max(1, Math.floor(buildingIds.length / BUILDINGS_LOOKED_AT));
  const looked = buildingIds.filter((_, index) => index % every === 0).slice(0, BUILDINGS_LOOKED_AT);
  const asked: Asked[] = [{ path: "/v1/buildings?limit=100", token, weight: looked.length }];
  for (const id of looked) {
    const path = `/v1/buildings/${id}`;
    asked.push(
      { path, token, weight: 1 },
      { path: `${path}/devices?limit=100`, token, weight: 2 },
      { path: `${path}/supply-points?limit=100`, token, weight: 1 },
      { path: `${path}/load?carrier=electricity&resolution=quarter-hour&${today}`, token, weight: 3 },
    );
    const devices = await api.list<Named>(`${path}/devices`);
    for (const device of devices.toReversed()) {
      const registers = await api.list<Named>(`/v1/devices/${device.id}/registers`);
      const [register] = registers;
      if (register === undefined) continue;
      asked.push({ path: `/v1/devices/${device.id}/registers`, token, weight: 1 });
      asked.push({ path: `/v1/registers/${register.id}/readings?limit=100&${today}`, token, weight: 2 });
      break;
    }
  }
  return asked;
}
